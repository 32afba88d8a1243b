// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/io/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cctype>
#include <charconv>
#include <limits>
#include <sstream>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/core/text_file.hpp"
#include "key_table.hpp"

namespace kedge::io {

namespace {

namespace options = boost::program_options;

constexpr std::size_t kLargestInput = 4000000;  // bytes; a list of 100000 numbers takes 1 MB

[[noreturn]] void refuse(const std::string& place, const std::string& message) {
  throw Error(ErrorKind::input, place + ": " + message);
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

/// A piece of the text for an error message.
std::string shortened(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  return one_line(trimmed(text), kLongest);
}

std::string unknown_key(const std::string& section, const std::string& name) {
  if (!is_section(section)) {
    return fmt::format("unknown section [{}]; the nearest known one is [{}] (kedge keys lists all)",
                       shortened(section), nearest_section(section));
  }
  return fmt::format("unknown key '{}' in [{}]; {} (kedge keys lists all)", shortened(name),
                     section, nearest_key(section, name));
}

/// The same for a name that has its section, as in a part or with --set.
std::string unknown_name(const std::string& full_name) {
  const auto dot = full_name.find('.');
  if (dot == std::string::npos) {
    return fmt::format("found '{}', wanted section.key, such as structure.absorber",
                       shortened(full_name));
  }
  return unknown_key(full_name.substr(0, dot), full_name.substr(dot + 1));
}

const Key* find_key(const std::string& full_name) {
  const auto& table = key_table();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Key& key) { return key.full_name() == full_name; });
  return found == table.end() ? nullptr : &*found;
}

/// The parts that the text names; where each key of the one wanted stands ("file:line:column"), and
/// these made ready for Boost.
struct Scan {
  std::vector<std::string> parts;
  std::map<std::string, std::string> places;
  std::string text;
};

constexpr std::string_view kPart = "part";

/// Boost.Program_options reads the values (below), but tells neither where a key stands nor which
/// known key is near, does not know ';' comments, and keeps a byte order mark. So one pass over the
/// lines finds positions, unknown and repeated keys, and lines that are no key; it hands on lines
/// that Boost understands.
class Scanner {
 public:
  /// @param part  of the input whose keys are wanted beside those before the first part; empty:
  /// these alone
  Scanner(std::string name, std::string part) : name_(std::move(name)), part_(std::move(part)) {}

  Scan run(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    while (!text.empty()) {
      const auto end = text.find('\n');
      ++line_;
      read_line(text.substr(0, end));
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
    // What the part says takes the place of what all have.
    for (Line& line : of_part_) {
      const auto same = std::ranges::find(common_, line.key, &Line::key);
      if (same == common_.end()) {
        common_.push_back(std::move(line));
      } else {
        *same = std::move(line);
      }
    }
    for (Line& line : common_) {
      scan_.text += fmt::format("{}={}\n", line.key, line.value);
      scan_.places.emplace(std::move(line.key), std::move(line.place));
    }
    return std::move(scan_);
  }

 private:
  [[nodiscard]] std::string place(std::size_t column) const {
    return fmt::format("{}:{}:{}", name_, line_, column + 1);
  }

  void read_line(std::string_view line) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    check_characters(line);
    line = line.substr(0, line.find_first_of("#;"));
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) return;
    if (line[first] == '[') {
      read_section(line, first);
    } else {
      read_key(line, first);
    }
  }

