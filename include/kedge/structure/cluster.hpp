// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "kedge/structure/structure.hpp"

namespace kedge::structure {

/// Cuts the cluster about one absorber.
///
/// @param absorber_site  0-based index into structure.sites
/// @param radius  scatterers lie within this distance of the absorber [bohr]; an atom on the limit
///        within 1e-6 bohr is inside
/// @param superposition_radius  atoms within this distance add to the superposed potential [bohr],
///        >= radius; a molecule contributes all its atoms whatever their distance
/// @pre check_distances(structure), which the readers call
/// @throws Error{input} unless 0 < radius <= superposition_radius
/// @note Rank-local
[[nodiscard]] Cluster cut_cluster(const Structure& structure, int absorber_site, double radius,
                                  double superposition_radius);

/// Absorbers named in the input: an element symbol ("B": all sites of that element; in a crystal
/// one of each class of symmetry-equivalent sites) or 1-based atom numbers "2,3,12" and ranges
/// "2-12". 0-based, in ascending order.
/// @throws Error{input} if an element is not in the structure, a number is out of range or given
///         twice, or the chosen atoms are of different elements or symmetry-equivalent to each
///         other (one of each class stands for all, weighted by its multiplicity).
[[nodiscard]] std::vector<int> select_absorbers(const Structure& structure,
                                                const std::string& text);

/// Number of sites of the structure that are symmetry-equivalent to this one (1 in a molecule read
/// from XYZ).
[[nodiscard]] int multiplicity(const Structure& structure, int site);

/// Rotations, proper or improper, in Cartesian axes that carry a site with all that surrounds it
/// onto each site of its class, one for each, itself among them. In a molecule the identity alone.
/// @throws Error{external} if spglib finds no symmetry, or none that does so
[[nodiscard]] std::vector<Eigen::Matrix3d> rotations_within_class(const Structure& structure,
                                                                  int site);

/// Smallest distance between two atoms (periodic images included) [bohr], with the two 0-based
/// sites. Infinite for a molecule of one atom. Cost: pairs of sites of the structure.
struct ClosestPair {
  double distance = 0.0;
  int first = 0;
  int second = 0;
};
[[nodiscard]] ClosestPair closest_pair(const Structure& structure);

/// Throws Error{input} if two atoms are closer than 0.5 Angstrom, naming both atoms and the
/// distance.
void check_distances(const Structure& structure);

}  // namespace kedge::structure
