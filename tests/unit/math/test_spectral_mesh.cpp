// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "kedge/math/spectral_mesh.hpp"

namespace kedge::math {
namespace {

std::vector<double> sample(const SpectralMesh& mesh, double (*f)(double)) {
  std::vector<double> values;
  for (const double r : mesh.r()) values.push_back(f(r));
  return values;
}

// Elements of 0.3 to 1.2 with 14 nodes: the interpolation error is below 2 (1.2/4)^14/14!
// max|f^(14)| = 1e-18 max|f^(14)|, with |f^(14)| = 2^14 for sin 2r and 10^7 exp(-r) for exp(-r) sin
// 3r.
SpectralMesh test_mesh() {
  return SpectralMesh({0.2, 0.5, 1.0, 2.2, 3.4}, 14);
}

TEST(SpectralMesh, Layout) {
  const SpectralMesh mesh = test_mesh();
  EXPECT_EQ(mesh.elements(), 4);
  EXPECT_EQ(mesh.size(), 56U);
  EXPECT_DOUBLE_EQ(mesh.r().front(), 0.2);
  EXPECT_DOUBLE_EQ(mesh.r().back(), 3.4);
  for (std::size_t e = 1; e < 4; ++e) {
    EXPECT_DOUBLE_EQ(mesh.r()[14 * e - 1], mesh.edges()[e]);
    EXPECT_DOUBLE_EQ(mesh.r()[14 * e], mesh.edges()[e]);
  }
}

TEST(SpectralMesh, InterpolatesAnalyticFunctions) {
  const SpectralMesh mesh = test_mesh();
  const auto values = sample(mesh, [](double r) { return std::exp(-r) * std::sin(3.0 * r); });
  for (double r = 0.2; r <= 3.4; r += 0.0137) {
    EXPECT_NEAR(mesh.interpolate(values, r), std::exp(-r) * std::sin(3.0 * r), 1e-11) << r;
  }
  // clamped beyond the ends
  EXPECT_DOUBLE_EQ(mesh.interpolate(values, 0.1), values.front());
  EXPECT_DOUBLE_EQ(mesh.interpolate(values, 9.0), values.back());
}

TEST(SpectralMesh, Differentiates) {
  // Interpolation error 2e-14; it and rounding grow by about n^2/length for each derivative,
  // (200/0.3)^k.
  const SpectralMesh mesh = test_mesh();
  const auto values = sample(mesh, [](double r) { return std::sin(2.0 * r); });
  for (const double r : {0.2, 0.37, 0.5 * (1.0 - 1e-13), 0.8, 1.0, 2.9, 3.4}) {
    const auto d = mesh.derivatives(values, r, 4);
    const double s = std::sin(2.0 * r), c = std::cos(2.0 * r);
    EXPECT_NEAR(d[0], s, 1e-13) << r;
    EXPECT_NEAR(d[1], 2.0 * c, 1e-12) << r;
    EXPECT_NEAR(d[2], -4.0 * s, 5e-10) << r;
    EXPECT_NEAR(d[3], -8.0 * c, 3e-7) << r;
  }
}

TEST(SpectralMesh, TakesTheDerivativeFromTheElementThatHoldsThePoint) {
  const SpectralMesh mesh = test_mesh();
  const auto values = sample(mesh, [](double r) { return std::abs(r - 1.0); });
  EXPECT_NEAR(mesh.derivatives(values, 1.0 - 1e-13, 2)[1], -1.0, 1e-12);
  EXPECT_NEAR(mesh.derivatives(values, 1.0, 2)[1], 1.0, 1e-12);
}

TEST(SpectralMesh, Integrates) {
  const SpectralMesh mesh = test_mesh();
  const auto values = sample(mesh, [](double r) { return std::exp(-r); });
  for (const double limit : mesh.edges()) {
    EXPECT_NEAR(mesh.integrate(values, limit), std::exp(-0.2) - std::exp(-limit), 1e-14) << limit;
  }
  double sum = 0.0;
  for (std::size_t i = 0; i < mesh.size(); ++i) sum += mesh.weights()[i] * values[i];
  EXPECT_NEAR(sum, std::exp(-0.2) - std::exp(-3.4), 1e-14);
}

TEST(SpectralMesh, RulesAreExactForPolynomials) {
  // n nodes carry polynomials of degree n - 1 without error, n even or odd.
  for (const int n : {4, 5, 9}) {
    const SpectralMesh mesh({0.0, 1.0, 3.0}, n);
    std::vector<double> values;
    for (const double r : mesh.r()) values.push_back(std::pow(r, n - 1));
    EXPECT_NEAR(mesh.integrate(values, 3.0), std::pow(3.0, n) / n, 1e-13 * std::pow(3.0, n));
    EXPECT_NEAR(mesh.interpolate(values, 1.7), std::pow(1.7, n - 1), 1e-12 * std::pow(3.0, n));
    EXPECT_NEAR(mesh.derivatives(values, 1.7, 2)[1], (n - 1) * std::pow(1.7, n - 2),
                1e-12 * std::pow(3.0, n));
  }
}

TEST(SpectralMesh, RunningIntegralIsThatOfThePolynomial) {
  // x^5 and cos x in three elements of 14 nodes: exact, and to the 1e-15 of the interpolation.
  const SpectralMesh mesh({0.1, 0.4, 1.0, 2.0}, 14);
  Eigen::MatrixXd f(static_cast<Eigen::Index>(mesh.size()), 2);
  for (std::size_t i = 0; i < mesh.size(); ++i) {
    f.row(static_cast<Eigen::Index>(i)) << std::pow(mesh.r()[i], 5), std::cos(mesh.r()[i]);
  }
  const Eigen::MatrixXd integral = mesh.running_integral(f);
  for (std::size_t i = 0; i < mesh.size(); ++i) {
    const double r = mesh.r()[i];
    EXPECT_NEAR(integral(static_cast<Eigen::Index>(i), 0), (std::pow(r, 6) - 1e-6) / 6.0, 1e-12);
    EXPECT_NEAR(integral(static_cast<Eigen::Index>(i), 1), std::sin(r) - std::sin(0.1), 1e-13);
  }
}

}  // namespace
}  // namespace kedge::math
