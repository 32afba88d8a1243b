// SPDX-License-Identifier: BSD-3-Clause
#include "fuzz_targets.hpp"
#include "kedge/structure/read_cif.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kedge::test::must_parse_or_refuse(data, size, [](std::string_view text) {
    (void)kedge::structure::parse_cif(text, "fuzz.cif");
  });
  return 0;
}
