// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "kedge/grid/sphere_grid.hpp"
#include "kedge/parallel/petsc.hpp"

namespace kedge::fdm {

/// Right-hand sides that are solved together. Fewer keep BLAS 3 less busy, more take memory: 48 in place of 96 saves 0.04 GB at
/// 36 000 unknowns for about 4 % of the time (benchmarks/solve_cost).
inline constexpr int kRightHandSides = 48;

/// What a factorisation cost or will cost, from the symbolic phase.
struct FactorCost {
  double flops = 0.0;             ///< of one numerical factorisation
  double entries = 0.0;           ///< in the factor
  double memory_per_rank_mb = 0.0;  ///< largest working memory of one rank
};

/// The sparse real symmetric operator K = -1/2 Lap + diag(d) on the nodes, psi = 0 outside, and its LDL^T.
///
/// Rows are distributed over the ranks in contiguous ranges of unknowns. The pattern never changes: the symbolic
/// factorisation is done once; each energy changes the diagonal only.
class GridOperator {
 public:
  /// @note Collective on comm, as are all members that do not say otherwise
  GridOperator(MPI_Comm comm, const grid::SphereGrid& grid, const std::vector<double>& stencil);

  [[nodiscard]] std::int32_t first_row() const { return first_; }  ///< Rank-local
  [[nodiscard]] std::int32_t last_row() const { return last_; }    ///< one past the end; rank-local
  [[nodiscard]] MPI_Comm communicator() const { return comm_; }    ///< rank-local
  [[nodiscard]] double kinetic_diagonal() const { return kinetic_diagonal_; }  ///< of -1/2 Lap_h; rank-local

  /// Calls visit(row, column, value) for each entry of -1/2 Lap_h on and above the diagonal, rows of this rank. Rank-local
  void visit_upper(const std::function<void(std::int32_t, std::int32_t, double)>& visit) const;

  /// Position of each unknown, of all ranks, in the order of elimination (grid::nested_dissection). Rank-local
  [[nodiscard]] std::vector<std::int32_t> elimination_order() const;

  /// Ordering and symbolic factorisation; done by the first factor() if not before.
  FactorCost analyse();

  /// Puts the diagonal, d_i for the rows of this rank, beside the kinetic energy's own.
  void set_diagonal(std::span<const double> d);

  /// Numerical LDL^T with pivoting. @throws Error{numerical} if MUMPS fails, with its code and what to do.
  void factor();

  /// Solves K X = B, a block of real right-hand sides; rows of this rank, shape (local rows, columns).
  /// The number of columns should be the same in all calls but the last, so that work space is reused.
  void solve(const Eigen::MatrixXd& b, Eigen::MatrixXd& x);

  /// y = K x. Shape (local rows).
  void multiply(const Eigen::VectorXd& x, Eigen::VectorXd& y);

 private:
  MPI_Comm comm_;
  const grid::SphereGrid& grid_;
  std::vector<double> stencil_;
  std::int32_t size_ = 0;
  std::int32_t first_ = 0;
  std::int32_t last_ = 0;
  double kinetic_diagonal_ = 0.0;
  bool analysed_ = false;
  parallel::Matrix matrix_;
  parallel::Matrix factor_;
  parallel::Vector x_;
  parallel::Vector y_;
};

}  // namespace kedge::fdm
