// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <vector>

#include "grid_problem.hpp"
#include "kedge/math/complex_lu.hpp"

namespace kedge::fdm {

/// The discrete equations at one energy, with the coefficients z of the border as unknowns beside
/// psi on the grid,
///   ( K    B  ) (psi)   (s)
///   ( B^T  -N ) ( z ) = (t),    A psi = s - B N^-1 t where z is eliminated,
/// and solutions of them by the factors of K and, T = B^T K^-1 B, of N + T in single precision: z =
/// (N + T)^-1 (B^T K^-1 s - t), psi = K^-1 (s - B z). The factor lives in the problem's frame: only
/// the FactoredOperator made last may be used.
/// @note Collective on the problem's communicator: all members but the accessors
class FactoredOperator {
 public:
  /// Without the columns of the border, a tenth of the memory, only sources() and solve() without
  /// corrections are left.
  enum class Kept { all, factor };

  /// @param outer_lmax  orders of the outer sphere
  /// @param shift  of K in what is factored [hartree]. Next to one of K's own eigenvalues, which
  /// are none of A, K^-1 is large and single
  ///               precision not enough; the factor of K + shift still serves to correct solutions
  ///               of the equations with K.
  FactoredOperator(GridProblem& problem, double energy, int outer_lmax, Kept kept = Kept::all,
                   double shift = 0.0);

  /// A^-1 rhs, rows of this rank; corrected by its residual until that is small_residual of rhs in
  /// each column or falls no more, at most kMostCorrections times.
  [[nodiscard]] Eigen::MatrixXcd solve(const Eigen::MatrixXcd& rhs, double small_residual) const;

  struct AbsorberBlock {
    Eigen::MatrixXcd block;  ///< (N + T)^-1 restricted to the absorber's projectors
    double residual =
        0.0;  ///< largest of the equations with s = 0, t = -1 in one of the absorber's projectors:
              ///< (|K psi + B z|^2/|B z|^2 + |B^T psi - N z - t|^2)^1/2
    int corrections = 0;  ///< solves after the first
  };
  /// In double precision: solutions corrected by their residuals until these are small_residual,
  /// and from them the symmetric form f^T u + u^T r, which is exact to second order in what is
  /// left. Where corrections do not help the residual stays larger.
  ///
  /// Source: S. C. Eisenstat, H. C. Elman, M. H. Schultz, SIAM J. Numer. Anal. 20, 345 (1983), GCR.
  [[nodiscard]] AbsorberBlock absorber_block(double small_residual) const;

  /// Sources of the absorber's waves, rows of this rank.
  [[nodiscard]] Eigen::MatrixXcd sources() const;
  [[nodiscard]] const std::vector<AtomAtEnergy>& atoms() const { return at_; }
  [[nodiscard]] double outer_level() const { return outer_level_; }
  [[nodiscard]] const SolveProfile& profile() const { return profile_; }

 private:
  /// psi, rows of this rank, and z, the same on all ranks; or s and t.
  struct Vectors {
    Eigen::MatrixXcd grid;
    Eigen::MatrixXcd border;
  };
  /// Solutions with s = 0 and t, what these leave of t, and how large that is: see AbsorberBlock.
  struct Corrected {
    Vectors solution;
    Vectors rest;
    double residual = 0.0;
    int corrections = 0;
  };
  void need_border() const;
  [[nodiscard]] Corrected corrected(const Eigen::MatrixXcd& t, double small_residual) const;
  [[nodiscard]] Vectors approximate(const Eigen::MatrixXcd& s, const Eigen::MatrixXcd& t) const;
  [[nodiscard]] Vectors multiply(const Vectors& x) const;

  GridProblem& problem_;
  Kept kept_;
  std::vector<AtomAtEnergy> at_;
  double outer_level_ = 0.0;
  Border border_;
  Eigen::MatrixXcd inner_;  // N
  math::ComplexLu lu_;      // of N + T
  SolveProfile profile_;
};

/// Real and imaginary parts side by side, and back.
[[nodiscard]] Eigen::MatrixXd split(const Eigen::MatrixXcd& x);
[[nodiscard]] Eigen::MatrixXcd joined(const Eigen::MatrixXd& x);

}  // namespace kedge::fdm
