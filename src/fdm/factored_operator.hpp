// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <vector>

#include "grid_problem.hpp"
#include "kedge/math/complex_lu.hpp"

namespace kedge::fdm {

/// A(E) at one energy, factored: K = L D L^T on the grid and, with T = border^T K^-1 border, a dense LU of N + T, so that by the
/// Woodbury identity A^-1 b = K^-1 (b - border (N + T)^-1 border^T K^-1 b). The factor lives in the problem's frame: only the
/// FactoredOperator made last of a precision may be used. @note Collective on the problem's communicator: all members but the accessors
class FactoredOperator {
 public:
  /// Of the factor of K. Single, half as dear, is for columns that only span a space.
  enum class Precision { full, single };

  /// @param outer_lmax  orders of the outer sphere
  FactoredOperator(GridProblem& problem, double energy, int outer_lmax, Precision precision);

  /// A^-1 rhs; rows of this rank.
  [[nodiscard]] Eigen::MatrixXcd solve(const Eigen::MatrixXcd& rhs) const;

  /// (N + T)^-1 restricted to the absorber's projectors.
  [[nodiscard]] Eigen::MatrixXcd absorber_block() const;

  /// |A psi - s|/|s| for the absorber's first projector as source s, psi = A^-1 s.
  [[nodiscard]] double residual() const;

  [[nodiscard]] const Border& border() const { return border_; }
  [[nodiscard]] const std::vector<AtomAtEnergy>& atoms() const { return at_; }
  [[nodiscard]] double outer_level() const { return outer_level_; }
  [[nodiscard]] const SolveProfile& profile() const { return profile_; }

  /// A x of this rank's rows.
  [[nodiscard]] Eigen::MatrixXcd multiply(const Eigen::MatrixXcd& x) const;

 private:
  /// X = K^-1 B, at most kRightHandSides columns.
  void solve_block(const Eigen::MatrixXd& b, Eigen::MatrixXd& x) const;
  /// K^-1 b
  [[nodiscard]] Eigen::MatrixXd solve_grid(const Eigen::MatrixXd& b) const;

  GridProblem& problem_;
  Precision precision_;
  std::vector<AtomAtEnergy> at_;
  double outer_level_ = 0.0;
  Border border_;
  Eigen::MatrixXcd inner_;
  math::ComplexLu lu_;
  SolveProfile profile_;
};

/// border N^-1 border^T x, this rank's rows. @note Collective on the problem's communicator
[[nodiscard]] Eigen::MatrixXcd bordered(const GridProblem& problem, const Border& border, const std::vector<AtomAtEnergy>& at,
                                        const Eigen::MatrixXcd& x);

/// Real and imaginary parts side by side, and back.
[[nodiscard]] Eigen::MatrixXd split(const Eigen::MatrixXcd& x);
[[nodiscard]] Eigen::MatrixXcd joined(const Eigen::MatrixXd& x);

}  // namespace kedge::fdm