  void check_characters(std::string_view line) const {
    const auto control = std::find_if(line.begin(), line.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte < 0x20 && c != '\t') || byte == 0x7F;
    });
    if (control == line.end()) return;
    const std::string where = place(static_cast<std::size_t>(control - line.begin()));
    if (*control == '\0') refuse(where, "a NUL character: is this a text file?");
    if (*control == '\r') {
      refuse(where, "a carriage return inside a line: wanted lines that end with LF or CR LF");
    }
    refuse(where, fmt::format("a control character (0x{:02x}): is this a text file?",
                              static_cast<unsigned char>(*control)));
  }

  void read_section(std::string_view line, std::size_t first) {
    const auto close = line.find(']', first);
    if (close == std::string_view::npos || !trimmed(line.substr(close + 1)).empty()) {
      refuse(place(first), fmt::format("found '{}', wanted a section such as [structure] alone on "
                                       "its line",
                                       shortened(line)));
    }
    section_ = trimmed(line.substr(first + 1, close - first - 1));
    if (section_ == kPart || section_.starts_with(std::string(kPart) + ' ')) {
      begin_part(trimmed(section_.substr(kPart.size())), first);
    } else if (!is_section(section_)) {
      refuse(place(first), unknown_key(section_, ""));
    } else if (!scan_.parts.empty()) {
      refuse(place(first), fmt::format("[{}] stands after [part {}]; wanted what all parts have "
                                       "before the first of them, and in a part lines such as "
                                       "structure.absorber = C",
                                       section_, scan_.parts.back()));
    }
  }

  void begin_part(std::string part, std::size_t first) {
    const bool plain = !part.empty() && std::ranges::all_of(part, [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    });
    if (!plain) {
      refuse(place(first), fmt::format("the name of a part is '{}', wanted letters, digits, '_' "
                                       "or '-', as in [part C]",
                                       shortened(part)));
    }
    if (std::ranges::find(scan_.parts, part) != scan_.parts.end()) {
      refuse(place(first), fmt::format("[part {}] is given twice", part));
    }
    scan_.parts.push_back(std::move(part));
    seen_.clear();
  }

  void read_key(std::string_view line, std::size_t first) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || equals == first) {
      refuse(place(first), fmt::format("found '{}', wanted key = value", shortened(line)));
    }
    const std::string name = trimmed(line.substr(first, equals - first));
    if (section_.empty()) {
      refuse(place(first),
             fmt::format("key '{}' stands before the first section, wanted a line such "
                         "as [structure] above it",
                         name));
    }
    const bool in_part = !scan_.parts.empty();
    const std::string full_name = in_part ? name : section_ + "." + name;
    if (find_key(full_name) == nullptr) refuse(place(first), unknown_name(full_name));
    const auto [entry, is_new] = seen_.emplace(full_name, place(first));
    if (!is_new) {
      refuse(place(first),
             fmt::format("key '{}' is given twice, first at {}", name, entry->second));
    }
    if (in_part && scan_.parts.back() != part_) return;
    (in_part ? of_part_ : common_)
        .push_back({full_name, trimmed(line.substr(equals + 1)), place(first)});
  }

  struct Line {
    std::string key;  // section.key
    std::string value;
    std::string place;
  };

  std::string name_;
  std::string part_;
  std::size_t line_ = 0;
  std::string section_;
  std::map<std::string, std::string> seen_;  // keys of all parts or of this one, and their places
  std::vector<Line> common_;
  std::vector<Line> of_part_;
  Scan scan_;
};

/// The keys of one part of an input with parts, or of one without.
Scan scan_of(const std::string& text, const std::string& name, const std::string& part) {
  Scan scan = Scanner(name, part).run(text);
  if (part.empty() && !scan.parts.empty()) {
    refuse(name,
           fmt::format("the input has the parts {}; wanted one of them", join(scan.parts, ", ")));
  }
  if (!part.empty() && std::ranges::find(scan.parts, part) == scan.parts.end()) {
    refuse(name, fmt::format("there is no part '{}'; {}", part,
                             scan.parts.empty() ? "the input has none"
                                                : "the input has " + join(scan.parts, ", ")));
  }
  return scan;
}

struct Entry {
  std::string key;
  std::string value;
  std::string place;
};

/// Keys and values of the file in its order, then those of --set that the file does not have.
std::vector<Entry> entries(const std::string& text, const std::string& name,
                           const std::string& part, const std::vector<std::string>& overrides) {
  const Scan scan = scan_of(text, name, part);
  options::options_description known;
  for (const Key& key : key_table()) {
    known.add_options()(key.full_name().c_str(), options::value<std::string>());
  }
  std::vector<Entry> found;
  try {
    std::istringstream stream(scan.text);
    for (const auto& option : options::parse_config_file(stream, known).options) {
      found.push_back({option.string_key, option.value.front(), scan.places.at(option.string_key)});
    }
  } catch (const options::error& error) {
    refuse(name, error.what());
  }
  for (const std::string& text_of_set : overrides) {
    const std::string place = "--set " + text_of_set;
    const auto equals = text_of_set.find('=');
    const std::string key = trimmed(text_of_set.substr(0, equals));
    if (equals == std::string::npos || key.find('.') == std::string::npos) {
      refuse(place, "wanted section.key=value");
    }
    if (find_key(key) == nullptr) refuse(place, unknown_name(key));
    std::string value = trimmed(text_of_set.substr(equals + 1));
    if (value.find_first_of("\n\r#;") != std::string::npos) {
      refuse(place, "a value holds no line break, '#' or ';'");
    }
    const auto same = std::find_if(found.begin(), found.end(),
                                   [&](const Entry& entry) { return entry.key == key; });
    if (same == found.end()) {
      found.push_back({key, value, place});
    } else {
      same->value = value;
      same->place = place;
    }
  }
  return found;
}

