// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/grid_operator.hpp"
#include "kedge/fdm/mumps_factor.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <random>

#include "kedge/fdm/stencil.hpp"

namespace kedge::fdm {
namespace {

/// Random values for all unknowns, the same on every rank.
Eigen::VectorXd random_vector(std::int32_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  Eigen::VectorXd x(size);
  for (double& value : x) value = uniform(random);
  return x;
}

TEST(GridOperator, MultipliesLikeTheStencil) {
  // K = -1/2 Lap + diag(d) with psi = 0 outside the sphere, each axis of the star summed by hand.
  const grid::SphereGrid grid(0.5, 2.6, Eigen::Vector3d(0.1, 0.2, -0.05));
  for (const int order : {4, 6, 8}) {
    const auto c = second_derivative(order);
    GridOperator op(MPI_COMM_WORLD, grid, c);
    const Eigen::VectorXd x = random_vector(grid.size(), 1), d = random_vector(grid.size(), 2);
    const auto first = op.first_row(), count = op.last_row() - op.first_row();
    const Eigen::VectorXd mine = d.segment(first, count);
    op.set_diagonal({mine.data(), static_cast<std::size_t>(count)});
    Eigen::VectorXd y;
    op.multiply(x.segment(first, count), y);
    ASSERT_EQ(y.size(), count);
    for (std::int32_t n = first; n < op.last_row(); ++n) {
      double laplacian = 3.0 * c[0] * x(n);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        for (int s = 1; s < static_cast<int>(c.size()); ++s) {
          for (const int sign : {-1, 1}) {
            auto node = grid.node(n);
            node[axis] += sign * s;
            const auto neighbour = grid.index(node);
            if (neighbour >= 0) laplacian += c[static_cast<std::size_t>(s)] * x(neighbour);
          }
        }
      }
      EXPECT_NEAR(y(n - first), -0.5 * laplacian / 0.25 + d(n) * x(n), 1e-13) << order;
    }
  }
}

/// Largest residual of three indefinite operators, as K = H - E is above the lowest state of the sphere, and blocks of several sizes.
template <class Scalar>
double largest_residual(int spare_percent = kSparePercent) {
  const grid::SphereGrid grid(0.5, 2.6, Eigen::Vector3d(0.1, 0.2, -0.05));
  GridOperator op(MPI_COMM_WORLD, grid, second_derivative(4));
  MumpsFactor<Scalar> factor(op, spare_percent);
  EXPECT_GT(factor.cost().flops, 0.0);
  const auto first = op.first_row(), count = op.last_row() - op.first_row();
  double largest = 0.0;
  for (unsigned round = 0; round < 3; ++round) {
    const Eigen::VectorXd d = random_vector(grid.size(), 10 + round).array() - 1.5 - round;
    const std::vector<double> mine(d.data() + first, d.data() + first + count);
    op.set_diagonal(mine);
    factor.factor(mine);
    for (const Eigen::Index columns : {3, 3, 1, 100}) {
      typename MumpsFactor<Scalar>::Block b(count, columns);
      for (Eigen::Index k = 0; k < columns; ++k) {
        b.col(k) = random_vector(grid.size(), 100 + round + static_cast<unsigned>(k)).segment(first, count).cast<Scalar>();
      }
      typename MumpsFactor<Scalar>::Block x = b;
      factor.solve(x);
      EXPECT_EQ(x.rows(), count);
      for (Eigen::Index k = 0; k < columns; ++k) {
        Eigen::VectorXd image;
        op.multiply(x.col(k).template cast<double>(), image);
        largest = std::max(largest, (image - b.col(k).template cast<double>()).cwiseAbs().maxCoeff());
      }
    }
  }
  return largest;
}

TEST(MumpsFactor, SolvesBlocksAfterEachChangeOfTheDiagonal) {
  // Rounding times the condition number, at most about 1e4 here (eigenvalues up to 3 * 16/3 / (2 h^2) = 32, the nearest to zero above 1e-3).
  EXPECT_LT(largest_residual<double>(), 1e-11);
  EXPECT_LT(largest_residual<float>(), 1e-11 / 2.2e-16 * 1.2e-7);
}

TEST(MumpsFactor, TooLittleWorkSpaceIsEnlarged) {
  // 60 % less than the symbolic phase foresees: INFOG(1) = -9 at the first attempt. Rounding as above.
  EXPECT_LT(largest_residual<double>(-60), 1e-11);
}

}  // namespace
}  // namespace kedge::fdm
