// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"

namespace kedge::math {
namespace {

TEST(GaussLegendre, ExactToItsDegree) {
  // integral x^p dx over [-1, 1] = 2/(p+1) for even p up to 2n - 1; not for p = 2n.
  for (const int n : {1, 2, 5, 12, 40}) {
    const Rule rule = gauss_legendre(n);
    const auto power = [&](int p) {
      double sum = 0.0;
      for (std::size_t i = 0; i < rule.x.size(); ++i) sum += rule.w[i] * std::pow(rule.x[i], p);
      return sum;
    };
    for (int p = 0; p <= 2 * n - 1; ++p) {
      EXPECT_NEAR(power(p), p % 2 == 0 ? 2.0 / (p + 1) : 0.0, 2e-14) << n << ' ' << p;
    }
    if (n <= 5) {
      EXPECT_GT(std::abs(power(2 * n) - 2.0 / (2 * n + 1)), 1e-4);
    }
    for (std::size_t i = 1; i < rule.x.size(); ++i) EXPECT_LT(rule.x[i - 1], rule.x[i]);
  }
}

TEST(GaussLegendre, ThreeNodes) {
  const Rule rule = gauss_legendre(3);
  EXPECT_NEAR(rule.x[2], std::sqrt(0.6), 1e-15);
  EXPECT_NEAR(rule.w[1], 8.0 / 9.0, 1e-15);
}

TEST(AngularRule, ExactForMonomials) {
  // Mean of x^a y^b z^c over the sphere: (a-1)!!(b-1)!!(c-1)!!/(a+b+c+1)!! if all are even, else 0.
  const auto odd_factorial = [](int m) {
    double product = 1.0;
    for (int i = m; i > 1; i -= 2) product *= i;
    return product;
  };
  for (const int n : {2, 4, 7}) {
    const AngularRule rule = angular_rule(n);
    EXPECT_EQ(rule.direction.size(), static_cast<std::size_t>(2 * n * n));
    for (int a = 0; a <= 2 * n - 1; ++a) {
      for (int b = 0; a + b <= 2 * n - 1; ++b) {
        for (int c = 0; a + b + c <= 2 * n - 1; ++c) {
          double sum = 0.0;
          for (std::size_t i = 0; i < rule.weight.size(); ++i) {
            const auto& d = rule.direction[i];
            sum += rule.weight[i] * std::pow(d.x(), a) * std::pow(d.y(), b) * std::pow(d.z(), c);
          }
          const bool even = a % 2 == 0 && b % 2 == 0 && c % 2 == 0;
          const double mean = even ? odd_factorial(a - 1) * odd_factorial(b - 1) *
                                         odd_factorial(c - 1) / odd_factorial(a + b + c + 1)
                                   : 0.0;
          EXPECT_NEAR(sum, 4.0 * kPi * mean, 1e-13) << n << ' ' << a << b << c;
        }
      }
    }
  }
}

}  // namespace
}  // namespace kedge::math
