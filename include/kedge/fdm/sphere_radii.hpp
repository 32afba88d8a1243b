// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <vector>

#include "kedge/potential/potential_model.hpp"

namespace kedge::fdm {

/// Preferred projector radius of an element [bohr]: 0.45 Angstrom for hydrogen, 0.75 for the first row, 0.9 and more for
/// heavier atoms; large enough to be smooth on a grid of 0.25 Angstrom, small enough to fit between neighbours.
[[nodiscard]] double preferred_sphere_radius(int atomic_number);

/// Radii of all scatterers: the preferred ones, or those given by atomic number, scaled down where spheres would overlap, in
/// proportion to their preferred radii. Radii that were given are not scaled.
/// @throws Error{input} if two given spheres overlap
[[nodiscard]] std::vector<double> sphere_radii(const std::vector<potential::Nucleus>& scatterers,
                                               const std::map<int, double>& given);

}  // namespace kedge::fdm
