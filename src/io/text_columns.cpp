// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/io/text_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <fstream>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/core/version.hpp"

namespace kedge::io {

namespace {

constexpr std::size_t kWidth = 18;

std::string one_word(std::string word) {
  std::replace_if(
      word.begin(), word.end(),
      [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == ',' || c == ';'; }, '_');
  return word.empty() ? "column" : word;
}

std::string comment(const std::string& line) {
  constexpr std::size_t kLongest = 4000;  // bytes; a header is for people
  return "# " + one_line(line, kLongest) + "\n";
}

/// "# label label ..." above the data; a label longer than its column pushes the next ones.
std::string label_line(const std::vector<TextColumn>& columns) {
  std::string line = "#";
  for (const TextColumn& column : columns) {
    line += fmt::format(" {:>{}}", one_word(column.label), line.size() == 1 ? kWidth - 2 : kWidth);
  }
  return line + "\n";
}

std::string data_lines(const std::vector<TextColumn>& columns) {
  std::string text;
  const std::size_t rows = columns.empty() ? 0 : columns.front().values.size();
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      assert(columns[c].values.size() == rows);
      text += fmt::format("{}{:>{}.9e}", c == 0 ? "" : " ", columns[c].values[row], kWidth);
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string columns_text(const std::vector<std::string>& about,
                         const std::vector<TextColumn>& columns) {
  std::string text;
  for (const std::string& line : about) text += comment(line);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::string unit = columns[c].unit.empty() ? "" : fmt::format(" [{}]", columns[c].unit);
    text += comment(fmt::format("column {}: {}{}", c + 1, one_word(columns[c].label), unit));
  }
  return text + label_line(columns) + data_lines(columns);
}

std::string xdi_text(const std::vector<std::pair<std::string, std::string>>& fields,
                     const std::vector<std::string>& comments,
                     const std::vector<TextColumn>& columns) {
  std::string text = fmt::format("# XDI/1.0 kedge/{}\n", kVersion);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::string unit = columns[c].unit.empty() ? "" : " " + columns[c].unit;
    text += comment(fmt::format("Column.{}: {}{}", c + 1, one_word(columns[c].label), unit));
  }
  for (const auto& [name, value] : fields) text += comment(fmt::format("{}: {}", name, value));
  text += "# ///\n";
  for (const std::string& line : comments) text += comment(line);
  return text + "# ----\n" + label_line(columns) + data_lines(columns);
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw Error(ErrorKind::io, fmt::format("cannot write '{}'", file.string()));
}

}  // namespace kedge::io