void assign(Input& input, const Key& key, const std::string& text, const std::string& place) {
  try {
    key.assign(input, read_value(key, text));
  } catch (Error& error) {
    error.add_context(fmt::format("{}: {} in [{}]", place, key.name, key.section));
    throw;
  }
}

/// Rules that tie several keys together, or that hold for this version only. @param place  of a key
void check_together(const Input& input, const std::function<std::string(const char*)>& place) {
  if (input.engine.kind == "ms" && input.potential.outer_ev) {
    refuse(
        place("potential.outer"),
        "multiple scattering has one level, V0, between the spheres and beyond the cluster; wanted "
        "outer = auto with engine.kind = ms");
  }
  if (input.xanes.polarization && input.xanes.quadrupole) {
    refuse(place("xanes.quadrupole"),
           "the quadrupole is averaged over all directions; wanted polarization = isotropic or "
           "quadrupole = no");
  }
  const structure::Edit& edit = input.structure.edit;
  const auto written = [&](const char* key) {
    return std::find_if(input.resolved.begin(), input.resolved.end(),
                        [&](const auto& entry) { return entry.first == key; })
        ->second;
  };
  if (edit.displaced.empty() && written("structure.displace") == "none" &&
      written("structure.displace_by") != "0") {
    refuse(place("structure.displace_by"),
           "no atoms are displaced; wanted displace = 25 or so beside it");
  }
  if (!edit.displaced.empty() && written("structure.displace_along") == "none") {
    refuse(place("structure.displace"),
           "the direction is missing; wanted displace_along = from 1-12 or so beside it");
  }
  for (const char* key : {"engine.spacing", "engine.reduction_tolerance"}) {
    if (written("engine.accuracy") != "none" && written(key) != "auto") {
      refuse(place(key),
             fmt::format("engine.accuracy picks {0}; give one of the two, wanted {0} = auto", key));
    }
  }
  if (input.engine.grid_error == "yes" && !reduced_energies(input)) {
    refuse(place("engine.grid_error"),
           "the error of the grid is told by a second reduced model; wanted engine.kind = fdm and "
           "engine.energies = reduced beside it");
  }
  const auto n_fermi = input.energy.fermi_by_screening_ev.size();
  if (n_fermi > 0 && n_fermi != input.absorber.screening.size()) {
    refuse(place("energy.fermi"),
           fmt::format(
               "fermi has {} values and absorber.screening has {}; wanted one value, or one for "
               "each screening",
               n_fermi, input.absorber.screening.size()));
  }
}

}  // namespace

namespace {

/// Fills in one key, all its values if it makes cases. Gives these values. @param zip  the same
/// value may come twice
std::vector<std::string> fill_in(Input& input, const Key& key, const std::string& text,
                                 const std::string& place, bool zip) {
  // In a zip of lists the Fermi level is a list like the others.
  const bool zipped_fermi = zip && key.full_name() == "energy.fermi";
  if (!makes_cases(key) && !zipped_fermi) {
    assign(input, key, text, place);
    return {text};
  }
  std::vector<std::string> values;
  try {
    values = case_values(key, text);
    if (!zip) {
      std::vector<std::string> sorted = values;
      std::sort(sorted.begin(), sorted.end());
      const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
      if (twice != sorted.end()) {
        throw Error(ErrorKind::input, fmt::format("the value {} is given twice", *twice));
      }
    }
  } catch (Error& error) {
    error.add_context(fmt::format("{}: {} in [{}]", place, key.name, key.section));
    throw;
  }
  Input tried;
  for (const std::string& value : values) assign(tried, key, value, place);
  const bool holds_all =
      key.full_name() == "absorber.screening" || key.full_name() == "absorber.dilatorb";
  assign(input, key, holds_all ? join(values, ",") : values.front(), place);
  return values;
}

/// What follows from the texts of single keys once all are filled in.
/// @param stem  of the result file, where it has no name of its own
void finish(Input& input, const std::string& stem) {
  if (input.structure.file.is_relative()) {
    input.structure.file = input.folder / input.structure.file;
  }
  if (input.output.file != "auto") return;
  input.output.file = stem + ".h5";
  // The resolved input is concrete: run again under another name it writes the same file.
  for (auto& [key, value] : input.resolved) {
    if (key == "output.file") value = input.output.file.string();
  }
}

}  // namespace

