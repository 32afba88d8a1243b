// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <mpi.h>

#include <array>
#include <filesystem>
#include <random>
#include <utility>
#include <vector>

#include "kedge/fdm/bordered_factor.hpp"
#include "kedge/fdm/grid_operator.hpp"
#include "kedge/fdm/stencil.hpp"
#include "kedge/parallel/check.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/scratch_folder.hpp"

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
  // K = -1/2 Lap + diag(d) with psi = 0 outside the sphere, all points of the stencil summed by
  // hand.
  const grid::SphereGrid grid(0.5, 2.6, Eigen::Vector3d(0.1, 0.2, -0.05));
  for (const Stencil& stencil : {make_stencil(4, true, 0.5), make_stencil(4, false, 0.5),
                                 make_stencil(6, true, 0.5), make_stencil(8, true, 0.5)}) {
    GridOperator op(MPI_COMM_WORLD, grid, stencil);
    const Eigen::VectorXd x = random_vector(grid.size(), 1), d = random_vector(grid.size(), 2);
    const auto first = op.first_row(), count = op.last_row() - op.first_row();
    const Eigen::VectorXd mine = d.segment(first, count);
    op.set_diagonal({mine.data(), static_cast<std::size_t>(count)});
    Eigen::VectorXd y;
    op.multiply(x.segment(first, count), y);
    ASSERT_EQ(y.size(), count);
    for (std::int32_t n = first; n < op.last_row(); ++n) {
      double expected = (stencil.centre + d(n)) * x(n);
      for (const auto& [offset, weight] : stencil.neighbours) {
        auto node = grid.node(n);
        for (std::size_t axis = 0; axis < 3; ++axis) node[axis] += offset[axis];
        const auto neighbour = grid.index(node);
        if (neighbour >= 0) expected += weight * x(neighbour);
      }
      EXPECT_NEAR(y(n - first), expected, 1e-13) << stencil.order << stencil.compact;
    }
  }
}

/// A border of two blocks, as of an atom and of the outer sphere: columns on every third node and
/// on all of them.
struct Columns {
  std::vector<Eigen::Index> some, all;
  Eigen::MatrixXd on_some, on_all;

  Columns(const GridOperator& op, std::int32_t size, Eigen::Index few, Eigen::Index many,
          unsigned seed) {
    for (std::int32_t n = op.first_row(); n < op.last_row(); ++n) {
      all.push_back(n - op.first_row());
      if (n % 3 == 0) some.push_back(n - op.first_row());
    }
    const Eigen::Index mine = op.last_row() - op.first_row();
    on_some.resize(static_cast<Eigen::Index>(some.size()), few);
    on_all.resize(mine, many);
    for (Eigen::Index c = 0; c < few; ++c) {
      on_some.col(c) =
          random_vector(size, seed + static_cast<unsigned>(c)).segment(op.first_row(), mine)(some);
    }
    for (Eigen::Index c = 0; c < many; ++c) {
      on_all.col(c) =
          random_vector(size, seed + 50 + static_cast<unsigned>(c)).segment(op.first_row(), mine);
    }
  }
  [[nodiscard]] std::vector<BorderBlock> blocks() const {
    return {{some, on_some, 0}, {all, on_all, on_some.cols()}};
  }
  /// All columns as one matrix, this rank's rows.
  [[nodiscard]] Eigen::MatrixXd dense() const {
    Eigen::MatrixXd out = Eigen::MatrixXd::Zero(on_all.rows(), on_some.cols() + on_all.cols());
    out(some, Eigen::seqN(0, on_some.cols())) = on_some;
    out.rightCols(on_all.cols()) = on_all;
    return out;
  }
};

/// Sums over the ranks of the operator.
Eigen::MatrixXd summed(Eigen::MatrixXd m) {
  parallel::check_mpi(MPI_Allreduce(MPI_IN_PLACE, m.data(), static_cast<int>(m.size()), MPI_DOUBLE,
                                    MPI_SUM, MPI_COMM_WORLD));
  return m;
}

/// Largest errors of three indefinite operators, as K = H - E is above the lowest state of the
/// sphere, with borders of changing shape.
struct LargestErrors {
  double backward = 0.0;  // of K x + B z = b for the z that was asked for, relative to |K||x|
  double along = 0.0;     // of T and B^T K^-1 b against solutions, relative
};

/// Of all files in a folder and those in it.
std::uintmax_t bytes_in(const std::filesystem::path& folder) {
  std::uintmax_t sum = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) sum += entry.file_size();
  }
  return sum;
}

