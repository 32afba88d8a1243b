// SPDX-License-Identifier: BSD-3-Clause
#include <string>

#include "fuzz_targets.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/input.hpp"

namespace {

/// What is accepted must come back from its own resolved text.
void parse_twice(std::string_view text) {
  const auto input = kedge::io::parse_input(std::string(text), "fuzz.ini", "", {});
  const auto again = kedge::io::parse_input(kedge::io::resolved_text(input), "fuzz.ini", "", {});
  if (!kedge::io::differences(input, again).empty()) {
    throw kedge::Error(kedge::ErrorKind::internal, "the resolved input reads back differently");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kedge::test::must_parse_or_refuse(data, size, parse_twice);
  return 0;
}
