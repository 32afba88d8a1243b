// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kedge::measured {

/// Numbers of a text file in columns, with what its header tells.
struct TextTable {
  std::string source;                         ///< name of the file, for messages
  bool xdi = false;                           ///< began with "# XDI/"
  std::map<std::string, std::string> fields;  ///< XDI "element.symbol" (lower case) -> "B"
  std::vector<std::string> labels;            ///< of the columns; empty if the header tells none
  std::vector<std::string> units;             ///< as long as labels, "" where none
  std::vector<std::vector<double>> columns;   ///< shape (column)(row)
  std::vector<int> lines;                     ///< 1-based line of each row

  [[nodiscard]] std::size_t rows() const { return lines.size(); }
};

/// Reads columns of numbers.
///
/// Rules: lines that begin with # % ! or ; are header, as are lines before the first number that
/// hold a word (the labels of a CSV file). Columns are separated by blanks, tabs, commas or
/// semicolons; 1.5D+03 is a number. Every row has as many columns as the first. In an XDI file
/// Column.N lines name the columns and their units; in others the last header line, if it has a
/// word for each column, a unit in brackets counted with the word before it.
/// @param name  of the file, for messages
/// @throws Error{input} with name:line for a word among the numbers, nan or inf, decimal commas, a
/// row of another
///         length, no numbers at all; a file called .xdi without "# XDI/" in its first line
[[nodiscard]] TextTable parse_table(std::string_view text, const std::string& name);

}  // namespace kedge::measured
