// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/measured/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"

namespace kedge::measured {

namespace {

constexpr std::string_view kSeparators = " \t,;\r";

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> result;
  while (true) {
    const auto first = line.find_first_not_of(kSeparators);
    if (first == std::string_view::npos) return result;
    line.remove_prefix(first);
    const auto end = std::min(line.find_first_of(kSeparators), line.size());
    result.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// True for "190,5 12": a comma alone between two words, no comma between two others. What is meant
/// as a number would be read as two.
bool has_decimal_commas(std::string_view line, const std::vector<std::string_view>& found) {
  bool comma_alone = false;
  bool without_comma = false;
  for (std::size_t i = 0; i + 1 < found.size(); ++i) {
    const auto end = static_cast<std::size_t>(found[i].data() + found[i].size() - line.data());
    const auto begin = static_cast<std::size_t>(found[i + 1].data() - line.data());
    const std::string_view between = line.substr(end, begin - end);
    comma_alone = comma_alone || between == ",";
    without_comma = without_comma || between.find(',') == std::string_view::npos;
  }
  return comma_alone && without_comma;
}

/// Words with a unit in brackets put to the name before it: "Energy (keV) counts" are two labels.
std::vector<std::string> with_units_joined(const std::vector<std::string>& labels) {
  std::vector<std::string> joined;
  for (const std::string& label : labels) {
    if (!joined.empty() && (label.front() == '(' || label.front() == '[')) {
      joined.back() += label;
    } else {
      joined.push_back(label);
    }
  }
  return joined;
}

/// A number, nan and inf included; empty for anything else.
std::optional<double> number(std::string_view word) {
  std::string text(word);
  if (text.front() == '+') text.erase(0, 1);
  for (char& c : text) {
    if (c == 'D' || c == 'd') c = 'e';  // Fortran; "nd" and the like stay no numbers
  }
  double value = 0.0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (code == std::errc::result_out_of_range) return HUGE_VAL;
  if (code != std::errc()) return std::nullopt;
  return value;
}

class TableParser {
 public:
  explicit TableParser(const std::string& name) { table_.source = name; }

  TextTable parse(std::string_view text) {
    if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
      text.remove_prefix(kByteOrderMark.size());
    }
    if (text.find('\0') != std::string_view::npos) refuse_file("is no text file");
    while (!text.empty()) {
      ++line_;
      const auto end = std::min(text.find_first_of("\r\n"), text.size());
      take_line(text.substr(0, end));
      const std::size_t ending =
          text.substr(end, 2) == "\r\n" ? 2 : 1;  // a lone CR was the end of a line, too
      text.remove_prefix(std::min(end + ending, text.size()));
    }
    if (table_.rows() == 0) {
      refuse_file("holds no numbers; wanted columns of energy, intensity and, if known, its error");
    }
    const std::string ending = ".xdi";
    const std::string low = lower(table_.source);
    if (!table_.xdi && low.size() > ending.size() &&
        low.compare(low.size() - ending.size(), ending.size(), ending) == 0) {
      throw Error(
          ErrorKind::input,
          fmt::format("{}:1: an XDI file begins with '# XDI/1.0'; found none. Plain columns "
                      "want another ending than .xdi",
                      table_.source));
    }
    name_columns();
    return std::move(table_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorKind::input, fmt::format("{}:{}: {}", table_.source, line_, what));
  }
  [[noreturn]] void refuse_file(const std::string& what) const {
    throw Error(ErrorKind::input, fmt::format("'{}' {}", table_.source, what));
  }

  void take_line(std::string_view line) {
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return;
    if (std::string_view("#%!;").find(line[first]) != std::string_view::npos) {
      take_header(line.substr(first + 1));
      return;
    }
    const auto found = words(line);
    if (found.empty()) return;
    if (table_.rows() == 0 && !number(found.front())) {
      last_header_ = found_text(found);
      return;
    }
    if (has_decimal_commas(line, found)) {
      refuse(
          fmt::format("'{}': a decimal comma, or two signs between the columns; write decimal "
                      "points, and one sign between all columns",
                      one_line(line, kShown)));
    }
    take_row(found);
  }

  static std::vector<std::string> found_text(const std::vector<std::string_view>& found) {
    return {found.begin(), found.end()};
  }

  void take_header(std::string_view content) {
    if (line_ == 1 && content.find("XDI/") <= 1) table_.xdi = true;
    if (table_.rows() > 0) return;
    if (const auto found = words(content); !found.empty()) last_header_ = found_text(found);
    const auto colon = content.find(':');
    if (!table_.xdi || colon == std::string_view::npos) return;
    const auto key = words(content.substr(0, colon));
    if (key.size() != 1 || key.front().find('.') == std::string_view::npos) return;
    const std::string_view rest = content.substr(colon + 1);
    const auto start = std::min(rest.find_first_not_of(" \t"), rest.size());
    const auto end = rest.find_last_not_of(" \t\r");
    table_.fields[lower(key.front())] =
        end == std::string_view::npos ? "" : std::string(rest.substr(start, end - start + 1));
  }

  void take_row(const std::vector<std::string_view>& found) {
    if (table_.rows() == 0) table_.columns.resize(found.size());
    if (found.size() != table_.columns.size()) {
      refuse(fmt::format("{} columns, wanted {} as in line {}", found.size(), table_.columns.size(),
                         table_.lines.front()));
    }
    for (std::size_t c = 0; c < found.size(); ++c) {
      const auto value = number(found[c]);
      const std::string shown = one_line(found[c], kShown);
      if (!value) refuse(fmt::format("column {}: '{}' is no number", c + 1, shown));
      if (!std::isfinite(*value)) {
        refuse(
            fmt::format("column {}: '{}' is not a finite number; take this row out or put '#' "
                        "before it",
                        c + 1, shown));
      }
      table_.columns[c].push_back(*value);
    }
    table_.lines.push_back(line_);
  }

  /// From XDI's Column.N, else from the last header line if it has one word for each column.
  void name_columns() {
    const std::size_t n = table_.columns.size();
    if (table_.xdi) {
      std::vector<std::string> labels(n);
      std::vector<std::string> units(n);
      for (std::size_t c = 0; c < n; ++c) {
        const auto field = table_.fields.find(fmt::format("column.{}", c + 1));
        if (field == table_.fields.end()) continue;
        const auto parts = words(field->second);
        if (!parts.empty()) labels[c] = parts[0];
        if (parts.size() > 1) units[c] = parts[1];
      }
      table_.labels = labels;
      table_.units = units;
    } else {
      if (last_header_.size() != n) last_header_ = with_units_joined(last_header_);
      if (last_header_.size() != n) return;
      table_.labels = last_header_;
      table_.units.resize(n);
    }
  }

  static constexpr std::size_t kShown = 40;  // of what is refused
  TextTable table_;
  std::vector<std::string> last_header_;
  int line_ = 0;
};

}  // namespace

TextTable parse_table(std::string_view text, const std::string& name) {
  return TableParser(name).parse(text);
}

}  // namespace kedge::measured
