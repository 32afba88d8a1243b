// SPDX-License-Identifier: BSD-3-Clause
#include "svg_text.hpp"

#include <cstdint>

#include "kedge/core/text.hpp"

namespace kedge::io {

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