void check_rules(const Input& input) {
  check_together(input, [](const char* key) { return std::string(key); });
}

bool reduced_energies(const Input& input) {
  // From about here on a model, worth 8 to 12 energies, pays.
  constexpr std::size_t kFewestEnergies = 24;
  if (input.engine.kind != "fdm" || input.engine.energies == "direct") return false;
  return input.engine.energies == "reduced" || input.energy.grid_ev.size() >= kFewestEnergies;
}

Input parse_input(const std::string& text, const std::string& name,
                  const std::filesystem::path& folder, const std::vector<std::string>& overrides,
                  const std::string& part) {
  const std::vector<Entry> given = entries(text, name, part, overrides);
  Input input;
  input.folder = folder;
  const auto find_given = [&](std::string_view key) {
    return std::find_if(given.begin(), given.end(),
                        [&](const Entry& entry) { return entry.key == key; });
  };
  const auto combine = find_given("cases.combine");
  const bool zip = combine != given.end() && combine->value == "zip";
  std::map<std::string, std::vector<std::string>> lists;
  for (const Key& key : key_table()) {
    const auto entry = find_given(key.full_name());
    if (entry == given.end() && key.fallback.empty()) {
      refuse(name, fmt::format("'{}' in [{}] is missing: {}", key.name, key.section, key.meaning));
    }
    const std::string value = entry == given.end() ? std::string(key.fallback) : entry->value;
    const std::string place = entry == given.end() ? name : entry->place;
    std::vector<std::string> values = fill_in(input, key, value, place, zip);
    if (values.size() > 1) lists[key.full_name()] = std::move(values);
    input.resolved.emplace_back(key.full_name(), value);
  }
  check_together(input, [&](const char* key) {
    const auto entry = find_given(key);
    return entry == given.end() ? name : entry->place;
  });
  for (const Entry& entry : given) {
    if (const auto list = lists.find(entry.key); list != lists.end()) {
      input.sweeps.push_back({entry.key, list->second});
    }
  }
  finish(input, std::filesystem::path(name).stem().string() + (part.empty() ? "" : '_' + part));
  return input;
}

std::vector<std::string> parts_of_input(const std::string& text, const std::string& name) {
  return Scanner(name, "").run(text).parts;
}

Input with_values(const Input& input,
                  const std::vector<std::pair<std::string, std::string>>& values) {
  Input one;
  one.folder = input.folder;
  for (const auto& [full_name, text] : input.resolved) {
    const auto other = std::find_if(values.begin(), values.end(),
                                    [&](const auto& value) { return value.first == full_name; });
    const std::string& now = other == values.end() ? text : other->second;
    assign(one, *find_key(full_name), now, full_name);
    one.resolved.emplace_back(full_name, now);
  }
  finish(one, "");
  return one;
}

void replace_value(Input& input, const std::string& key, const std::string& text) {
  const std::vector<std::string> values =
      fill_in(input, *find_key(key), text, key, input.cases.zip);
  finish(input, "");
  for (auto& [name, value] : input.resolved) {
    if (name == key) value = text;
  }
  std::erase_if(input.sweeps, [&](const Sweep& sweep) { return sweep.key == key; });
  if (values.size() > 1) input.sweeps.insert(input.sweeps.begin(), Sweep{key, values});
}

std::string read_input_file(const std::filesystem::path& file) {
  return read_text_file(file, "input file", kLargestInput);
}

