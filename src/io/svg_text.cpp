// SPDX-License-Identifier: BSD-3-Clause
#include "svg_text.hpp"

#include <algorithm>
#include <cstdint>

#include "kedge/core/text.hpp"

namespace kedge::io {

std::string escaped(std::string_view text) {
  std::string result = markup(text);
  std::ranges::replace_if(
      result, [](char c) { return static_cast<std::uint8_t>(c) < 0x20; }, ' ');
  return result;
}

double text_width(std::string_view text, int size) {
  // Letters are narrower than this on average, in units of the font size.
  constexpr double kLetterWidth = 0.56;
  return static_cast<double>(letters(text).size()) * kLetterWidth * size;
}

}  // namespace kedge::io
