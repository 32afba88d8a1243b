// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <functional>
#include <vector>

#include "columns.hpp"
#include "grid_problem.hpp"
#include "projected_operator.hpp"

namespace kedge::fdm {

/// What of the operator changes with energy and potential, at one energy of one potential.
struct NodeData {
  /// P^T Q of all atoms below one another, over all ranks: (projectors, columns of Q)
  Eigen::MatrixXd y;
  std::vector<Eigen::MatrixXd> b;  ///< N of each atom, see AtomAtEnergy
  Eigen::VectorXd diagonal;        ///< of K, this rank's rows
};
/// The same of several potentials of one frame at several energies of each: an atom's rows of Q are
/// gathered once for all of them.
/// @param q  orthonormal columns, this rank's rows
/// @param between_steps  called before each evaluation of an atom, may be empty
/// @note Collective on the frame's communicator
[[nodiscard]] std::vector<std::vector<NodeData>> node_data(
    const std::vector<const GridProblem*>& problems, const Columns& q,
    const std::vector<std::vector<double>>& energies, const std::function<void()>& between_steps);

/// U^T Q and W^-1 U^T Q of the outer waves at one wave number, over all ranks: (channels, columns).
struct OuterOverlap {
  Eigen::MatrixXcd u;
  Eigen::MatrixXcd wu;
};

/// The same for Q V, V orthonormal.
[[nodiscard]] OuterOverlap restricted(const OuterOverlap& outer, const Eigen::MatrixXd& v);

/// Q^T diag(d) Q of a diagonal: most of the work. @note Collective on comm
[[nodiscard]] Eigen::MatrixXd diagonal_part(MPI_Comm comm, const Columns& q,
                                            const Eigen::VectorXd& d);
/// (Q V)^T diag(d) (Q V) of each diagonal. @note Collective on comm
[[nodiscard]] std::vector<Eigen::MatrixXd> diagonal_parts(MPI_Comm comm, const Columns& q,
                                                          const Eigen::MatrixXd& v,
                                                          const std::vector<Eigen::VectorXd>& d);

/// R of the operator between the same columns. @param kinetic  Q^T (-1/2 Lap_h) Q
/// @param diagonal  diagonal_part() of that of K  @note Rank-local
[[nodiscard]] Eigen::MatrixXcd rest_of(const Eigen::MatrixXd& kinetic, const OuterOverlap& outer,
                                       const Eigen::MatrixXd& diagonal);

}  // namespace kedge::fdm
