// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "kedge/core/units.hpp"
#include "kedge/grid/sphere_grid.hpp"

namespace kedge::grid {
namespace {

TEST(SphereGrid, HoldsTheNodesInsideTheSphere) {
  // A shift of more than one step as well: any lattice must be covered.
  for (const Eigen::Vector3d& shift : {Eigen::Vector3d(0, 0, 0), Eigen::Vector3d(0.1, -0.2, 0.27),
                                       Eigen::Vector3d(0.9, -1.3, 0.4)}) {
    const SphereGrid grid(0.5, 3.2, shift);
    std::int32_t inside = 0;
    for (int i = -12; i <= 12; ++i) {
      for (int j = -12; j <= 12; ++j) {
        for (int k = -12; k <= 12; ++k) {
          const Eigen::Vector3d r = 0.5 * Eigen::Vector3d(i, j, k) + shift;
          EXPECT_EQ(grid.index({i, j, k}) >= 0, r.norm() < 3.2) << i << ' ' << j << ' ' << k;
          if (r.norm() < 3.2) ++inside;
        }
      }
    }
    EXPECT_EQ(grid.size(), inside);
    EXPECT_EQ(grid.index({1000, 0, 0}), -1);
    EXPECT_EQ(grid.index({0, -1000, 0}), -1);
  }
}

TEST(SphereGrid, NumbersNodesInLexicographicOrder) {
  const SphereGrid grid(0.4, 2.5, Eigen::Vector3d(0.1, 0.15, -0.05));
  for (std::int32_t n = 0; n < grid.size(); ++n) {
    EXPECT_EQ(grid.index(grid.node(n)), n);
    if (n > 0) {
      EXPECT_LT(grid.node(n - 1), grid.node(n));
    }
    // position = spacing (i, j, k) + shift
    const auto& node = grid.node(n);
    const Eigen::Vector3d expected =
        0.4 * Eigen::Vector3d(node[0], node[1], node[2]) + Eigen::Vector3d(0.1, 0.15, -0.05);
    EXPECT_LT((grid.position(n) - expected).norm(), 1e-14);
  }
}

TEST(SphereGrid, FillsTheVolume) {
  // Nodes times h^3 is the volume up to the fluctuation of cells cut by the surface: about the
  // square root of their number, 4 pi (R/h)^2, of h^3 each.
  const double radius = 6.0, h = 0.4;
  const SphereGrid grid(h, radius, Eigen::Vector3d(0.13, 0.2, 0.05));
  const double ratio = radius / h;
  EXPECT_NEAR(grid.size(), 4.0 / 3.0 * kPi * std::pow(ratio, 3), std::sqrt(4.0 * kPi) * ratio);
}

}  // namespace
}  // namespace kedge::grid
