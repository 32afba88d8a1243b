// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kedge/structure/structure.hpp"

namespace kedge::structure {

/// Parses the text of an XYZ file: number of atoms, a comment line (kept as title), then one line
/// "symbol x y z" an atom, in Angstrom. An atomic number may stand for the symbol; D and T are
/// hydrogen.
/// @param name  path used in messages, kept as Structure::source
/// @return a molecule; every site is its own equivalence class, labels are symbol + atom number
/// @throws Error{input} with name:line for a wrong count, an unknown element, a coordinate that is
///         not a finite number, extra columns or lines, further frames, a lattice in the comment of
///         an extended XYZ file, and atoms closer than 0.5 Angstrom.
[[nodiscard]] Structure parse_xyz(std::string_view text, const std::string& name);

/// The same for a file of one or more frames one after another, such as a run of molecular dynamics
/// writes.
/// @throws Error{input} as parse_xyz, and if a frame has other atoms than the first
[[nodiscard]] std::vector<Structure> parse_xyz_frames(std::string_view text,
                                                      const std::string& name);

}  // namespace kedge::structure