LargestErrors largest_errors(int spare_percent, const std::filesystem::path& scratch = {}) {
  constexpr double kLargestEigenvalue = 32.0;  // 3 * 16/3 / (2 h^2)
  const grid::SphereGrid grid(0.5, 2.6, Eigen::Vector3d(0.1, 0.2, -0.05));
  GridOperator op(MPI_COMM_WORLD, grid, make_stencil(4, true, grid.spacing()));
  BorderedFactor factor(op, scratch, spare_percent);
  const auto first = op.first_row(), count = op.last_row() - op.first_row();
  const bool host = parallel::rank(MPI_COMM_WORLD) == 0;
  LargestErrors largest;
  const auto times_k = [&](const Eigen::MatrixXf& x) {
    Eigen::MatrixXd out(x.rows(), x.cols());
    Eigen::VectorXd image;
    for (Eigen::Index c = 0; c < x.cols(); ++c) {
      op.multiply(x.col(c).cast<double>(), image);
      out.col(c) = image;
    }
    return out;
  };
  for (unsigned round = 0; round < 3; ++round) {
    const Eigen::VectorXd d = random_vector(grid.size(), 10 + round).array() - 1.5 - round;
    const std::vector<double> mine(d.data() + first, d.data() + first + count);
    op.set_diagonal(mine);
    const Columns columns(op, grid.size(), 4, round == 2 ? 9 : 6, 200 + round);
    const Eigen::MatrixXd border = columns.dense();
    factor.factor(mine, columns.blocks(), border.cols());
    EXPECT_GT(factor.cost().flops, 0.0);
    if (!scratch.empty()) {
      EXPECT_GT(bytes_in(scratch), 0U) << "the factor is in memory";
    }
    EXPECT_EQ(factor.schur().rows(), border.cols());

    // Without coefficients of the border: K^-1 B, hence T.
    BorderedFactor::Block x = border.cast<float>();
    factor.solve(x, [&](const Eigen::MatrixXd& along) {
      return Eigen::MatrixXd::Zero(along.rows(), along.cols()).eval();
    });
    const auto backward = [&](const Eigen::MatrixXd& rest) {
      largest.backward =
          std::max(largest.backward, (times_k(x) + rest).cwiseAbs().maxCoeff() /
                                         (kLargestEigenvalue * x.cwiseAbs().maxCoeff()));
    };
    backward(-border);
    const Eigen::MatrixXd t = summed(border.transpose() * x.cast<double>());
    largest.along = std::max(largest.along,
                             (factor.schur() - t).cwiseAbs().maxCoeff() / t.cwiseAbs().maxCoeff());

    for (const Eigen::Index sides : {3, 1, kRightHandSides}) {
      Eigen::MatrixXd b(count, sides);
      for (Eigen::Index k = 0; k < sides; ++k) {
        b.col(k) = random_vector(grid.size(), 100 + round + static_cast<unsigned>(k))
                       .segment(first, count);
      }
      const Eigen::MatrixXd z = Eigen::MatrixXd::Constant(border.cols(), sides, 0.25);
      x = b.cast<float>();
      Eigen::MatrixXd along;
      factor.solve(x, [&](const Eigen::MatrixXd& found) {
        along = found;
        return z;
      });
      backward(border * z - b);
      const Eigen::MatrixXd expected =
          summed(border.transpose() * x.cast<double>()) + factor.schur() * z;
      if (host) {
        largest.along = std::max(largest.along, (along - expected).cwiseAbs().maxCoeff() /
                                                    expected.cwiseAbs().maxCoeff());
      }
    }
  }
  return largest;
}

/// Backward error: rounding, 6e-8, times the growth that pivots down to 0.01 of their row allow, 1
/// + 1/0.01 for a step. What is compared as a solution: 6e-8 times the condition number, at most
/// about 1e4 here (the eigenvalue nearest to zero is above 1e-3).
void expect_single_precision(const LargestErrors& errors) {
  EXPECT_LT(errors.backward, 5e-5);
  EXPECT_LT(errors.along, 1e-3);
}

TEST(BorderedFactor, SolvesAfterEachChangeOfDiagonalAndBorder) {
  expect_single_precision(largest_errors(kSparePercent));
}

TEST(BorderedFactor, TooLittleWorkSpaceIsEnlarged) {
  // 60 % less than the symbolic phase foresees: INFOG(1) = -9 at the first attempt.
  expect_single_precision(largest_errors(-60));
}

TEST(BorderedFactor, KeepsItsEntriesOnDisk) {
  const parallel::ScratchFolder folder(std::filesystem::temp_directory_path());
  expect_single_precision(largest_errors(kSparePercent, folder.path()));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));  // what was there went with the factor
}

TEST(BorderedFactor, CountsTheStatesBelow) {
  // -1/2 Lap - E has one more negative eigenvalue above each state; a sphere of radius 2.75 (2.6
  // and half a step: the wave vanishes at the nodes outside) has them at 1/2 (pi/2.75)^2 = 0.65
  // (1s), 1.33 (1p, three) and 2.20 (1d, five), next 2.61 (2s): 1 between 1s and 1p, 4 between 1p
  // and 1d, 9 between 1d and 2s.
  const grid::SphereGrid grid(0.3, 2.6, Eigen::Vector3d::Zero());
  const Stencil stencil = make_stencil(4, true, grid.spacing());
  GridOperator op(MPI_COMM_WORLD, grid, stencil);
  BorderedFactor factor(op);
  const Columns columns(op, grid.size(), 1, 1, 1);
  const std::array<std::pair<double, int>, 4> counts{{{0.4, 0}, {1.0, 1}, {1.75, 4}, {2.4, 9}}};
  for (const auto& [energy, states] : counts) {
    factor.factor(std::vector<double>(static_cast<std::size_t>(op.last_row() - op.first_row()),
                                      stencil.diagonal(-energy, 0.0)),
                  columns.blocks(), 2);
    EXPECT_EQ(factor.negative_eigenvalues(), states) << energy;
  }
}

}  // namespace
}  // namespace kedge::fdm
