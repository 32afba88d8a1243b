// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "kedge/structure/structure.hpp"

namespace kedge::structure {

/// Parses the text of a CIF and fills one cell with the atoms that its symmetry makes.
///
/// The symmetry is taken from the list of operations; without one from the Hall symbol; without
/// that from a Hermann-Mauguin symbol that has a single setting ("F d -3 m" alone is refused: two
/// origin choices). Images of a site closer than 0.05 Angstrom are one atom on a special position,
/// put at their mean. The sites made from one site of the file form one equivalence class and keep
/// its label; "B3_7" is the image of B3 by the seventh operation.
///
/// Cross-checks: the operations form a group and keep the metric of the cell; the space-group
/// number found by spglib from the operations is that of the file, if given; spglib finds every
/// operation again in the expanded cell; the atoms are those of _chemical_formula_sum times
/// _cell_formula_units_Z, if both are given.
/// @param name  path used in messages, kept as Structure::source
/// @throws Error{input} with name:line and the site for a missing cell, coordinate or symmetry, an
///         unknown element, occupancy other than 1, disorder groups, dummy atoms, duplicate sites
///         (atoms closer than 0.3 Angstrom) or a failed cross-check.
[[nodiscard]] Structure parse_cif(std::string_view text, const std::string& name);

}  // namespace kedge::structure
