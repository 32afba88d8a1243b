// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// Parts of an HTML page.
namespace kedge::report {

/// A short line as curve number n is drawn.
[[nodiscard]] std::string swatch(std::size_t n);

/// A table; cells and heads are HTML.
/// @param name_column  the column of names, which begin at its left side; numbers end at the right
[[nodiscard]] std::string html_table(const std::vector<std::string>& heads,
                                     const std::vector<std::vector<std::string>>& rows,
                                     std::size_t name_column = 0);

}  // namespace kedge::report
