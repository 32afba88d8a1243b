// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <complex>
#include <vector>

#include "interpolation_axis.hpp"
#include "kedge/fdm/engine.hpp"
#include "projected_operator.hpp"

namespace kedge::fdm {

/// Of its distance to the level outside the width of a cell is this at most: its Gaussian has
/// dropped to 1/17 there.
inline constexpr double kMostOfDistance = 0.7;

/// One energy of a grid and what it stands for [hartree from the level outside].
struct EnergyCell {
  double energy = 0.0;
  double width = 0.0;  ///< of its surroundings, on the same side of the level outside; 0: none

  /// Standard deviation of the Gaussian through which it sees the spectrum.
  [[nodiscard]] double sigma() const { return kCellSigma * width; }
};

/// The absorber's projectors at one energy of one potential.
struct AbsorberOverlap {
  Eigen::MatrixXd y;  ///< X_0^T Q: (projectors, columns)
  Eigen::MatrixXd b;  ///< B_0: (projectors, projectors)
};

/// The operator about one cell, continued to complex energies. @note Rank-local
class CellBand {
 public:
  CellBand(InterpolationAxis axis, std::vector<ProjectedOperator> nodes, const EnergyCell& cell);

  /// -Im/pi of the integral of G(E) g(E - cell.energy) over E, g the Gaussian of the cell (of no
  /// width: the value) and G the absorber's Green function. Taken on a line above the real axis,
  /// where the outgoing Green function has no poles and the Gaussian is as good as on it: bound and
  /// narrow states count in full however narrow they are.
  [[nodiscard]] Eigen::MatrixXd density() const;

  /// Trace of -Im G/pi half a cell above the real axis: what two models are compared by,
  /// for narrow states that lie a little apart in both do not count twice.
  /// @param beside  of the energy, from that of the cell [hartree]
  [[nodiscard]] double smeared(double beside = 0.0) const;

 private:
  [[nodiscard]] Eigen::MatrixXcd green(std::complex<double> energy) const;

  InterpolationAxis axis_;
  std::vector<ProjectedOperator> nodes_;
  EnergyCell cell_;
};

/// The projected operator of one potential in a narrow part of a window of energies, where it is a
/// polynomial in the outer_variable() and few columns span the solutions.
/// @note Rank-local
class EnergyBand {
 public:
  /// @param axis   nodes in the outer_variable()
  /// @param nodes  the operator there
  EnergyBand(InterpolationAxis axis, std::vector<ProjectedOperator> nodes);

  /// The operator about a cell of the band, between the columns that span the absorber's solutions
  /// there.
  /// @param exact  of the absorber's projectors at cell.energy, instead of the interpolated ones
  [[nodiscard]] CellBand about(const EnergyCell& cell, const AbsorberOverlap& exact) const;

  /// -Im G/pi above the energy of a cell, the density through a Lorentzian, between all columns:
  /// it may reach far beyond the cell.
  /// @param height  half its width at half maximum [hartree]; some times the width of the cell at
  /// most, where the operator is extrapolated
  [[nodiscard]] Eigen::MatrixXd smeared_density(const EnergyCell& cell,
                                                const AbsorberOverlap& exact, double height) const;

 private:
  /// What the absorber's projectors are off at the energy of a cell, to be added at all energies in
  /// it.
  [[nodiscard]] AbsorberOverlap moved(const EnergyCell& cell, const AbsorberOverlap& exact) const;
  [[nodiscard]] ContinuedOperator at(std::complex<double> energy,
                                     const AbsorberOverlap& moved) const;

  InterpolationAxis axis_;
  std::vector<ProjectedOperator> nodes_;
};

}  // namespace kedge::fdm
