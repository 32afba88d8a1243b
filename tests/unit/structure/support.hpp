// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "kedge/core/error.hpp"

namespace kedge::structure::test {

/// A file of inputs/; the folder of the sources comes from the environment that CTest sets.
inline std::filesystem::path input_file(const std::string& name) {
  const char* source = std::getenv("KEDGE_SOURCE_DIR");
  return std::filesystem::path(source != nullptr ? source : ".") / "inputs" / name;
}

/// Expects an Error of this kind whose message contains every one of the words.
template <class Action, class... Words>
void expect_error(ErrorKind kind, Action action, const Words&... words) {
  try {
    action();
    FAIL() << "no error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    for (const std::string& word : {std::string(words)...}) {
      EXPECT_THAT(std::string(error.what()), testing::HasSubstr(word));
    }
  }
}

}  // namespace kedge::structure::test
