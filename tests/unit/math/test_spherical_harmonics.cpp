// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"
#include "kedge/math/spherical_harmonics.hpp"

namespace kedge::math {
namespace {

std::vector<double> harmonics(const Eigen::Vector3d& r, int lmax) {
  std::vector<double> y(static_cast<std::size_t>(harmonic_count(lmax)));
  real_harmonics(r, lmax, y);
  return y;
}

std::vector<Eigen::Vector3d> random_directions(int count) {
  std::mt19937 random(11);
  std::normal_distribution<double> normal;
  std::vector<Eigen::Vector3d> out;
  for (int i = 0; i < count; ++i) {
    out.emplace_back(normal(random), normal(random), normal(random));
    out.back().normalize();
  }
  return out;
}

TEST(RealHarmonics, LowOrdersInClosedForm) {
  // Y_1 = sqrt(3/4pi) (y, z, x)/r for m = -1, 0, 1; l = 2 without the Condon-Shortley phase.
  for (const auto& n : random_directions(20)) {
    const auto y = harmonics(3.7 * n, 2);  // the length does not matter
    const double p = std::sqrt(3.0 / (4.0 * kPi)), d = std::sqrt(15.0 / (4.0 * kPi));
    const double expected[9] = {std::sqrt(1.0 / (4.0 * kPi)),
                                p * n.y(),
                                p * n.z(),
                                p * n.x(),
                                d * n.x() * n.y(),
                                d * n.y() * n.z(),
                                d / std::sqrt(12.0) * (3.0 * n.z() * n.z() - 1.0),
                                d * n.x() * n.z(),
                                0.5 * d * (n.x() * n.x() - n.y() * n.y())};
    for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(y[i], expected[i], 1e-15) << i;
  }
}

TEST(RealHarmonics, OriginCountsAsZ) {
  EXPECT_EQ(harmonics(Eigen::Vector3d::Zero(), 5), harmonics(Eigen::Vector3d::UnitZ(), 5));
}

TEST(RealHarmonics, Orthonormal) {
  const int lmax = 9;
  const AngularRule rule = angular_rule(lmax + 1);  // exact to degree 2 lmax + 1
  Eigen::MatrixXd overlap = Eigen::MatrixXd::Zero(harmonic_count(lmax), harmonic_count(lmax));
  for (std::size_t i = 0; i < rule.weight.size(); ++i) {
    const auto y = harmonics(rule.direction[i], lmax);
    const Eigen::Map<const Eigen::VectorXd> v(y.data(), harmonic_count(lmax));
    overlap += rule.weight[i] * v * v.transpose();
  }
  overlap -= Eigen::MatrixXd::Identity(overlap.rows(), overlap.cols());
  EXPECT_LT(overlap.cwiseAbs().maxCoeff(), 1e-13);
}

TEST(RealHarmonics, AdditionTheorem) {
  // sum_m Y_lm(a) Y_lm(b) = (2l+1)/(4 pi) P_l(a.b), up to the orders that the outer sphere needs.
  const int lmax = 25;
  const auto directions = random_directions(12);
  for (std::size_t i = 1; i < directions.size(); ++i) {
    const auto a = harmonics(directions[i - 1], lmax);
    const auto b = harmonics(directions[i], lmax);
    const double x = directions[i - 1].dot(directions[i]);
    for (int l = 0; l <= lmax; ++l) {
      double sum = 0.0;
      for (int m = -l; m <= l; ++m) {
        const auto k = static_cast<std::size_t>(harmonic_index(l, m));
        sum += a[k] * b[k];
      }
      const double expected =
          (2 * l + 1) / (4.0 * kPi) * std::legendre(static_cast<unsigned>(l), x);
      EXPECT_NEAR(sum, expected, 1e-14 * (2 * l + 1)) << l;
    }
  }
}

TEST(Gaunt, KnownValues) {
  const Gaunt gaunt(2, 2, 4);
  const int x = harmonic_index(1, 1), y = harmonic_index(1, -1), z = harmonic_index(1, 0);
  const double tolerance = 1e-14;
  // by hand from the polynomials: mean of z^4 = 1/5, of x^2 z^2 = 1/15
  EXPECT_NEAR(gaunt(z, z, harmonic_index(2, 0)), 1.0 / std::sqrt(5.0 * kPi), tolerance);
  EXPECT_NEAR(gaunt(x, x, harmonic_index(2, 0)), -0.5 / std::sqrt(5.0 * kPi), tolerance);
  EXPECT_NEAR(gaunt(x, x, harmonic_index(2, 2)), std::sqrt(3.0 / (20.0 * kPi)), tolerance);
  EXPECT_NEAR(gaunt(y, y, harmonic_index(2, 2)), -std::sqrt(3.0 / (20.0 * kPi)), tolerance);
  EXPECT_NEAR(gaunt(x, y, harmonic_index(2, -2)), std::sqrt(3.0 / (20.0 * kPi)), tolerance);
  EXPECT_NEAR(gaunt(y, z, harmonic_index(2, -1)), std::sqrt(3.0 / (20.0 * kPi)), tolerance);
  // integral Y_20^2 Y_40 = 3/(7 sqrt(pi)), integral Y_20^3 = sqrt(5/pi)/7
  const int d = harmonic_index(2, 0);
  EXPECT_NEAR(gaunt(d, d, harmonic_index(4, 0)), 3.0 / (7.0 * std::sqrt(kPi)), tolerance);
  EXPECT_NEAR(gaunt(d, d, d), std::sqrt(5.0 / kPi) / 7.0, tolerance);
  for (int a = 0; a < harmonic_count(2); ++a) {
    for (int b = 0; b < harmonic_count(2); ++b) {
      EXPECT_NEAR(gaunt(a, b, 0), a == b ? 1.0 / std::sqrt(4.0 * kPi) : 0.0, tolerance);
    }
  }
}

TEST(Gaunt, SelectionRulesAndSymmetry) {
  const int lmax = 3;
  const Gaunt gaunt(lmax, lmax, lmax);
  for (int l1 = 0; l1 <= lmax; ++l1) {
    for (int l2 = 0; l2 <= lmax; ++l2) {
      for (int l3 = 0; l3 <= lmax; ++l3) {
        const bool allowed = (l1 + l2 + l3) % 2 == 0 && l3 <= l1 + l2 && l3 >= std::abs(l1 - l2);
        for (int a = l1 * l1; a < (l1 + 1) * (l1 + 1); ++a) {
          for (int b = l2 * l2; b < (l2 + 1) * (l2 + 1); ++b) {
            for (int c = l3 * l3; c < (l3 + 1) * (l3 + 1); ++c) {
              if (!allowed) {
                EXPECT_EQ(gaunt(a, b, c), 0.0);
              }
              EXPECT_NEAR(gaunt(a, b, c), gaunt(b, a, c), 1e-14);
              EXPECT_NEAR(gaunt(a, b, c), gaunt(a, c, b), 1e-14);
            }
          }
        }
      }
    }
  }
}

TEST(Gaunt, ExpandsProducts) {
  // Y_L1 Y_L2 = sum_L3 G(L1, L2, L3) Y_L3, complete with l3 up to l1 + l2.
  const Gaunt gaunt(2, 3, 5);
  for (const auto& n : random_directions(5)) {
    const auto y = harmonics(n, 5);
    for (int a = 0; a < harmonic_count(2); ++a) {
      for (int b = 0; b < harmonic_count(3); ++b) {
        double sum = 0.0;
        for (int c = 0; c < harmonic_count(5); ++c) {
          sum += gaunt(a, b, c) * y[static_cast<std::size_t>(c)];
        }
        EXPECT_NEAR(sum, y[static_cast<std::size_t>(a)] * y[static_cast<std::size_t>(b)], 1e-13);
      }
    }
  }
}

}  // namespace
}  // namespace kedge::math
