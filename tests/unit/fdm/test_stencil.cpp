// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/stencil.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/math/quadrature.hpp"

namespace kedge::fdm {
namespace {

/// Kinetic energy that the star stencil gives to exp(i k.r).
double kinetic(const std::vector<double>& c, const Eigen::Vector3d& k, double h) {
  double sum = 0.0;
  for (const double component : k) {
    sum += c[0];
    for (std::size_t s = 1; s < c.size(); ++s) {
      sum += 2.0 * c[s] * std::cos(component * h * static_cast<double>(s));
    }
  }
  return -0.5 * sum / (h * h);
}

/// e_p of the header: one direction of wave number k gives k^2/2 - e_p h^p k^(p+2).
double leading_error(int order) {
  return order == 4 ? 1.0 / 180.0 : order == 6 ? 1.0 / 1120.0 : 1.0 / 6300.0;
}

TEST(Stencil, ExactForPolynomials) {
  // h^2 f'' = c_0 f(0) + sum c_s [f(s h) + f(-s h)] for x^n, n <= order + 1.
  for (const int order : {4, 6, 8}) {
    const auto c = second_derivative(order);
    ASSERT_EQ(static_cast<int>(c.size()), order / 2 + 1);
    for (int n = 0; n <= order; n += 2) {
      double sum = n == 0 ? c[0] : 0.0;
      for (std::size_t s = 1; s < c.size(); ++s) sum += 2.0 * c[s] * std::pow(static_cast<double>(s), n);
      // rounding of terms up to (order/2)^order c
      EXPECT_NEAR(sum, n == 2 ? 2.0 : 0.0, 1e-15 * std::pow(0.5 * order, n) * 10.0) << order << ' ' << n;
    }
  }
}

TEST(Stencil, OrderOnPlaneWaves) {
  // The ratio of errors at two steps is 2^p to the next order, (k h)^2/4 = 0.3 %, here 1 %.
  for (const int order : {4, 6, 8}) {
    const auto c = second_derivative(order);
    const Eigen::Vector3d k(0.9, 0.4, -0.6);
    const double exact = 0.5 * k.squaredNorm();
    const double coarse = exact - kinetic(c, k, 0.4), fine = exact - kinetic(c, k, 0.2);
    EXPECT_NEAR(std::log2(coarse / fine), order, 0.05) << order;
    double sum = 0.0;
    for (const double component : k) sum += std::pow(component, order + 2);
    EXPECT_NEAR(fine / (leading_error(order) * std::pow(0.2, order) * sum), 1.0, 0.01) << order;
  }
}

TEST(Stencil, RefusesOtherOrders) {
  for (const int order : {0, 2, 5, 10}) {
    try {
      static_cast<void>(second_derivative(order));
      FAIL() << order;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      EXPECT_THAT(error.what(), testing::HasSubstr("4, 6, 8"));
    }
  }
}

TEST(DispersionCorrection, CancelsTheMeanError) {
  // e_p h^p 3/(p+3) (2t)^((p+2)/2) is the mean over directions of e_p h^p sum k_i^(p+2): with it the
  // mean error of a plane wave falls by two orders more.
  const auto rule = math::angular_rule(12);  // exact for degree 23
  for (const int order : {4, 6, 8}) {
    const auto c = second_derivative(order);
    const auto mean_error = [&](double h, bool corrected) {
      const double k = 1.4, t = 0.5 * k * k;
      double sum = 0.0, weights = 0.0;
      for (std::size_t i = 0; i < rule.weight.size(); ++i) {
        sum += rule.weight[i] * (kinetic(c, k * rule.direction[i], h) - t);
        weights += rule.weight[i];
      }
      return sum / weights + (corrected ? dispersion_correction(t, h, c.size()) : 0.0);
    };
    EXPECT_NEAR(std::log2(mean_error(0.4, false) / mean_error(0.2, false)), order, 0.1) << order;
    EXPECT_NEAR(std::log2(mean_error(0.4, true) / mean_error(0.2, true)), order + 2, 0.1) << order;
    EXPECT_LT(std::abs(mean_error(0.4, true)), 0.1 * std::abs(mean_error(0.4, false))) << order;
  }
}

TEST(DispersionCorrection, SignWhereTheWaveDecays) {
  // (2t)^((p+2)/2): odd in t for orders 4 and 8, even for 6, as k_i^(p+2) with k_i imaginary.
  EXPECT_LT(dispersion_correction(-0.5, 0.4, 3), 0.0);
  EXPECT_GT(dispersion_correction(-0.5, 0.4, 4), 0.0);
  EXPECT_LT(dispersion_correction(-0.5, 0.4, 5), 0.0);
  EXPECT_EQ(dispersion_correction(0.0, 0.4, 3), 0.0);
}

}  // namespace
}  // namespace kedge::fdm
