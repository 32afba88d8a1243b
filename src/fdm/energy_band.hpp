// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <functional>
#include <vector>

#include "projected_operator.hpp"

namespace kedge::fdm {

/// The surroundings of one energy of a grid, low <= energy <= high [hartree].
struct EnergyCell {
  double energy = 0.0;
  double low = 0.0;
  double high = 0.0;
};

/// Solutions of the projected operator for the absorber's projectors and once more for these, real and imaginary parts:
/// (columns of the operator, 4 times the absorber's waves).
[[nodiscard]] Eigen::MatrixXd absorber_solutions(const ProjectedOperator& p);

/// A narrow part of a window of energies, where still fewer columns span the solutions: those of the projected operator at two to six energies
/// of the band, with one repeated solve each. Cheap enough for many points of a contour in the complex plane, on which narrow states are
/// smooth; between its nodes the operator is a polynomial in the wave number outside. @note Rank-local
class EnergyBand {
 public:
  static constexpr int kNodes = 8;  ///< Chebyshev's of the first kind, in the wave number

  /// @param at       projected operator at a real energy
  /// @param columns  of its basis to be used, from the first
  /// @param zero     energy where the wave number outside is 0 [hartree]
  EnergyBand(const std::function<ProjectedOperator(double)>& at, Eigen::Index columns, double zero, double lowest, double highest);

  /// Mean of -Im G/pi over the cell (of no width: the value), G the absorber's Green function. Taken on a half circle in the upper half
  /// plane, where the outgoing Green function has no poles: bound and narrow states count in full however narrow they are.
  /// @param overlap, strength  of the absorber's projectors at cell.energy, instead of the interpolated ones: (waves, columns), (waves, waves)
  [[nodiscard]] Eigen::MatrixXd density(const EnergyCell& cell, const Eigen::MatrixXd& overlap, const Eigen::MatrixXd& strength) const;

  /// Trace of -Im G/pi half a cell's width above the real axis: what two models are compared by, for narrow states that lie a little apart
  /// in both do not count twice.
  [[nodiscard]] double smeared(const EnergyCell& cell, const Eigen::MatrixXd& overlap, const Eigen::MatrixXd& strength) const;

  /// Distance from the wider model at the middle of the band, of the trace of the density.
  [[nodiscard]] double error() const { return error_; }

 private:
  void build(int shifts);
  /// Barycentric weights of the nodes at a complex energy.
  [[nodiscard]] std::vector<std::complex<double>> weights(std::complex<double> energy) const;
  [[nodiscard]] ContinuedOperator at(std::complex<double> energy) const;
  /// Its y and b for the absorber alone.
  [[nodiscard]] ContinuedOperator absorber_at(double energy) const;
  /// G at a complex energy with the absorber's projectors exact at another, real one.
  [[nodiscard]] Eigen::MatrixXcd green(std::complex<double> energy, double exact, const Eigen::MatrixXd& overlap, const Eigen::MatrixXd& strength) const;

  double zero_;
  std::vector<double> k_;        // nodes
  std::vector<double> weights_;  // barycentric
  std::vector<ProjectedOperator> wide_;  // at the nodes, while the band is being built
  std::vector<ProjectedOperator> nodes_;
  Eigen::MatrixXd basis_;  // of this band in that of the window
  double error_ = 0.0;
};

}  // namespace kedge::fdm
