// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "kedge/atom/atom.hpp"

namespace kedge::atom {

/// Spherical potential for which orbitals are sought.
struct RadialPotential {
  const LogMesh* mesh = nullptr;
  double nuclear_charge = 0.0;
  std::span<const double> rv;  ///< r V(r) [hartree bohr] on the mesh, -Z at the nucleus
  Relativity relativity = Relativity::none;
};

/// A bound orbital.
struct RadialOrbital {
  double energy = 0.0;        ///< eigenvalue [hartree]
  std::vector<double> large;  ///< P = r g on the mesh
  /// 4 pi r^2 density of one electron, both components; integral over r = 1
  std::vector<double> probability;
};

/// Weakest binding [hartree] that the mesh can hold; a level above -kWeakestBinding counts as
/// unbound.
inline constexpr double kWeakestBinding = 1e-3;

/// The bound orbital with n - l - 1 nodes; nothing if the potential does not bind it.
///
/// The equations of solve_atom are integrated outwards from the nucleus and inwards from the tail
/// to the outermost classical turning point, P scaled to agree there. The jump of Q corrects the
/// energy,
///   dE = P (Q_out - Q_in) / integral [P^2 (1 + l(l+1)/(2 M c r)^2) + Q^2/c^2] dr,
/// which follows from the Wronskian of two energies; the number of nodes brackets it. The integrand
/// is the probability, so that dE/dV is the density and the total energy is variational.
/// @param[in] energy_guess  start [hartree]; >= 0 for none
/// @throws Error{numerical} if the search for the energy does not converge.
[[nodiscard]] std::optional<RadialOrbital> find_bound_orbital(const RadialPotential& potential,
                                                              int n, int l, double energy_guess);

}  // namespace kedge::atom
