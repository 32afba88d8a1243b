// SPDX-License-Identifier: BSD-3-Clause
#include <string>

#include "fuzz_targets.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/input.hpp"

namespace {

/// What is accepted, of each part, must come back from its own resolved text.
void parse_twice(std::string_view bytes) {
  const std::string text(bytes);
  auto parts = kedge::io::parts_of_input(text, "fuzz.ini");
  if (parts.empty()) parts.emplace_back();
  for (const std::string& part : parts) {
    const auto input = kedge::io::parse_input(text, "fuzz.ini", "", {}, part);
    const auto again = kedge::io::parse_input(kedge::io::resolved_text(input), "fuzz.ini", "", {});
    if (!kedge::io::differences(input, again).empty()) {
      throw kedge::Error(kedge::ErrorKind::internal, "the resolved input reads back differently");
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kedge::test::must_parse_or_refuse(data, size, parse_twice);
  return 0;
}
