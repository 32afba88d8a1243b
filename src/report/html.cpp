// SPDX-License-Identifier: BSD-3-Clause
#include "html.hpp"

#include <fmt/format.h>

#include "kedge/io/svg_plot.hpp"

namespace kedge::report {

std::string swatch(std::size_t n) {
  return fmt::format(
      "<svg class=\"swatch\" viewBox=\"0 0 30 6\"><line x2=\"30\" y1=\"3\" y2=\"3\" stroke=\"{}\" "
      "stroke-width=\"3\" "
      "stroke-dasharray=\"{}\"/></svg>",
      io::curve_colour(n), io::curve_dashes(n));
}

std::string html_table(const std::vector<std::string>& heads,
                       const std::vector<std::vector<std::string>>& rows, std::size_t name_column) {
  std::string out = "<div class=\"wide\"><table>\n";
  const auto add = [&](const std::vector<std::string>& cells, const char* kind) {
    out += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      out += fmt::format("<{0}{1}>{2}</{0}>", kind, i == name_column ? " class=\"name\"" : "",
                         cells[i]);
    }
    out += "</tr>\n";
  };
  add(heads, "th");
  for (const auto& row : rows) add(row, "td");
  return out + "</table></div>\n";
}

}  // namespace kedge::report
