// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <vector>

#include "grid_problem.hpp"
#include "kedge/math/complex_lu.hpp"
#include "single_precision_factor.hpp"

namespace kedge::fdm {

/// A(E) at one energy, factored: K = L D L^T on the grid and, with T = border^T K^-1 border, a dense LU of N + T, so that by the
/// Woodbury identity A^-1 b = K^-1 (b - border (N + T)^-1 border^T K^-1 b). The factor lives in the problem's frame: only the
/// FactoredOperator made last may be used. @note Collective on the problem's communicator: all members but the accessors
class FactoredOperator {
 public:
  enum class Precision {
    full,       ///< all in double precision
    /// K in single precision. The states V of K close to the energy, K V = V D, are taken apart; with the rest B = border - V V^T border of the
    /// border, X ~ K^-1 B and its residual R = B - K X, taken in double precision,
    ///   T = border^T V D^-1 V^T border + border^T X + (X + V D^-1 V^T border)^T R + R^T K^-1 R,
    /// the last term, the square of the factor's rounding, along V only.
    corrected,
    single,     ///< K in single precision and T as it comes, for columns that need no more
  };

  /// @param outer_lmax  orders of the outer sphere
  FactoredOperator(GridProblem& problem, double energy, int outer_lmax, Precision precision);

  /// A^-1 rhs, where corrected with iterative refinement on the grid; rows of this rank.
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
  /// border^T K^-1 border of all ranks.
  [[nodiscard]] Eigen::MatrixXd border_response() const;
  /// X = K^-1 B, at most kRightHandSides columns.
  void solve_block(const Eigen::MatrixXd& b, Eigen::MatrixXd& x) const;
  /// States of K, this rank's rows, and their energies from that of the solve [hartree].
  struct States {
    Eigen::MatrixXd vectors;
    Eigen::VectorXd energies;
  };
  /// The states close to the energy, by inverse iteration.
  [[nodiscard]] States states_near() const;
  /// V^T b of all ranks.
  [[nodiscard]] Eigen::MatrixXd along_states(const Eigen::MatrixXd& b) const;
  /// X = K^-1 B by iterative refinement with the states near the energy taken apart.
  void refined_solve(const Eigen::MatrixXd& b, Eigen::MatrixXd& x) const;
  /// K x
  [[nodiscard]] Eigen::MatrixXd grid_multiply(const Eigen::MatrixXd& x) const;
  /// K^-1 b
  [[nodiscard]] Eigen::MatrixXd solve_grid(const Eigen::MatrixXd& b) const;

  GridProblem& problem_;
  Precision precision_;
  States near_;
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
