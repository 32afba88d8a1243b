// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "kedge/atom/atom.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/io/input.hpp"
#include "kedge/structure/cluster.hpp"
#include "kedge/structure/structure.hpp"

/// What an input says of the free atoms whose superposition makes the potential.
namespace kedge::campaign {

[[nodiscard]] atom::AtomOptions atom_options(const io::Input& input);

/// Configuration of a site: given for its atom number, else for its element, else the ground state.
/// @param[in] site  0-based
[[nodiscard]] atom::Configuration configuration(const io::Input& input, int atomic_number,
                                                int site);

/// Core hole, screening and dilatation of the absorber in one case.
[[nodiscard]] atom::Excitation excitation(const io::Input& input, const CaseParameters& parameters);

/// Muffin-tin radii of the scatterers that the input gives [bohr], 0 where it gives none: for the
/// atom number, else for the element.
[[nodiscard]] std::vector<double> given_muffin_tin_radii(const io::Input& input,
                                                         const structure::Cluster& cluster);

/// Tries what the input says of the atoms, so that a slip is found before any solve.
/// @param[in] absorbers  0-based sites
/// @throws Error{input} if [atoms] or [engine] names an atom or element that the structure does not
/// have, a given configuration has no bound atom, the absorber cannot be excited in this way, or
/// the given atomic spheres or muffin tins overlap too much
/// @note Rank-local
void check_atoms(const io::Input& input, const structure::Structure& structure,
                 const std::vector<int>& absorbers);

/// The part of check_atoms() that depends on where the atoms are: given spheres and muffin tins.
/// @note Rank-local
void check_given_radii(const io::Input& input, const structure::Structure& structure,
                       const std::vector<int>& absorbers);

}  // namespace kedge::campaign
