// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string_view>

namespace kedge::structure {

/// Atomic number of a chemical symbol; D and T count as hydrogen.
[[nodiscard]] std::optional<int> element_of_symbol(std::string_view symbol);

/// Atomic number from the leading letters of a type symbol or label: "Na1+", "B12", "Cl(2)".
[[nodiscard]] std::optional<int> element_of_label(std::string_view label);

}  // namespace kedge::structure
