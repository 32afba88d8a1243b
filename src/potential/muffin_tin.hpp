// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <vector>

#include "kedge/structure/structure.hpp"

namespace kedge::potential {

/// Muffin-tin radii of the scatterers [bohr], touching spheres.
///
/// With d the distance to the nearest neighbour B of atom A, the potentials are set 1.1 d apart and cross at
/// V_A(r) = V_B(1.1 d - r): R_A = r/1.1. A radius outside 0.25 .. 1.5 of d/2 (0.99 .. 1.75 where B is hydrogen) is
/// replaced by min(0.75 d, d/(1 + N_B/N_A)), N the Norman radii, and if that does not fit either by d/2; for hydrogen
/// itself the window is 0.45 .. 1.75 and the replacement min(0.55 d, 0.8 Angstrom). Same rule as the default of FDMNES.
/// @param potential_mean  spherical mean of V, (atom, r) [hartree]
/// @param density_mean  spherical mean of n, (atom, r) [1/bohr^3]
[[nodiscard]] std::vector<double> muffin_tin_radii_of(const structure::Cluster& cluster,
                                                      const std::function<double(int, double)>& potential_mean,
                                                      const std::function<double(int, double)>& density_mean);

}  // namespace kedge::potential
