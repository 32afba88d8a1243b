// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <vector>

#include "kedge/potential/potential_model.hpp"

namespace kedge::fdm {

/// Preferred projector radius of an element [bohr]: 0.55 Angstrom for hydrogen, 0.75 for the first
/// row, 0.9 and more for heavier atoms; large enough to be smooth on a grid of 0.25 Angstrom, small
/// enough to fit between neighbours.
[[nodiscard]] double preferred_sphere_radius(int atomic_number);

/// Weight with which an element shares the distance to a neighbour [bohr]: hydrogen its preferred
/// radius, others 0.87 of theirs. A hydrogen sphere of fewer than 2 steps is the largest error of a
/// B-H cage on a grid of 0.25 Angstrom (docs/accuracy.md), so that hydrogen gives way less.
[[nodiscard]] double sphere_share(int atomic_number);

/// Radii of all scatterers: the preferred ones, or those given by atomic number, made smaller where
/// spheres would overlap: neighbours then share their distance by sphere_share(). Radii that were
/// given are kept.
/// @throws Error{input} if two given spheres overlap
[[nodiscard]] std::vector<double> sphere_radii(const std::vector<potential::Nucleus>& scatterers,
                                               const std::map<int, double>& given);

}  // namespace kedge::fdm
