// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <vector>

#include "factored_operator.hpp"
#include "grid_problem.hpp"

namespace kedge::fdm {

/// The operator at one energy between the columns of a real basis Q (Galerkin projection):
///   Q^T A Q = R + sum_a Y_a^T B_a^-1 Y_a,  Y_a = X_a^T Q,
/// R the grid's own part and the outer waves. The atoms are kept apart: R, Y and B are smooth in energy, B^-1 may have poles.
struct ProjectedOperator {
  Eigen::MatrixXcd rest;           ///< R, (n, n), complex symmetric
  Eigen::MatrixXd y;               ///< Y of all atoms below one another, the absorber's first: (waves, n)
  std::vector<Eigen::MatrixXd> b;  ///< B of each atom
};

/// Solutions of the discrete equations at some energies, psi = A^-1 X_0 for the absorber's projectors, and repeated solves A^-1 psi, A^-2 psi,
/// ... with the factorisation at hand: a rational Krylov space, real and imaginary parts as one orthonormal real basis Q. Between the
/// snapshots the solutions are smooth where the spectrum is not, and few columns span them.
///
/// The last solves of all snapshots are the last columns: the basis without them is a model of its own whose distance is an estimate of
/// the error.
/// Source: A. Ruhe, Linear Algebra Appl. 58, 391 (1984); A. T. Patera, G. Rozza, Reduced Basis Approximation (2007).
/// @note Collective on the problem's communicator unless said otherwise
class ReducedModel {
 public:
  /// @param outer_lmax  orders of the outer sphere, the same at all energies
  ReducedModel(GridProblem& problem, int outer_lmax) : problem_(problem), outer_lmax_(outer_lmax) {}

  /// @param solves  per snapshot, at least 2
  void add_snapshot(double energy, int solves);
  /// Ends the basis.
  void finish();

  /// Q^T A Q at each energy. The diagonals of the grid at all of them are taken apart into few vectors first (a singular value
  /// decomposition), so that Q^T d Q is made once for each of those.
  [[nodiscard]] std::vector<ProjectedOperator> project(const std::vector<double>& energies) const;

  /// X_0^T Q of the absorber at one energy.
  [[nodiscard]] Eigen::MatrixXd absorber_overlap(const AtomAtEnergy& absorber) const;

  [[nodiscard]] Eigen::Index columns() const { return q_.cols(); }
  [[nodiscard]] Eigen::Index nested_columns() const { return nested_; }

 private:
  void add_columns(Eigen::MatrixXd columns);

  GridProblem& problem_;
  int outer_lmax_;
  Eigen::MatrixXd q_;        // this rank's rows
  Eigen::MatrixXd kinetic_;  // Q^T (-1/2 Lap_h) Q
  std::vector<Eigen::MatrixXd> last_;
  Eigen::Index nested_ = 0;
};

/// The absorber's density from the first `columns` columns of the basis,
///   rho = (1/pi) B_0^-1 Im[Y_0 (Q^T A Q)^-1 Y_0^T] B_0^-1  (1/hartree, one spin).
/// @note Rank-local
[[nodiscard]] Eigen::MatrixXd reduced_density(const ProjectedOperator& projected, Eigen::Index columns);

}  // namespace kedge::fdm
