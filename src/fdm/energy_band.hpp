// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <vector>

#include "interpolation_axis.hpp"
#include "projected_operator.hpp"

namespace kedge::fdm {

/// The surroundings of one energy of a grid, low <= energy <= high [hartree].
struct EnergyCell {
  double energy = 0.0;
  double low = 0.0;
  double high = 0.0;
};

/// The projected operator of one potential in a narrow part of a window of energies, where it is a polynomial in the wave number outside and
/// few columns span the solutions: cheap enough for many points of a contour in the complex plane, on which narrow states are smooth.
/// @note Rank-local
class EnergyBand {
 public:
  /// @param axis   nodes in the wave number outside
  /// @param nodes  the operator there
  EnergyBand(InterpolationAxis axis, std::vector<ProjectedOperator> nodes);

  /// Mean of -Im G/pi over the cell (of no width: the value), G the absorber's Green function. Taken on a half circle in the upper half
  /// plane, where the outgoing Green function has no poles: bound and narrow states count in full however narrow they are.
  /// @param overlap, strength  of the absorber's projectors at cell.energy, instead of the interpolated ones: (waves, columns), (waves, waves)
  [[nodiscard]] Eigen::MatrixXd density(const EnergyCell& cell, const Eigen::MatrixXd& overlap, const Eigen::MatrixXd& strength) const;

  /// Trace of -Im G/pi half a cell's width above the real axis: what two models are compared by, for narrow states that lie a little apart
  /// in both do not count twice.
  [[nodiscard]] double smeared(const EnergyCell& cell, const Eigen::MatrixXd& overlap, const Eigen::MatrixXd& strength) const;

 private:
  /// G at a complex energy with the absorber's projectors exact at another, real one.
  [[nodiscard]] Eigen::MatrixXcd green(std::complex<double> energy, double exact, const Eigen::MatrixXd& overlap, const Eigen::MatrixXd& strength) const;

  InterpolationAxis axis_;
  std::vector<ProjectedOperator> nodes_;
};

}  // namespace kedge::fdm