std::string resolved_text(const Input& input) {
  std::string text;
  std::string section;
  for (const auto& [full_name, value] : input.resolved) {
    const Key* key = find_key(full_name);
    if (key->section != section) {
      section = key->section;
      text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
    }
    const std::string unit = key->unit.empty() ? "" : fmt::format("  # {}", key->unit);
    text += fmt::format("{} = {}{}\n", key->name, value, unit);
  }
  return text;
}

namespace {

/// Words and separators of a value: blanks beside them say nothing.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool open = false;
  for (const char c : text) {
    const bool separates = c == ',' || c == ':' || c == '|';
    const bool blank = c == ' ' || c == '\t';
    if (!blank && (separates || !open)) words.emplace_back();
    if (!blank) words.back() += c;
    open = !blank && !separates;
  }
  return words;
}

/// "1.0,2" says what "1, 2" says.
bool same_value(std::string_view one, std::string_view other) {
  return std::ranges::equal(words_of(one), words_of(other), [](const auto& a, const auto& b) {
    const auto number = [](const std::string& word) {
      double value = std::numeric_limits<double>::quiet_NaN();
      const char* const end = word.data() + word.size();
      const auto [stop, error] = std::from_chars(word.data(), end, value);
      return error == std::errc() && stop == end ? value : std::numeric_limits<double>::quiet_NaN();
    };
    return a == b || number(a) == number(b);
  });
}

}  // namespace

std::vector<std::string> differences(const Input& one, const Input& other) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < one.resolved.size() && i < other.resolved.size(); ++i) {
    const auto& [key, value] = one.resolved[i];
    const std::string section = key.substr(0, key.find('.'));
    if (section == "output" || section == "parallel" ||
        same_value(value, other.resolved[i].second)) {
      continue;
    }
    found.push_back(fmt::format("{}: {} -> {}", key, value, other.resolved[i].second));
  }
  return found;
}

std::string unit_of(const std::string& key) {
  return std::string(find_key(key)->unit);
}

std::string manual() {
  std::string text =
      "# Input keys\n\n"
      "Generated by `kedge keys` from the table that reads the input. The input is an INI file: "
      "`[section]`\nlines, `key = value` lines, comments from `#` or `;` to the end of the line. "
      "Every key can be set on\nthe command line with `--set section.key=value`.\n\n"
      "Lists: `1, 0.5, 0.1`. Ranges: `start:step:stop`, the stop included if the steps reach "
      "it.\n\n"
      "Any key that takes one value makes cases if it is given several: `radius = 4, 5`, "
      "`spacing = 0.3, 0.25`, `strain = 0:0.01:0.03`.\n"
      "Where a value has commas itself, `|` separates: `direction = 0,0,1 | 1,0,0`, `configuration "
      "= ground | B:2s1 2p2`. The cases\n"
      "are all combinations of the listed values, the key that comes first in the input changing "
      "slowest, or with\n"
      "`cases.combine = zip` the lists side by side. Keys that all cases share make none: "
      "`structure.absorber`,\n"
      "`structure.weights`, `edge.name`, `energy.grid`, `energy.fermi` (see there), `xrs.q`, "
      "`xrs.lmax` and the sections\n"
      "`[cases]`, `[dos]`, `[parallel]`, `[broadening]` and `[output]`.\n\n"
      "Parts: after a line `[part C]` come keys with their section, `structure.absorber = C`, that "
      "take the place of those\n"
      "before the first part; each part is an input of its own. [campaigns.md](campaigns.md) tells "
      "more.\n";
  std::string section;
  for (const Key& key : key_table()) {
    if (key.section != section) {
      section = key.section;
      text += fmt::format("\n## [{}]\n\n", section);
    }
    std::string facts = type_text(key);
    if (!key.unit.empty()) facts += fmt::format("; unit {}", key.unit);
    if (key.range.high > key.range.low) facts += fmt::format("; range {}", key.range.to_string());
    facts += key.fallback.empty() ? "; required" : fmt::format("; default {}", key.fallback);
    text += fmt::format("- `{}`: {}.  \n  {}\n", key.name, key.meaning, facts);
  }
  return text;
}

}  // namespace kedge::io
