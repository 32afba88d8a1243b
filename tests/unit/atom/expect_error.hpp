// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "kedge/core/error.hpp"

namespace kedge::atom {

/// `step` must throw an Error of this kind whose message contains `word`.
inline void expect_error(ErrorKind kind, const std::string& word,
                         const std::function<void()>& step) {
  try {
    step();
    ADD_FAILURE() << "no error; expected one about \"" << word << "\"";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(word));
  }
}

}  // namespace kedge::atom
