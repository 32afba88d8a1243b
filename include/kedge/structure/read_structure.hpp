// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kedge/structure/structure.hpp"

namespace kedge::structure {

/// Parses the text of a structure file by the extension of its name: .xyz or .cif, any case.
/// Ranks that received the text of a file from rank 0 call this one.
/// @throws Error{input} for another extension, and what parse_xyz and parse_cif throw.
/// @note Rank-local
[[nodiscard]] Structure parse_structure(std::string_view text, const std::filesystem::path& path);

/// The frames of a structure file: one or more of an .xyz file, one of a .cif file.
/// @throws Error{input} as parse_structure   @note Rank-local
[[nodiscard]] std::vector<Structure> parse_structures(std::string_view text,
                                                      const std::filesystem::path& path);

/// Reads a file and parses it.
/// @throws Error{input} if the file cannot be read, and what parse_structure throws.
/// @note Rank-local
[[nodiscard]] Structure read_structure(const std::filesystem::path& path);

/// Sum formula in Hill order: C, then H, then the others by symbol ("CH12B11Na"); without carbon
/// all by symbol.
[[nodiscard]] std::string sum_formula(const Structure& structure);

}  // namespace kedge::structure
