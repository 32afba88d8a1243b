// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <mpi.h>

#include "kedge/core/error.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/scattering/dense_solver.hpp"

namespace kedge::scattering {
namespace {

using Complex = std::complex<double>;

/// Blocks of 1 to 16 rows, as sites have; entries from a formula, so that every rank fills the same
/// matrix.
DenseSystem system_of(Eigen::Index sites) {
  DenseSystem s;
  std::vector<Eigen::Index> first = {0};
  for (Eigen::Index i = 0; i < sites; ++i) {
    first.push_back(first.back() + (i % 4 + 1) * (i % 4 + 1));
  }
  s.size = first.back();
  for (std::size_t n = 0; n + 1 < first.size(); ++n) {
    for (std::size_t m = 0; m + 1 < first.size(); ++m) {
      s.blocks.push_back({first[n], first[m], first[n + 1] - first[n], first[m + 1] - first[m]});
    }
  }
  s.fill = [](const MatrixBlock& b, Eigen::Ref<Eigen::MatrixXcd> out) {
    for (Eigen::Index j = 0; j < b.columns; ++j) {
      for (Eigen::Index i = 0; i < b.rows; ++i) {
        const double x = static_cast<double>((b.row + i + 1) * (b.column + j + 3));
        out(i, j) =
            0.3 * Complex(std::sin(x), std::cos(1.7 * x)) + (b.row + i == b.column + j ? 5.0 : 0.0);
      }
    }
  };
  s.rhs = Eigen::MatrixXcd::Identity(s.size, 16);
  return s;
}

TEST(DenseSolver, ScalapackGivesWhatLapackGives) {
  // Two pivot orders of a matrix with condition below 1e3: 1e-16 times it, and more ranks than
  // blocks at the smallest size.
  for (const Eigen::Index sites : {6, 60}) {
    const DenseSystem s = system_of(sites);
    const Eigen::MatrixXcd a = solve_dense(MPI_COMM_WORLD, s, DenseMethod::lapack);
    const Eigen::MatrixXcd b = solve_dense(MPI_COMM_WORLD, s, DenseMethod::scalapack);
    EXPECT_LT((a - b).cwiseAbs().maxCoeff(), 1e-12) << sites;
    EXPECT_LT(relative_residual(MPI_COMM_WORLD, s, b), 1e-12) << sites;
    const Eigen::MatrixXcd wrong = 1.5 * b;  // A (1.5 x) - b = 0.5 b
    EXPECT_NEAR(relative_residual(MPI_COMM_WORLD, s, wrong), 0.5, 1e-12) << sites;
    Eigen::MatrixXcd matrix(s.size, s.size);
    for (const auto& block : s.blocks) {
      s.fill(block, matrix.block(block.row, block.column, block.rows, block.columns));
    }
    EXPECT_LT((matrix * b - s.rhs).cwiseAbs().maxCoeff(), 1e-12) << sites;
  }
}

TEST(DenseSolver, SingularMatrixFailsOnAllRanks) {
  DenseSystem s = system_of(6);
  s.fill = [](const MatrixBlock&, Eigen::Ref<Eigen::MatrixXcd> out) { out.setZero(); };
  for (const DenseMethod method : {DenseMethod::lapack, DenseMethod::scalapack}) {
    try {
      (void)solve_dense(MPI_COMM_WORLD, s, method);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::numerical);
      EXPECT_NE(std::string(error.what()).find("singular"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace kedge::scattering
