// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "kedge/fdm/engine.hpp"

namespace kedge::fdm {

/// Energies on one side of the level outside [hartree from it].
struct EnergyRange {
  double low = 0.0;
  double high = 0.0;
};

/// A window cut into stretches, each with a basis of its own.
struct WindowCut {
  std::vector<std::vector<EnergyRange>> stretches;  ///< sides of each, in rising order
  WindowSettings settings;                          ///< of each
};

/// Stretches of a window, several where one basis would have too many columns. What a basis needs
/// grows as the states in the sphere, R^3, and what it costs as the square of that; the solutions
/// of one end of the window serve little at the other. In spheres so large a factorisation costs
/// as much as some sixteen solves: of one potential a stretch has two snapshots of more solves
/// each in place of more snapshots.
/// @param radius   of the sphere [bohr]
/// @param sides    of the level outside, one or two
/// @param sources  of the absorber
[[nodiscard]] WindowCut cut_window(double radius, const std::vector<EnergyRange>& sides,
                                   const WindowSettings& settings, int sources);

/// Snapshots, columns, bands and nodes of a window to begin with.
[[nodiscard]] WindowReport foreseen_window(double radius, const std::vector<EnergyRange>& sides,
                                           const WindowSettings& settings, int sources);

/// Kinetic energies of the snapshots to begin with [hartree].
[[nodiscard]] std::vector<double> first_snapshots(double radius,
                                                  const std::vector<EnergyRange>& sides,
                                                  const WindowSettings& settings);

/// Limits of the bands of one side of a window, its ends among them: as few as hold no more than a
/// little over their width or states, all alike in that.
/// @param scale  of their widths, WindowSettings::band_scale
[[nodiscard]] std::vector<double> band_limits(double radius, const EnergyRange& side, double scale);

/// Nodes of a band from one energy to another.
/// @param most, scale  WindowSettings::nodes and band_scale
[[nodiscard]] int nodes_between(double low, double high, int most, double scale);

}  // namespace kedge::fdm
