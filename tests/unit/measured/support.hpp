// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "kedge/core/error.hpp"
#include "kedge/measured/uniform_curve.hpp"

namespace kedge::measured::test {

/// Expects an Error of this kind whose message contains the word.
template <class Action>
void expect_error(ErrorKind kind, const std::string& word, Action action) {
  try {
    action();
    FAIL() << "no error was thrown, wanted one with '" << word << "'";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_THAT(std::string(error.what()), testing::HasSubstr(word));
  }
}

/// Two peaks and an edge, 180 to 215 eV by 0.05 eV; `second` moves the second peak.
inline UniformCurve two_peaks(double second = 198.0) {
  UniformCurve curve{180.0, 0.05, {}};
  for (int i = 0; i <= 700; ++i) {
    const double x = 180.0 + 0.05 * i;
    curve.y.push_back(std::exp(-(x - 192.0) * (x - 192.0) / 1.5) +
                      0.6 * std::exp(-(x - second) * (x - second) / 4.0) +
                      0.4 * (0.5 + std::atan(x - 194.0) / M_PI));
  }
  return curve;
}

}  // namespace kedge::measured::test
