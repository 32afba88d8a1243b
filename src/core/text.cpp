// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/core/text.hpp"

#include <algorithm>

namespace kedge {

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
