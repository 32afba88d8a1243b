// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kedge {

/// What some editors put before a text in UTF-8; the readers drop it.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The texts of a range one after another with a separator between them. (fmt::join would do, but
/// with the checks of libstdc++ on, GCC 12 warns falsely about it.)
template <class Texts>
[[nodiscard]] std::string join(const Texts& texts, std::string_view separator) {
  std::string all;
  bool first = true;
  for (const auto& text : texts) {
    if (!first) all += separator;
    all += text;
    first = false;
  }
  return all;
}

/// The letters of a text, "?" for bytes that are no UTF-8.
[[nodiscard]] std::vector<std::string> letters(std::string_view text);

/// A text as XML and HTML want it: & < > " ' escaped, "?" for bytes that are no UTF-8.
[[nodiscard]] std::string markup(std::string_view text);

/// A text fit for one line of a terminal: control characters, line breaks among them, become '?',
/// and the middle of a text longer than `limit` bytes is left out.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t limit);

}  // namespace kedge
