// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/core/text.hpp"

#include <algorithm>
#include <cstdint>

namespace kedge {

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

std::string markup(std::string_view text) {
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
      result += letter;
    }
  }
  return result;
}

std::string one_line(std::string_view text, std::size_t limit) {
  constexpr std::string_view kGap = " ... ";
  std::string line(text);
  if (line.size() > limit) {
    const std::size_t kept = limit > kGap.size() ? limit - kGap.size() : 0;
    line =
        line.substr(0, kept - kept / 2) + std::string(kGap) + line.substr(line.size() - kept / 2);
  }
  std::replace_if(
      line.begin(), line.end(),
      [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
      },
      '?');
  return line;
}

}  // namespace kedge
