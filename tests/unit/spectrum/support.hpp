// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kedge/core/error.hpp"

namespace kedge::spectrum::test {

/// count points from first to last.
inline std::vector<double> even(double first, double last, int count) {
  std::vector<double> x;
  for (int i = 0; i < count; ++i) x.push_back(first + (last - first) * i / (count - 1));
  return x;
}

template <class Function>
std::vector<double> values(const std::vector<double>& x, Function function) {
  std::vector<double> y;
  for (const double at : x) y.push_back(function(at));
  return y;
}

/// Expects an Error of this kind whose message contains the word.
template <class Action>
void expect_error(ErrorKind kind, const std::string& word, Action action) {
  try {
    action();
    FAIL() << "no error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_THAT(std::string(error.what()), testing::HasSubstr(word));
  }
}

}  // namespace kedge::spectrum::test
