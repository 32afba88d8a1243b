// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <complex>
#include <functional>
#include <vector>

namespace kedge::scattering {

/// One pair of index ranges of a matrix.
struct MatrixBlock {
  Eigen::Index row = 0, column = 0;
  Eigen::Index rows = 0, columns = 0;
};

/// A x = b with a dense complex A that is computed block by block, each on the rank that holds part
/// of it.
struct DenseSystem {
  Eigen::Index size = 0;
  std::vector<MatrixBlock> blocks;  ///< tile the matrix
  std::function<void(const MatrixBlock&, Eigen::Ref<Eigen::MatrixXcd>)>
      fill;              ///< values of one block
  Eigen::MatrixXcd rhs;  ///< (size, columns), the same on all ranks
};

enum class DenseMethod { automatic, lapack, scalapack };

/// Order from which a matrix goes to ScaLAPACK when there is more than one rank. Below it a solve
/// takes half a second at most and ScaLAPACK on 2 ranks gains a tenth (benchmarks/dense_solve.cpp,
/// docs/accuracy.md); from there on memory counts as well.
inline constexpr Eigen::Index kScalapackFrom = 1500;

/// Solves the system; the same x on every rank. LAPACK zgetrf/zgetrs on rank 0 and a broadcast, or
/// ScaLAPACK pzgetrf/pzgetrs over a block-cyclic grid of all ranks of comm; `automatic` chooses by
/// size and ranks.
/// @throws Error{numerical} if the matrix is singular
/// @note Collective on comm
[[nodiscard]] Eigen::MatrixXcd solve_dense(MPI_Comm comm, const DenseSystem& system,
                                           DenseMethod method = DenseMethod::automatic);

/// |A x - b| / |b| of the first column, A computed anew, its blocks shared out over the ranks.
/// @note Collective on comm
[[nodiscard]] double relative_residual(MPI_Comm comm, const DenseSystem& system,
                                       const Eigen::MatrixXcd& x);

}  // namespace kedge::scattering
