// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "kedge/core/error.hpp"

/// Entry of libFuzzer, defined once in each fuzz_*.cpp.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace kedge::test {

/// Gives any bytes to a parser: it may refuse them with Error{input}, anything else is a fault of
/// it.
template <class Parser>
void must_parse_or_refuse(const std::uint8_t* data, std::size_t size, Parser parse) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    parse(text);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::input && std::string_view(error.what()).size() > 10) return;
    (void)std::fprintf(stderr, "refused in a wrong way: %s\n", error.what());
    std::abort();
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "not a kedge::Error: %s\n", error.what());
    std::abort();
  }
}

}  // namespace kedge::test
