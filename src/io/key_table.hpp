// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kedge/io/input.hpp"

namespace kedge::io {

/// How the text of a value is read.
enum class ValueType {
  text,        ///< any text without '#' and ';'
  choice,      ///< one of Key::words
  flag,        ///< yes or no (true, false, on, off, 1, 0)
  integer,     ///< a whole number
  number,      ///< a real number
  numbers,     ///< numbers and ranges start:step:stop, separated by commas
  grid,        ///< the same, merged into one strictly increasing list
  vector,      ///< three numbers x, y, z
  number_map,  ///< element or 1-based atom number : number, separated by commas
  shells_map,  ///< element or 1-based atom number : shells such as 2s2 2p1, separated by commas
  orbital      ///< 2p
};

/// Allowed values of a number; printed as "(0, 30]", "[0, 4]".
struct Interval {
  double low = 0.0;
  double high = 0.0;
  bool low_open = false;

  [[nodiscard]] bool holds(double value) const {
    return (low_open ? value > low : value >= low) && value <= high;
  }
  [[nodiscard]] std::string to_string() const;
};

/// A value that was read and lies in its range: which members are set depends on the type.
struct Value {
  std::string text;                        ///< as written, blanks at both ends removed
  bool is_word = false;                    ///< the text is one of Key::words
  std::vector<double> numbers;             ///< integer, number, numbers, grid, vector; flag: 1 or 0
  std::map<std::string, std::string> map;  ///< number_map, shells_map
};

/// One key of the input file. The table of keys is the only place where a key is declared: it
/// parses, validates, fills Input, and prints the manual and the resolved input.
struct Key {
  std::string_view section;
  std::string_view name;
  ValueType type;
  std::string_view unit;                ///< empty: none
  std::string_view fallback;            ///< default as text; empty: the key is required
  Interval range;                       ///< of every number in the value
  std::vector<std::string_view> words;  ///< choices, or words allowed in place of numbers ("auto")
  std::string_view meaning;
  std::function<void(Input&, const Value&)> assign;

  [[nodiscard]] std::string full_name() const {
    return std::string(section) + "." + std::string(name);
  }
};

/// Every key, in the order of the manual.
[[nodiscard]] const std::vector<Key>& key_table();

/// "number or auto", "one of: scalar, none", ...
[[nodiscard]] std::string type_text(const Key& key);

/// True if a list of values makes cases. Not so for keys whose values all cases share.
[[nodiscard]] bool makes_cases(const Key& key);

/// The values of a list that makes cases, ranges written out: separated by '|', or by ',' where one
/// value has no comma itself.
/// @throws Error{input} for a value that is none
[[nodiscard]] std::vector<std::string> case_values(const Key& key, std::string_view text);

/// Reads a value. @throws Error{input} saying what was found and what is wanted (without the place
/// in the file).
[[nodiscard]] Value read_value(const Key& key, std::string_view text);

/// "the nearest known key is ...", by edit distance, the same name in another section first; "it
/// has ..." with the keys of the section where none is near.
[[nodiscard]] std::string nearest_key(const std::string& section, const std::string& name);

/// Known section nearest to an unknown one.
[[nodiscard]] std::string nearest_section(const std::string& section);

/// True if the table has a key in this section.
[[nodiscard]] bool is_section(std::string_view section);

}  // namespace kedge::io
