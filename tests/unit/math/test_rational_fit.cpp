// SPDX-License-Identifier: BSD-3-Clause
/// Rational functions through samples in the upper half plane.
#include <gtest/gtest.h>

#include <cmath>

#include "kedge/core/units.hpp"
#include "kedge/math/rational_fit.hpp"

namespace kedge::math {
namespace {

using Complex = std::complex<double>;

/// Samples of functions(z) on half a circle about zero.
template <class Functions>
RationalFit fit_on_arc(int samples, double radius, const Functions& functions) {
  std::vector<Complex> z;
  Eigen::MatrixXcd f(samples, 2);
  for (int i = 0; i < samples; ++i) {
    z.push_back(std::polar(radius, kPi * (i + 0.5) / samples));
    f.row(i) = functions(z.back());
  }
  return {z, f};
}

TEST(RationalFit, MeetsAFewPolesExactly) {
  // Two functions with the same four poles on the real axis: nine samples determine them.
  const auto functions = [](Complex z) {
    Eigen::RowVector2cd f(0.3, Complex(0.0, 0.1));
    const double poles[4] = {-0.7, -0.1, 0.2, 0.55};
    for (int i = 0; i < 4; ++i) f += Eigen::RowVector2cd(1.0 + i, 1.0 / (2.0 + i)) / (z - poles[i]);
    return f;
  };
  const RationalFit fit = fit_on_arc(9, 1.0, functions);
  for (const Complex z :
       {Complex(0.1, 0.01), Complex(-0.4, 0.05), Complex(0.3, 0.4), Complex(1.5, 0.2)}) {
    const Eigen::RowVector2cd wanted = functions(z);
    // Rounding of the samples, raised by how far inside the arc the point is.
    EXPECT_LT((fit(z).transpose() - wanted).norm(), 1e-9 * wanted.norm()) << z;
  }
}

TEST(RationalFit, FollowsABranchPointFromAbove) {
  // The free density of states begins with a root, next to which 24 samples that do not crowd there
  // have no pole to spare: 2e-3 is left at a thirtieth of the radius.
  const auto functions = [](Complex z) {
    return Eigen::RowVector2cd(std::sqrt(z), 1.0 / (z + 0.4));
  };
  const RationalFit fit = fit_on_arc(24, 1.0, functions);
  for (const Complex z : {Complex(0.0, 0.03), Complex(0.5, 0.02), Complex(-0.3, 0.1)}) {
    EXPECT_LT((fit(z).transpose() - functions(z)).norm(), 5e-3 * functions(z).norm()) << z;
  }
}

TEST(RationalFit, PassesThroughItsSupportPoints) {
  const auto functions = [](Complex z) {
    return Eigen::RowVector2cd(std::exp(z), std::sin(3.0 * z));
  };
  const RationalFit fit = fit_on_arc(11, 0.8, functions);
  const Complex z = std::polar(0.8, kPi * 2.5 / 11);  // the third sample
  EXPECT_EQ((fit(z).transpose() - functions(z)).norm(), 0.0);
}

}  // namespace
}  // namespace kedge::math
