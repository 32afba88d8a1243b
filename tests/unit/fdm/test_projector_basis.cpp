// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/projector_basis.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "kedge/core/units.hpp"
#include "kedge/math/bessel.hpp"
#include "kedge/math/quadrature.hpp"
#include "kedge/math/spherical_harmonics.hpp"

namespace kedge::fdm {
namespace {

constexpr double kSpacing = 0.4, kRadius = 1.5;
constexpr int kLmax = 2, kTerms = 4;

TEST(ProjectorBasis, CarriesPolynomialsExactly) {
  // Lagrange interpolation with 6 points reproduces polynomials of degree 5 per axis, so that
  // sum_i X_i psi_i equals the sum over the fine lattice, whatever the offset: to rounding.
  const auto psi = [](const Eigen::Vector3d& r) {
    return 1.0 + 0.3 * std::pow(r.x(), 5) - r.x() * r.y() * r.y() + std::pow(r.z(), 4) * r.y();
  };
  for (const Eigen::Vector3d& centre :
       {Eigen::Vector3d(0, 0, 0), Eigen::Vector3d(0.13, -0.21, 0.3), Eigen::Vector3d(0.2, 0.2, 0.2)}) {
    const grid::SphereGrid grid(kSpacing, 5.0, Eigen::Vector3d::Zero());
    const auto basis = project_basis(grid, centre, kRadius, kLmax, kTerms, 6);
    Eigen::VectorXd found = Eigen::VectorXd::Zero(basis.values.cols());
    for (std::size_t i = 0; i < basis.nodes.size(); ++i) {
      found += basis.values.row(static_cast<Eigen::Index>(i)).transpose() * psi(grid.position(basis.nodes[i]));
    }
    Eigen::VectorXd expected = Eigen::VectorXd::Zero(basis.values.cols());
    std::vector<double> y(static_cast<std::size_t>(math::harmonic_count(kLmax)));
    const int half = static_cast<int>(4.0 * kRadius / kSpacing);
    for (int i = -half; i <= half; ++i) {
      for (int j = -half; j <= half; ++j) {
        for (int k = -half; k <= half; ++k) {
          const Eigen::Vector3d r = 0.25 * kSpacing * Eigen::Vector3d(i, j, k);
          const double s = r.norm() / kRadius;
          if (s >= 1.0) continue;
          math::real_harmonics(r, kLmax, y);
          for (int l = 0; l <= kLmax; ++l) {
            for (int m = -l; m <= l; ++m) {
              const int harmonic = math::harmonic_index(l, m);
              for (int t = 0; t < kTerms; ++t) {
                expected(harmonic * kTerms + t) += std::pow(s, l + 2 * t) *
                                                   y[static_cast<std::size_t>(harmonic)] *
                                                   psi(centre + r) / 64.0;
              }
            }
          }
        }
      }
    }
    EXPECT_LT((found - expected).cwiseAbs().maxCoeff(), 1e-11);
  }
}

TEST(ProjectorBasis, ApproximatesTheIntegral) {
  // h^3 sum_i X_i psi_i = integral f psi. f = (1 - s^2)^2 s^l Y_L vanishes with its slope at r_c like
  // chi, psi a plane wave of 40 eV: integral = 4 pi i^l Y_L(k) integral (1-s^2)^2 s^l j_l(kr) r^2 dr.
  // The double grid of step h/4 integrates a function with a jump of f'' to (h/4)^3 f''/12 of the surface,
  // a few 1e-4; interpolation adds (k h)^6/720 = 1e-4. Together below 2e-3 at every offset.
  const double k = 1.7;
  const Eigen::Vector3d direction = Eigen::Vector3d(0.36, 0.48, 0.8);
  const grid::SphereGrid grid(kSpacing, 5.0, Eigen::Vector3d::Zero());
  std::vector<double> y(static_cast<std::size_t>(math::harmonic_count(kLmax)));
  math::real_harmonics(direction, kLmax, y);
  const math::Rule rule = math::gauss_legendre(30);
  for (const Eigen::Vector3d& centre :
       {Eigen::Vector3d(0, 0, 0), Eigen::Vector3d(0.13, -0.21, 0.3), Eigen::Vector3d(0.2, 0.2, 0.2)}) {
    const auto basis = project_basis(grid, centre, kRadius, kLmax, kTerms, 6);
    for (int l = 0; l <= kLmax; ++l) {
      double radial = 0.0;
      for (std::size_t i = 0; i < rule.x.size(); ++i) {
        const double s = 0.5 * (1.0 + rule.x[i]), r = s * kRadius;
        std::vector<double> j(static_cast<std::size_t>(l + 1));
        math::spherical_j(k * r, j);
        radial += 0.5 * kRadius * rule.w[i] * std::pow(1.0 - s * s, 2) * std::pow(s, l) * j.back() * r * r;
      }
      for (int m = -l; m <= l; ++m) {
        const int harmonic = math::harmonic_index(l, m);
        double cosine = 0.0, sine = 0.0;
        for (std::size_t i = 0; i < basis.nodes.size(); ++i) {
          const auto row = basis.values.row(static_cast<Eigen::Index>(i)).segment(harmonic * kTerms, kTerms);
          const double f = row(0) - 2.0 * row(1) + row(2);
          const double phase = k * direction.dot(grid.position(basis.nodes[i]) - centre);
          cosine += f * std::cos(phase);
          sine += f * std::sin(phase);
        }
        const double volume = std::pow(kSpacing, 3);
        const double sign = l == 2 ? -1.0 : 1.0;  // i^l = 1, i, -1
        const double size = 4.0 * kPi * radial;
        const double expected = sign * size * y[static_cast<std::size_t>(harmonic)];
        EXPECT_NEAR(volume * (l == 1 ? sine : cosine), expected, 2e-3 * size) << l << ' ' << m;
        EXPECT_NEAR(volume * (l == 1 ? cosine : sine), 0.0, 2e-3 * size) << l << ' ' << m;
      }
    }
  }
}

TEST(FilteredSphere, IsTheVolume) {
  // Averages of an indicator: between 0 and 1, their sum the volume to the error of 17^3 samples in
  // each cut cell, and 1 or 0 away from the surface.
  const double radius = 3.3;
  const grid::SphereGrid grid(kSpacing, 5.0, Eigen::Vector3d(0.1, 0.05, -0.13));
  const auto inside = filtered_sphere(grid, radius);
  double sum = 0.0;
  for (std::int32_t n = 0; n < grid.size(); ++n) {
    const double value = inside[static_cast<std::size_t>(n)];
    EXPECT_GE(value, 0.0);
    EXPECT_LE(value, 1.0 + 1e-14);
    const double r = grid.position(n).norm();
    if (r < radius - std::sqrt(3.0) * kSpacing) {
      EXPECT_EQ(value, 1.0);
    } else if (r > radius + std::sqrt(3.0) * kSpacing) {
      EXPECT_EQ(value, 0.0);
    }
    sum += value;
  }
  EXPECT_NEAR(sum * std::pow(kSpacing, 3) / (4.0 / 3.0 * kPi * std::pow(radius, 3)), 1.0, 1e-3);
}

}  // namespace
}  // namespace kedge::fdm
