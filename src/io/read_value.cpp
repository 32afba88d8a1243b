// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "key_table.hpp"

namespace kedge::io {

namespace {

constexpr std::string_view kOrbitalLetters = "spdf";
constexpr std::size_t kLargestCount = 100000;  ///< values in one list: more is surely a slip

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorKind::input, message);
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// A finite number in the C locale; the whole text must be used up.
double to_number(std::string_view text) {
  std::string_view digits = text;
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  double value = 0.0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || code != std::errc() || end != digits.data() + digits.size()) {
    refuse(fmt::format("found '{}', wanted a number", text));
  }
  if (!std::isfinite(value)) refuse(fmt::format("found '{}', wanted a finite number", text));
  return value;
}

void check_range(const Key& key, double value) {
  if (key.range.holds(value)) return;
  refuse(fmt::format("found {:g}, wanted a value in {}{}{}", value, key.range.to_string(),
                     key.unit.empty() ? "" : " ", key.unit));
}

/// start:step:stop, the stop included if the steps reach it (to a millionth of a step).
void append_range(std::string_view text, std::vector<double>& values) {
  const auto parts = split(text, ':');
  if (parts.size() != 3) {
    refuse(fmt::format("found '{}', wanted a number or start:step:stop", text));
  }
  const double start = to_number(parts[0]);
  const double step = to_number(parts[1]);
  const double stop = to_number(parts[2]);
  if (step == 0.0) refuse(fmt::format("the range '{}' has a step of 0", text));
  if ((stop - start) * step < 0.0) {
    refuse(
        fmt::format("the range '{}' runs backwards: a step of {:g} never leads from {:g} to {:g}",
                    text, step, start, stop));
  }
  const double steps = (stop - start) / step;
  if (!(steps < static_cast<double>(kLargestCount))) {
    refuse(fmt::format("the range '{}' has {:.3g} values, at most {} are allowed", text, steps + 1,
                       kLargestCount));
  }
  const auto count = static_cast<std::size_t>(std::floor(steps + 1e-6)) + 1;
  for (std::size_t i = 0; i < count; ++i) {
    // Rounding to 1e-10 keeps 0.1 + 2 * 0.1 equal to 0.3 as written elsewhere in the
    // list.
    const double value = start + static_cast<double>(i) * step;
    values.push_back(std::round(value * 1e10) / 1e10 + 0.0);  // + 0.0: no negative zero
  }
}

std::vector<double> read_numbers(const Key& key, std::string_view text) {
  std::vector<double> values;
  for (const std::string_view part : split(text, ',')) {
    if (part.find(':') != std::string_view::npos) {
      append_range(part, values);
    } else {
      values.push_back(to_number(part));
    }
    if (values.size() > kLargestCount) {
      refuse(fmt::format("more than {} values", kLargestCount));
    }
  }
  for (const double value : values) check_range(key, value);
  return values;
}

std::vector<double> distinct(std::vector<double> values) {
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) refuse(fmt::format("the value {:g} is given twice", *twice));
  return values;
}

/// Ranges that meet share the joint; otherwise each energy must lie above the one before.
std::vector<double> increasing(const std::vector<double>& values) {
  constexpr double kSameEnergy = 1e-6;  // eV; far below any useful step
  std::vector<double> grid;
  for (const double value : values) {
    if (!grid.empty() && std::abs(value - grid.back()) < kSameEnergy) continue;
    if (!grid.empty() && value < grid.back()) {
      refuse(
          fmt::format("the energy grid runs backwards: {:g} eV comes after {:g} eV, wanted "
                      "increasing energies",
                      value, grid.back()));
    }
    grid.push_back(value);
  }
  return grid;
}

std::string atom_name(std::string_view text) {
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  if (digits && text.size() < 9 && text[0] != '0') return std::string(text);
  if (const auto number = atomic_number(text); !digits && number) {
    return std::string(element_symbol(*number));
  }
  refuse(
      fmt::format("found '{}', wanted an element or a 1-based atom number before the colon", text));
}

/// "2p", with l < n
bool is_orbital(std::string_view text) {
  if (text.size() != 2 || text[0] < '1' || text[0] > '7') return false;
  const auto l = kOrbitalLetters.find(text[1]);
  return l != std::string_view::npos && static_cast<int>(l) < text[0] - '0';
}

void check_shells(std::string_view text) {
  std::set<std::string_view> orbitals;
  for (const std::string_view shell : split(text, ' ')) {
    if (shell.empty()) continue;
    if (shell.size() < 3 || !is_orbital(shell.substr(0, 2))) {
      refuse(fmt::format("found '{}', wanted a shell such as 2p1 or 2p1.5", shell));
    }
    const double occupation = to_number(shell.substr(2));
    const auto l = static_cast<int>(kOrbitalLetters.find(shell[1]));
    if (occupation < 0.0 || occupation > 4.0 * l + 2.0) {
      refuse(
          fmt::format("found '{}', wanted an occupation of 0 or more, up to {}", shell, 4 * l + 2));
    }
    if (!orbitals.insert(shell.substr(0, 2)).second) {
      refuse(fmt::format("the shell {} is given twice", shell.substr(0, 2)));
    }
  }
  if (orbitals.empty()) refuse("wanted shells such as 2s2 2p1 after the colon");
}

