// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "kedge/core/units.hpp"
#include "kedge/math/bessel.hpp"
#include "kedge/math/spherical_harmonics.hpp"
#include "kedge/scattering/propagator.hpp"

namespace kedge::scattering {
namespace {

using Complex = std::complex<double>;

TEST(ComplexBessel, AgreesWithClosedFormsAndTheWronskian) {
  for (const Complex z : {Complex(0.02, 0.0), Complex(0.3, 0.1), Complex(2.0, 0.0),
                          Complex(3.1, 4.0), Complex(0.0, 5.0), Complex(20.0, 1.0)}) {
    std::vector<Complex> j(12), h(12);
    math::spherical_j(z, j);
    math::spherical_h(z, h);
    const Complex j2 = (3.0 / (z * z) - 1.0) * std::sin(z) / z - 3.0 * std::cos(z) / (z * z);
    // j_2 in closed form loses 1/z^4 of the digits
    EXPECT_LT(std::abs(j[2] - j2),
              1e-14 * std::max(1.0, std::pow(std::abs(z), -4)) * (1.0 + std::abs(j2)))
        << z;
    // j_l h_(l+1) - j_(l+1) h_l = -i/z^2, which every order must keep
    for (std::size_t l = 0; l + 1 < j.size(); ++l) {
      const Complex w = (j[l] * h[l + 1] - j[l + 1] * h[l]) * z * z;
      EXPECT_LT(std::abs(w - Complex(0.0, -1.0)),
                1e-11 * std::max(1.0, std::abs(j[l] * h[l + 1] * z * z)))
          << z << ' ' << l;
    }
  }
}

TEST(Propagator, ExpandsTheFreeGreenFunction) {
  // sum_LL' j_L(r) g_LL'(R) j_L'(r') = -exp(ik|x|)/(2 pi |x|), x = r + R - r': the series converges
  // as (r/R)^l, here 0.1 each, l <= 6 leaves 1e-7 of the value.
  const int lmax = 6;
  const Propagator propagator(lmax);
  const Eigen::Vector3d displacement(1.5, -2.0, 3.0), r(0.2, 0.1, -0.15), r2(-0.1, 0.25, 0.1);
  const auto count = math::harmonic_count(lmax);
  for (const Complex k :
       {Complex(1.1, 0.0), Complex(0.8, 0.5), Complex(0.0, 0.7), Complex(1e-3, 0.0)}) {
    Eigen::MatrixXcd g(count, count);
    const double b = 0.9;
    const double b2 = 1.2;
    propagator.block(k, displacement, lmax, b, lmax, b2, g);
    const auto waves = [&](const Eigen::Vector3d& x, double radius) {
      std::vector<double> y(static_cast<std::size_t>(count));
      math::real_harmonics(x, lmax, y);
      std::vector<Complex> j(static_cast<std::size_t>(lmax) + 1);
      math::spherical_j(k * x.norm(), j);
      const auto s = wave_scales(k, radius, lmax);
      Eigen::VectorXcd out(count);
      for (int l = 0; l <= lmax; ++l) {
        for (int c = l * l; c < (l + 1) * (l + 1); ++c) {
          out(c) = j[static_cast<std::size_t>(l)] / s[static_cast<std::size_t>(l)] *
                   y[static_cast<std::size_t>(c)];
        }
      }
      return out;
    };
    const Complex sum = (waves(r, b).transpose() * g * waves(r2, b2))(0);
    const double x = (r + displacement - r2).norm();
    const Complex exact = -std::exp(Complex(0.0, 1.0) * k * x) / (2.0 * kPi * x);
    EXPECT_LT(std::abs(sum - exact), 1e-6 * std::abs(exact)) << k;

    // reciprocity: g_LL'(R) = g_L'L(-R), to rounding
    Eigen::MatrixXcd back(count, count);
    propagator.block(k, -displacement, lmax, b2, lmax, b, back);
    EXPECT_LT((g - back.transpose()).cwiseAbs().maxCoeff(), 1e-12 * g.cwiseAbs().maxCoeff()) << k;
  }
}

}  // namespace
}  // namespace kedge::scattering
