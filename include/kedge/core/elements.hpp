// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string_view>

namespace kedge {

inline constexpr int kLargestAtomicNumber = 103;

/// Chemical symbol of an element, "H" for 1; @pre 1 <= atomic_number <= kLargestAtomicNumber.
[[nodiscard]] std::string_view element_symbol(int atomic_number);

/// Atomic number of a chemical symbol ("Na", "NA" or "na"); empty if there is none.
[[nodiscard]] std::optional<int> atomic_number(std::string_view symbol);

}  // namespace kedge
