// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <vector>

#include "kedge/grid/nested_dissection.hpp"

namespace kedge::grid {
namespace {

using Offsets = std::vector<std::array<int, 3>>;

Offsets star(int reach) {
  Offsets out;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (int step = -reach; step <= reach; ++step) {
      std::array<int, 3> offset{};
      offset[axis] = step;
      if (step != 0) out.push_back(offset);
    }
  }
  return out;
}

/// Neighbours along one or two axes.
Offsets faces_and_edges() {
  Offsets out;
  for (int i = -1; i <= 1; ++i) {
    for (int j = -1; j <= 1; ++j) {
      for (int k = -1; k <= 1; ++k) {
        const int steps = std::abs(i) + std::abs(j) + std::abs(k);
        if (steps == 1 || steps == 2) out.push_back({i, j, k});
      }
    }
  }
  return out;
}

/// Entries of the Cholesky factor, by symbolic elimination with sets.
std::size_t factor_entries(const SphereGrid& grid, const Offsets& offsets,
                           const std::vector<std::int32_t>& position) {
  const auto n = static_cast<std::size_t>(grid.size());
  std::vector<std::set<std::int32_t>> later(n);  // in positions
  for (std::int32_t i = 0; i < grid.size(); ++i) {
    for (const auto& offset : offsets) {
      auto node = grid.node(i);
      for (std::size_t axis = 0; axis < 3; ++axis) node[axis] += offset[axis];
      const std::int32_t j = grid.index(node);
      const std::int32_t from = position[static_cast<std::size_t>(i)];
      if (j < 0 || position[static_cast<std::size_t>(j)] <= from) continue;
      later[static_cast<std::size_t>(from)].insert(position[static_cast<std::size_t>(j)]);
    }
  }
  std::size_t entries = n;
  for (std::size_t i = 0; i < n; ++i) {
    entries += later[i].size();
    if (later[i].empty()) continue;
    // Column i joins the column of its parent, its first later neighbour.
    const auto parent = static_cast<std::size_t>(*later[i].begin());
    later[parent].insert(std::next(later[i].begin()), later[i].end());
  }
  return entries;
}

TEST(NestedDissection, IsAPermutation) {
  for (const Offsets& offsets : {star(1), star(2), star(4), faces_and_edges()}) {
    const SphereGrid grid(0.5, 3.1, Eigen::Vector3d(0.1, 0.2, -0.05));
    std::vector<std::int32_t> position = nested_dissection(grid, offsets);
    std::sort(position.begin(), position.end());
    for (std::int32_t i = 0; i < grid.size(); ++i) {
      ASSERT_EQ(position[static_cast<std::size_t>(i)], i) << offsets.size();
    }
  }
}

TEST(NestedDissection, FillsFarLessThanTheLexicographicOrder) {
  // 2103 nodes: the lexicographic order fills two slabs of up to 197 nodes beside each column, 596
  // 079 entries; the cuts give 265 817, 2.2 times fewer. 1.5 leaves room for another choice of
  // equal cuts.
  const SphereGrid grid(0.5, 4.0, Eigen::Vector3d::Zero());
  std::vector<std::int32_t> lexicographic(static_cast<std::size_t>(grid.size()));
  for (std::int32_t i = 0; i < grid.size(); ++i) lexicographic[static_cast<std::size_t>(i)] = i;
  EXPECT_LT(
      1.5 * static_cast<double>(factor_entries(grid, star(2), nested_dissection(grid, star(2)))),
      static_cast<double>(factor_entries(grid, star(2), lexicographic)));
}

}  // namespace
}  // namespace kedge::grid
