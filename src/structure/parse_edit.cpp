// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <set>

#include "kedge/core/error.hpp"
#include "kedge/structure/edit.hpp"

namespace kedge::structure {
namespace {

constexpr int kMostAtoms = 1000000;          // more is a slip
constexpr std::size_t kMostValues = 100000;  // of one list

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorKind::input, message);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

/// 0-based.
int parse_atom(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 ||
      number > kMostAtoms) {
    refuse(fmt::format("found '{}', wanted an atom number from 1 on", text));
  }
  return number - 1;
}

/// "4" or "2-7", 0-based and ascending.
std::vector<int> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  const int first = parse_atom(trimmed(text.substr(0, dash)));
  const int last =
      dash == std::string_view::npos ? first : parse_atom(trimmed(text.substr(dash + 1)));
  if (last < first) refuse(fmt::format("the range '{}' runs backwards", text));
  std::vector<int> atoms;
  for (int atom = first; atom <= last; ++atom) atoms.push_back(atom);
  return atoms;
}

double parse_component(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    refuse(fmt::format(
        "found '{}', wanted a direction: x, y, z or from, to or normal and atom numbers", text));
  }
  return value;
}

}  // namespace

namespace {

/// Ranges one after another; no atom twice.
std::vector<int> parse_ranges(std::string_view text, std::string_view separator) {
  std::vector<int> atoms;
  std::set<int> known;
  for (const std::string_view part : split(text, separator)) {
    for (const int atom : parse_range(part)) {
      if (!known.insert(atom).second) refuse(fmt::format("atom {} is given twice", atom + 1));
      atoms.push_back(atom);
    }
  }
  return atoms;
}

void check_length(std::size_t values) {
  if (values > kMostValues) refuse(fmt::format("more than {} values", kMostValues));
}

}  // namespace

std::vector<int> parse_atoms(std::string_view text) {
  return parse_ranges(text, ",");
}

std::vector<std::pair<int, int>> parse_swaps(std::string_view text) {
  std::vector<std::pair<int, int>> swaps;
  if (trimmed(text) == "none") return swaps;
  for (const std::string_view part : split(text, "+")) {
    const auto atoms = split(part, "<->");
    if (atoms.size() != 2) {
      refuse(fmt::format("found '{}', wanted two atom numbers such as 1<->7", part));
    }
    swaps.emplace_back(parse_atom(atoms[0]), parse_atom(atoms[1]));
    if (swaps.back().first == swaps.back().second) {
      refuse(fmt::format("'{}' swaps an atom with itself; write none for the structure as it is",
                         part));
    }
  }
  return swaps;
}

std::vector<int> parse_vacancies(std::string_view text) {
  if (trimmed(text) == "none") return {};
  return parse_ranges(text, "+");
}

Direction parse_direction(std::string_view text) {
  text = trimmed(text);
  Direction direction;
  const auto named = [&](std::string_view word, Direction::Kind kind) {
    if (!text.starts_with(word) || text.size() == word.size()) return false;
    const char next = text[word.size()];
    if (next != ' ' && next != '\t') return false;
    direction.kind = kind;
    direction.atoms = parse_atoms(trimmed(text.substr(word.size())));
    return true;
  };
  if (named("from", Direction::Kind::from_centre) || named("to", Direction::Kind::to_centre)) {
    return direction;
  }
  if (named("normal", Direction::Kind::normal)) {
    if (direction.atoms.size() != 3) {
      refuse(fmt::format("found {} atoms after normal, wanted three", direction.atoms.size()));
    }
    return direction;
  }
  const auto parts = split(text, ",");
  if (parts.size() != 3) {
    refuse(
        fmt::format("found '{}', wanted x, y, z or 'from 1-12', 'to 1-12', 'normal 7,8,12'", text));
  }
  for (int axis = 0; axis < 3; ++axis) {
    direction.vector[axis] = parse_component(parts[static_cast<std::size_t>(axis)]);
  }
  if (direction.vector.norm() < 1e-12) refuse("the direction is zero");
  return direction;
}

std::vector<std::string> list_of_swaps(std::string_view text) {
  std::vector<std::string> values;
  for (const std::string_view part : split(text, ",")) {
    const auto atoms = split(part, "<->");
    if (part == "none" || part.find('+') != std::string_view::npos || atoms.size() != 2) {
      (void)parse_swaps(part);
      values.emplace_back(part);
      continue;
    }
    const std::vector<int> seconds = parse_range(atoms[1]);
    for (const int first : parse_range(atoms[0])) {
      check_length(values.size() + seconds.size());
      for (const int second : seconds) {
        values.push_back(fmt::format("{}<->{}", first + 1, second + 1));
        (void)parse_swaps(values.back());
      }
    }
  }
  return values;
}

std::vector<std::string> list_of_vacancies(std::string_view text) {
  std::vector<std::string> values;
  for (const std::string_view part : split(text, ",")) {
    if (part == "none" || part.find('+') != std::string_view::npos) {
      (void)parse_vacancies(part);
      values.emplace_back(part);
      continue;
    }
    const std::vector<int> atoms = parse_range(part);
    check_length(values.size() + atoms.size());
    for (const int atom : atoms) values.push_back(std::to_string(atom + 1));
  }
  return values;
}

}  // namespace kedge::structure
