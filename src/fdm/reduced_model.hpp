// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "grid_problem.hpp"
#include "projection.hpp"

namespace kedge::fdm {

/// Solutions of the discrete equations at some energies of some potentials on the same frame, psi =
/// A^-1 X_0 for the absorber's projectors, and repeated solves A^-1 psi, A^-2 psi,
/// ... with the factorisation at hand: a rational Krylov space, real and imaginary parts as one
/// orthonormal real basis Q. Between the snapshots the solutions are smooth where the spectrum is
/// not, and few columns span them.
///
/// Columns only span a space: in single precision (Settings::precision) they are solved for once,
/// without corrections, and what is projected on them, Q^T A Q, keeps an error of about 1e-7 of the
/// kinetic energy's largest eigenvalue, some 1e-6 hartree. In double precision solutions are
/// corrected, and nothing but the truncation of the space is left.
///
/// The last sixth of the solves of all snapshots are the last columns: the basis without them is a
/// model of its own whose distance is an estimate of the error.
///
/// Source: A. Ruhe, Linear Algebra Appl. 58, 391 (1984); A. T. Patera, G. Rozza, Reduced Basis
/// Approximation (2007).
/// @note Collective on the frame's communicator
class ReducedModel {
 public:
  explicit ReducedModel(std::shared_ptr<GridFrame> frame);

  /// Room for the columns of further solves. @note Rank-local
  void reserve(Eigen::Index solves);
  /// @param solves  repeated, at least 2
  void add_snapshot(GridProblem& problem, double energy, int solves);
  /// To be called after the last snapshot, and again after further ones.
  void finish();
  /// Q, this rank's rows.
  [[nodiscard]] const Columns& space() const { return q_; }
  /// Q^T (-1/2 Lap_h) Q, over all ranks.
  [[nodiscard]] const Eigen::MatrixXd& kinetic() const { return kinetic_; }
  /// The outer waves at wave number k outside, imaginary below the level there.
  [[nodiscard]] OuterOverlap outer(Complex k) const;
  /// X_0^T Q of the absorber at one energy.
  [[nodiscard]] Eigen::MatrixXd absorber_overlap(const AtomAtEnergy& absorber) const;

  [[nodiscard]] Eigen::Index columns() const { return q_.cols(); }
  /// First columns that are a model of their own.
  [[nodiscard]] Eigen::Index nested_columns() const { return nested_; }

 private:
  void add_columns(Eigen::MatrixXd columns);

  std::shared_ptr<GridFrame> frame_;
  Columns q_;
  Eigen::MatrixXd kinetic_;
  std::vector<Columns> last_;
  Eigen::Index nested_ = 0;
  std::vector<Eigen::Index> absorber_nodes_;  // of this rank, among those of the absorber
  Eigen::MatrixXd at_absorber_;               // rows of Q there
  std::vector<Eigen::MatrixXd> at_shell_;     // its overlaps with the outer waves
};

}  // namespace kedge::fdm
