// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <vector>

#include "columns.hpp"
#include "grid_problem.hpp"
#include "projected_operator.hpp"

namespace kedge::fdm {

/// What of the operator changes with energy and potential, at one energy of one potential; this
/// rank's rows.
struct NodeData {
  std::vector<Eigen::MatrixXd> columns;  ///< X of each atom, on the rows of atom_rows()
  std::vector<Eigen::MatrixXd> b;        ///< B of each atom
  Eigen::VectorXd diagonal;              ///< of K, at all rows
};
/// @note Collective on the frame's communicator
[[nodiscard]] NodeData node_data(const GridProblem& problem, double energy);

/// Of each atom the rows of this rank that its projectors reach.
[[nodiscard]] std::vector<std::vector<Eigen::Index>> atom_rows(const GridFrame& frame);

/// U^T Q and W^-1 U^T Q of the outer waves at one wave number, over all ranks: (channels, columns).
struct OuterOverlap {
  Eigen::MatrixXcd u;
  Eigen::MatrixXcd wu;
};

/// Orthonormal columns Q that the operator is projected on, this rank's rows, and what needs them
/// again and again.
struct ProjectionColumns {
  Columns q;
  std::vector<Columns> at_atoms;  ///< its rows of atom_rows()
  Eigen::MatrixXd kinetic;        ///< Q^T (-1/2 Lap_h) Q, over all ranks
};

/// The same for Q V, V orthonormal.
[[nodiscard]] ProjectionColumns restricted(const ProjectionColumns& columns,
                                           const std::vector<std::vector<Eigen::Index>>& atom_rows,
                                           const Eigen::MatrixXd& v);
[[nodiscard]] OuterOverlap restricted(const OuterOverlap& outer, const Eigen::MatrixXd& v);

/// Q^T diag(d) Q of a diagonal: most of the work. @note Collective on comm
[[nodiscard]] Eigen::MatrixXd diagonal_part(MPI_Comm comm, const ProjectionColumns& columns,
                                            const Eigen::VectorXd& d);

/// The operator between the columns. @param diagonal  diagonal_part() of that of K
/// @note Collective on comm
[[nodiscard]] ProjectedOperator projected(MPI_Comm comm, const ProjectionColumns& columns,
                                          const OuterOverlap& outer, const NodeData& data,
                                          const Eigen::MatrixXd& diagonal);

/// Y and B of the atoms, and for R what is given.
[[nodiscard]] ProjectedOperator projected_atoms(MPI_Comm comm, const ProjectionColumns& columns,
                                                const NodeData& data, Eigen::MatrixXcd rest);

}  // namespace kedge::fdm
