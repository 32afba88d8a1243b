// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/grid/nested_dissection.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <span>

namespace kedge::grid {
namespace {

using Normal = std::array<int, 3>;

constexpr std::array<Normal, 13> kNormals{{{1, 0, 0},
                                           {0, 1, 0},
                                           {0, 0, 1},
                                           {1, 1, 0},
                                           {1, -1, 0},
                                           {1, 0, 1},
                                           {1, 0, -1},
                                           {0, 1, 1},
                                           {0, 1, -1},
                                           {1, 1, 1},
                                           {1, 1, -1},
                                           {1, -1, 1},
                                           {1, -1, -1}}};
constexpr std::size_t kSmallest = 8;  // sets that are not cut any more
constexpr double kLargestPart = 0.6;  // of a set
constexpr double kUnevenness =
    0.5;  // what halves of different size count against the size of the cut

struct Cut {
  Normal normal{};
  int first = 0;  // plane
  int planes = 0;
  double cost = std::numeric_limits<double>::infinity();
};

class Dissection {
 public:
  Dissection(const SphereGrid& grid, const std::vector<std::array<int, 3>>& offsets)
      : grid_(grid), position_(static_cast<std::size_t>(grid.size())) {
    for (std::size_t k = 0; k < kNormals.size(); ++k) {
      for (const auto& offset : offsets) {
        reach_[k] = std::max(reach_[k], std::abs(along(kNormals[k], offset)));
      }
    }
  }

  std::vector<std::int32_t> operator()() {
    std::vector<std::int32_t> nodes(position_.size());
    std::iota(nodes.begin(), nodes.end(), 0);
    dissect(nodes, 0);
    return std::move(position_);
  }

 private:
  static int along(const Normal& normal, const std::array<std::int32_t, 3>& node) {
    return normal[0] * node[0] + normal[1] * node[1] + normal[2] * node[2];
  }
  [[nodiscard]] int plane(std::int32_t n, const Normal& normal) const {
    return along(normal, grid_.node(n));
  }

  void dissect(std::span<std::int32_t> nodes, std::int32_t start) {
    Cut best;
    if (nodes.size() > kSmallest) {
      for (std::size_t k = 0; k < kNormals.size(); ++k) consider(nodes, k, best);
    }
    if (best.cost == std::numeric_limits<double>::infinity()) {
      for (const std::int32_t n : nodes) position_[static_cast<std::size_t>(n)] = start++;
      return;
    }
    const auto below = std::partition(nodes.begin(), nodes.end(), [&](std::int32_t n) {
      return plane(n, best.normal) < best.first;
    });
    const auto above = std::partition(below, nodes.end(), [&](std::int32_t n) {
      return plane(n, best.normal) >= best.first + best.planes;
    });
    const auto lower = static_cast<std::int32_t>(below - nodes.begin());
    const auto halves = static_cast<std::int32_t>(above - nodes.begin());
    std::int32_t next = start + halves;
    for (auto n = above; n != nodes.end(); ++n) position_[static_cast<std::size_t>(*n)] = next++;
    dissect({nodes.begin(), below}, start);
    dissect({below, above}, start + lower);
  }

  /// The best cut by planes of one normal.
  void consider(std::span<const std::int32_t> nodes, std::size_t k, Cut& best) {
    const Normal& normal = kNormals[k];
    const int reach = reach_[k];
    int least = std::numeric_limits<int>::max();
    int greatest = std::numeric_limits<int>::min();
    for (const std::int32_t n : nodes) {
      const int p = plane(n, normal);
      least = std::min(least, p);
      greatest = std::max(greatest, p);
    }
    const int planes = greatest - least + 1;
    if (planes < reach + 2) return;
    before_.assign(static_cast<std::size_t>(planes) + 1, 0);
    for (const std::int32_t n : nodes) {
      ++before_[static_cast<std::size_t>(plane(n, normal) - least) + 1];
    }
    std::partial_sum(before_.begin(), before_.end(), before_.begin());
    const double all = static_cast<double>(nodes.size());
    for (int first = 1; first + reach < planes; ++first) {
      const int lower = before_[static_cast<std::size_t>(first)];
      const int cut = before_[static_cast<std::size_t>(first + reach)] - lower;
      const int upper = before_.back() - lower - cut;
      if (std::max(lower, upper) > kLargestPart * all) continue;
      const double cost = cut * (1.0 + kUnevenness * std::abs(lower - upper) / all);
      if (cost < best.cost) best = {normal, least + first, reach, cost};
    }
  }

  const SphereGrid& grid_;
  std::array<int, kNormals.size()> reach_{};  // planes of each normal that an offset passes
  std::vector<std::int32_t> position_;
  std::vector<int> before_;  // nodes before each plane
};

}  // namespace

std::vector<std::int32_t> nested_dissection(const SphereGrid& grid,
                                            const std::vector<std::array<int, 3>>& offsets) {
  return Dissection(grid, offsets)();
}

}  // namespace kedge::grid
