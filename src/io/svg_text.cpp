// SPDX-License-Identifier: BSD-3-Clause
#include "svg_text.hpp"

#include <algorithm>
#include <cstdint>

namespace kedge::io {

namespace {

/// Length in bytes of the UTF-8 letter at the start of the text, 0 if it is none.
std::size_t letter_length(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  const std::size_t length = lead < 0x80 ? 1U : lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : 2U;
  if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<std::uint8_t>(text[i]) & 0xC0U) != 0x80U) return 0;
  }
  return length;
}

}  // namespace

std::vector<std::string> letters(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const std::size_t length = letter_length(text);
    result.emplace_back(length == 0 ? "?" : text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const std::string& letter : letters(text)) {
    if (letter == "&") {
      result += "&amp;";
    } else if (letter == "<") {
      result += "&lt;";
    } else if (letter == ">") {
      result += "&gt;";
    } else if (letter == "\"") {
      result += "&quot;";
    } else if (letter == "'") {
      result += "&#39;";
    } else {
      result += static_cast<std::uint8_t>(letter.front()) < 0x20 ? " " : letter;
    }
  }
  return result;
}

double text_width(std::string_view text, int size) {
  // Letters are narrower than this on average, in units of the font size.
  constexpr double kLetterWidth = 0.56;
  return static_cast<double>(letters(text).size()) * kLetterWidth * size;
}

}  // namespace kedge::io
