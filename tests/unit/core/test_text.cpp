// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <string>

#include "kedge/core/text.hpp"

namespace {

TEST(OneLine, LeavesAnOrdinaryTextAlone) {
  EXPECT_EQ(kedge::one_line("q = 4.5 1/Å", 40), "q = 4.5 1/Å");
}

TEST(OneLine, HasNoControlCharacters) {
  EXPECT_EQ(kedge::one_line("a\nb\x1b[31m\r\t", 40), "a?b?[31m??");
}

TEST(OneLine, LeavesOutTheMiddleOfALongText) {
  const std::string line = kedge::one_line("begin" + std::string(1000, 'x') + "end", 20);
  EXPECT_EQ(line.size(), 20U);
  EXPECT_EQ(line.substr(0, 5), "begin");
  EXPECT_EQ(line.substr(17), "end");
}

}  // namespace
