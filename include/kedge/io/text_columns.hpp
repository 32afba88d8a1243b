// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

/// Spectra as text: plain columns, and XDI for programs of x-ray absorption. Rank-local.
namespace kedge::io {

/// One column of a text file.
struct TextColumn {
  std::string label;  ///< no blanks: they become underscores
  std::string unit;   ///< "" if it has none
  std::vector<double> values;
};

/// Header lines with "#" and columns of 10 significant digits, the label of each above it: read by
/// numpy.loadtxt, gnuplot and kedge itself. NaN stands where there is no value.
/// @param about  lines for the header, without "#"
/// @pre columns of one length
[[nodiscard]] std::string columns_text(const std::vector<std::string>& about,
                                       const std::vector<TextColumn>& columns);

/// XDI 1.0: "# Family.name: value" lines, "# ///", comments, "# ---", labels, data.
/// Mono.d_spacing, which XDI recommends for measured data, is left out: there is no monochromator.
/// Source: B. Ravel, M. Newville, J. Phys. Conf. Ser. 712, 012148 (2016), XAS Data Interchange
/// Format; the energy here is the energy loss.
/// @param fields  "Element.symbol" -> "B", ...
[[nodiscard]] std::string xdi_text(const std::vector<std::pair<std::string, std::string>>& fields,
                                   const std::vector<std::string>& comments,
                                   const std::vector<TextColumn>& columns);

/// Writes a whole text file. @throws Error{io} if the disk or the folder refuses
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace kedge::io
