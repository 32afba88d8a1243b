// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace kedge::io {

struct DrawnAtom {
  std::string label;
  double radius_angstrom = 1.0;  ///< covalent: bonds reach 1.2 times the sum of two
  std::array<double, 3> position_angstrom{};
  std::optional<std::size_t> colour;  ///< number of its curve (curve_colour); empty: grey
  std::string curve;                  ///< label of its curve, for data-curve; empty: none
};

/// Atoms as discs with bonds as lines, seen along the direction in which the structure is thinnest
/// (smallest principal moment), nearer atoms over farther ones; sites that would be dashed in a
/// plot have a dashed ring. One self-contained SVG element.
/// @throws Error{input} if there is no atom
[[nodiscard]] std::string svg_structure(const std::vector<DrawnAtom>& atoms,
                                        const std::string& title, int width = 620);

}  // namespace kedge::io
