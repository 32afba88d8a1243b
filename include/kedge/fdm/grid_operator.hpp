// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "kedge/fdm/stencil.hpp"
#include "kedge/grid/sphere_grid.hpp"
#include "kedge/parallel/petsc.hpp"

namespace kedge::fdm {

/// The sparse real symmetric operator K = -1/2 Lap + diag(d) on the nodes, psi = 0 outside,
/// assembled by PETSc.
///
/// Rows are distributed over the ranks in contiguous ranges of unknowns. The pattern never changes:
/// each energy changes the diagonal only.
class GridOperator {
 public:
  /// @note Collective on comm, as are all members that do not say otherwise
  GridOperator(MPI_Comm comm, const grid::SphereGrid& grid, Stencil stencil);

  [[nodiscard]] std::int32_t first_row() const { return first_; }  ///< Rank-local
  [[nodiscard]] std::int32_t last_row() const { return last_; }    ///< one past the end; rank-local
  [[nodiscard]] MPI_Comm communicator() const { return comm_; }    ///< rank-local
  [[nodiscard]] double kinetic_diagonal() const {
    return stencil_.centre;
  }  ///< of -1/2 Lap_h; rank-local

  /// Calls visit(row, column, value) for each entry of -1/2 Lap_h on and above the diagonal, rows
  /// of this rank. Rank-local
  void visit_upper(const std::function<void(std::int32_t, std::int32_t, double)>& visit) const;

  /// Position of each unknown, of all ranks, in the order of elimination (grid::nested_dissection).
  /// Rank-local
  [[nodiscard]] std::vector<std::int32_t> elimination_order() const;

  /// Puts the diagonal, d_i for the rows of this rank, beside the kinetic energy's own.
  void set_diagonal(std::span<const double> d);

  /// y = K x. Shape (local rows).
  void multiply(const Eigen::VectorXd& x, Eigen::VectorXd& y);

 private:
  MPI_Comm comm_;
  const grid::SphereGrid& grid_;
  Stencil stencil_;
  std::int32_t size_ = 0;
  std::int32_t first_ = 0;
  std::int32_t last_ = 0;
  parallel::Matrix matrix_;
  parallel::Vector x_;
  parallel::Vector y_;
};

}  // namespace kedge::fdm