std::map<std::string, std::string> read_map(const Key& key, std::string_view text) {
  std::map<std::string, std::string> map;
  for (const std::string_view part : split(text, ',')) {
    const auto colon = part.find(':');
    if (colon == std::string_view::npos) {
      refuse(fmt::format("found '{}', wanted atom:value such as B:{}", part,
                         key.type == ValueType::number_map ? "0.7" : "2s2 2p1"));
    }
    const std::string atom = atom_name(trim(part.substr(0, colon)));
    const std::string_view value = trim(part.substr(colon + 1));
    if (key.type == ValueType::number_map) {
      check_range(key, to_number(value));
    } else {
      check_shells(value);
    }
    if (!map.emplace(atom, value).second) refuse(fmt::format("'{}' is given twice", atom));
  }
  return map;
}

double read_flag(std::string_view text) {
  for (const std::string_view yes : {"yes", "true", "on", "1"}) {
    if (text == yes) return 1.0;
  }
  for (const std::string_view no : {"no", "false", "off", "0"}) {
    if (text == no) return 0.0;
  }
  refuse(fmt::format("found '{}', wanted yes or no", text));
}

std::vector<double> read_vector(const Key& key, std::string_view text) {
  const auto parts = split(text, ',');
  if (parts.size() != 3) refuse(fmt::format("found '{}', wanted three numbers x, y, z", text));
  std::vector<double> values;
  for (const std::string_view part : parts) {
    values.push_back(to_number(part));
    check_range(key, values.back());
  }
  const bool zero = std::all_of(values.begin(), values.end(), [](double v) { return v == 0.0; });
  // A direction cannot be null; the only vector without words is an offset, which can.
  if (zero && !key.words.empty()) refuse("the vector is zero, wanted a direction");
  return values;
}

}  // namespace

std::vector<std::string> case_values(const Key& key, std::string_view text) {
  text = trim(text);
  std::vector<std::string> values;
  const auto add_numbers = [&](std::string_view piece) {
    for (const std::string_view part : split(piece, ',')) {
      std::vector<double> numbers;
      const bool is_word = std::find(key.words.begin(), key.words.end(), part) != key.words.end();
      if (is_word || part.empty()) {
        values.emplace_back(part);
      } else if (part.find(':') != std::string_view::npos) {
        append_range(part, numbers);
      } else {
        numbers.push_back(to_number(part));
      }
      for (const double number : numbers) values.push_back(fmt::format("{}", number));
    }
  };
  for (const std::string_view piece : split(text, '|')) {
    switch (key.type) {
      case ValueType::integer:
      case ValueType::number:
      case ValueType::numbers:
        add_numbers(piece);
        break;
      case ValueType::choice:
      case ValueType::flag:
      case ValueType::orbital:
        for (const std::string_view part : split(piece, ',')) values.emplace_back(part);
        break;
      case ValueType::text: {
        std::vector<std::string> parts = {std::string(piece)};
        if (key.name == "swap") parts = structure::list_of_swaps(piece);
        if (key.name == "vacancy") parts = structure::list_of_vacancies(piece);
        if (key.name == "file") {
          parts.clear();
          for (const std::string_view part : split(piece, ',')) parts.emplace_back(part);
        }
        values.insert(values.end(), parts.begin(), parts.end());
        break;
      }
      case ValueType::grid:
      case ValueType::vector:
      case ValueType::number_map:
      case ValueType::shells_map:
        values.emplace_back(piece);
        break;
    }
    if (values.size() > kLargestCount) refuse(fmt::format("more than {} values", kLargestCount));
  }
  return values;
}

Value read_value(const Key& key, std::string_view text) {
  Value value;
  value.text = std::string(trim(text));
  if (value.text.empty()) refuse("no value after the equals sign, wanted " + type_text(key));
  value.is_word = std::find(key.words.begin(), key.words.end(), value.text) != key.words.end();
  if (value.is_word) return value;
  switch (key.type) {
    case ValueType::text:
      break;
    case ValueType::choice:
      refuse(fmt::format("found '{}', wanted {}", value.text, type_text(key)));
    case ValueType::flag:
      value.numbers = {read_flag(value.text)};
      break;
    case ValueType::integer:
      value.numbers = {to_number(value.text)};
      if (value.numbers[0] != std::floor(value.numbers[0])) {
        refuse(fmt::format("found '{}', wanted a whole number", value.text));
      }
      check_range(key, value.numbers[0]);
      break;
    case ValueType::number:
      value.numbers = {to_number(value.text)};
      check_range(key, value.numbers[0]);
      break;
    case ValueType::numbers: {
      value.numbers = read_numbers(key, value.text);
      // Two cases may share a value, such as one Fermi level of two screenings; a spectrum need not
      // be there twice.
      if (key.name == "q") value.numbers = distinct(value.numbers);
      break;
    }
    case ValueType::grid:
      value.numbers = increasing(read_numbers(key, value.text));
      break;
    case ValueType::vector:
      value.numbers = read_vector(key, value.text);
      break;
    case ValueType::number_map:
    case ValueType::shells_map:
      value.map = read_map(key, value.text);
      break;
    case ValueType::orbital:
      if (!is_orbital(value.text)) {
        refuse(fmt::format("found '{}', wanted {}", value.text, type_text(key)));
      }
      break;
  }
  return value;
}

}  // namespace kedge::io
