// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/structure/read_xyz.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/core/units.hpp"
#include "kedge/structure/cluster.hpp"
#include "site_element.hpp"

namespace kedge::structure {
namespace {

constexpr std::string_view kBlank = " \t\r\v\f";
constexpr double kLargestCoordinate = 1e6;  // Angstrom; more is a slip, and upsets integer lengths

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  for (line = trimmed(line); !line.empty(); line = trimmed(line)) {
    const auto end = std::min(line.find_first_of(kBlank), line.size());
    found.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return found;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

template <class Number>
std::optional<Number> parse(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

/// The lines of one file, with the place named in each error.
class XyzText {
 public:
  XyzText(std::string_view text, const std::string& name) : lines_(lines_of(text)), name_(name) {}

  [[nodiscard]] std::size_t n_lines() const { return lines_.size(); }
  [[nodiscard]] std::string_view line(std::size_t index) const { return lines_[index]; }

  [[noreturn]] void fail(std::size_t index, const std::string& message) const {
    throw Error(ErrorKind::input, fmt::format("{}:{}: {}", name_, index + 1, message));
  }

 private:
  std::vector<std::string_view> lines_;
  std::string name_;
};

int read_count(const XyzText& text, std::size_t index) {
  if (text.n_lines() == 0) {
    text.fail(0, "the file is empty; the first line of an XYZ file is the number of atoms");
  }
  const auto count = parse<int>(trimmed(text.line(index)));
  if (!count || *count < 1) {
    text.fail(index,
              fmt::format("found \"{}\" where the number of atoms is wanted (a positive integer "
                          "alone on the first line)",
                          trimmed(text.line(index))));
  }
  return *count;
}

Site read_atom(const XyzText& text, std::size_t index, int number, int count) {
  if (index >= text.n_lines() || trimmed(text.line(index)).empty()) {
    text.fail(index, fmt::format("the first line announces {} atoms, but atom {} is missing; "
                                 "correct the count or add the atoms",
                                 count, number));
  }
  const auto fields = words(text.line(index));
  if (fields.size() != 4) {
    text.fail(index, fmt::format("atom {} of {}: found {} columns, wanted 4: symbol x y z "
                                 "[Angstrom]; correct the count or remove the extra columns",
                                 number, count, fields.size()));
  }
  auto element = element_of_symbol(fields[0]);
  if (const auto z = parse<int>(fields[0]); z && *z >= 1 && *z <= kLargestAtomicNumber) element = z;
  if (!element) {
    text.fail(index, fmt::format("atom {} of {}: \"{}\" is no element; wanted a symbol such as Na "
                                 "or an atomic number from 1 to {}",
                                 number, count, fields[0], kLargestAtomicNumber));
  }
  Site site;
  site.atomic_number = *element;
  site.label = fmt::format("{}{}", element_symbol(*element), number);
  site.equivalence_class = number - 1;
  for (int axis = 0; axis < 3; ++axis) {
    const auto field = fields[static_cast<std::size_t>(axis) + 1];
    const auto value = parse<double>(field);
    if (!value || !(std::abs(*value) <= kLargestCoordinate)) {
      text.fail(index, fmt::format("atom {} of {}: coordinate {} is \"{}\", wanted a finite number "
                                   "in Angstrom, at most {:g}",
                                   number, count, "xyz"[axis], field, kLargestCoordinate));
    }
    site.position_cart[axis] = bohr_from_angstrom(*value);
  }
  return site;
}

/// Reads the frame that starts at a line, and moves on behind it.
Structure read_frame(const XyzText& text, std::size_t& index, const std::string& name) {
  const int count = read_count(text, index);
  Structure structure;
  structure.source = name;
  const std::size_t comment = index + 1;
  if (text.n_lines() > comment) structure.title = trimmed(text.line(comment));
  if (structure.title.find("Lattice=") != std::string::npos) {
    text.fail(comment,
              "the comment gives a lattice, but an XYZ file is read as an isolated molecule; "
              "write the crystal as a CIF, or remove Lattice= to treat it as a molecule");
  }
  index += 2;
  for (int number = 1; number <= count; ++number, ++index) {
    structure.sites.push_back(read_atom(text, index, number, count));
  }
  return structure;
}

/// Moves to the next line that is not blank; true if there is one. It must be the count of a
/// further frame.
bool find_frame(const XyzText& text, std::size_t& index, int count) {
  for (; index < text.n_lines(); ++index) {
    const auto rest = trimmed(text.line(index));
    if (rest.empty()) continue;
    if (parse<int>(rest)) return true;
    text.fail(
        index,
        fmt::format("found \"{}\" after the {} atom{} announced in the first line of the frame; "
                    "correct the count or remove the extra lines",
                    rest, count, count == 1 ? "" : "s"));
  }
  return false;
}

void check_same_atoms(const Structure& first, const Structure& frame, std::size_t number) {
  const auto element = [](const Site& site) { return site.atomic_number; };
  if (std::ranges::equal(first.sites, frame.sites, {}, element, element)) return;
  throw Error(
      ErrorKind::input,
      fmt::format(
          "{}: frame {} has other atoms than frame 1; wanted the same elements in the same order",
          first.source, number));
}

}  // namespace

std::vector<Structure> parse_xyz_frames(std::string_view content, const std::string& name) {
  const XyzText text(content, name);
  std::vector<Structure> frames;
  std::size_t index = 0;
  do {
    frames.push_back(read_frame(text, index, name));
    check_same_atoms(frames.front(), frames.back(), frames.size());
    try {
      check_distances(frames.back());
    } catch (Error& error) {
      if (frames.size() > 1) error.add_context(fmt::format("frame {}", frames.size()));
      throw;
    }
  } while (find_frame(text, index, static_cast<int>(frames.back().sites.size())));
  return frames;
}

Structure parse_xyz(std::string_view content, const std::string& name) {
  std::vector<Structure> frames = parse_xyz_frames(content, name);
  if (frames.size() == 1) return std::move(frames.front());
  throw Error(ErrorKind::input, fmt::format("{} has {} frames, wanted one", name, frames.size()));
}

}  // namespace kedge::structure
