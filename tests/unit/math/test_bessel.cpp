// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kedge/math/bessel.hpp"

namespace kedge::math {
namespace {

using Complex = std::complex<double>;
constexpr double kRounding = std::numeric_limits<double>::epsilon();

TEST(SphericalBessel, TabulatedValues) {
  // 100-digit decimal arithmetic of Python (ascending series for j, recursion from cos x/x for n),
  // 17 digits kept.
  struct Case {
    double x;
    std::size_t l;
    double j, n;
  };
  for (const Case& c : {
           Case{0.001, 0, 9.9999983333334164e-01, -9.9999950000004162e+02},
           Case{0.001, 1, 3.3333330000000119e-04, -1.0000004999998750e+06},
           Case{0.001, 2, 6.6666661904762040e-08, -3.0000005000001249e+09},
           Case{0.001, 5, 9.6200092500092561e-20, -9.4500005250000185e+20},
           Case{0.001, 12, 1.2648855323253107e-49, -3.1623415009965538e+50},
           Case{0.5, 0, 9.5885107720840601e-01, -1.7551651237807455e+00},
           Case{0.5, 1, 1.6253703063606656e-01, -4.4691813247698970e+00},
           Case{0.5, 5, 2.9774668754574457e-06, -6.1327563166980639e+04},
           Case{0.5, 12, 3.0738335149913967e-17, -2.6047113900498005e+15},
           Case{2.5, 0, 2.3938885764158260e-01, 3.2045744621877348e-01},
           Case{2.5, 2, 2.6006672948890525e-01, -4.5390450120366133e-01},
           Case{2.5, 5, 7.3576387377689359e-03, -5.5991001548063242e+00},
           Case{2.5, 12, 6.7121728990662087e-09, -2.4332421303775916e+06},
           Case{10, 0, -5.4402111088936979e-02, 8.3907152907645249e-02},
           Case{10, 2, 7.7942193628562445e-02, -6.5069304993734797e-02},
           Case{10, 5, -5.5534511621452183e-02, 9.3833541678691804e-02},
           Case{10, 12, 1.7215999744992806e-02, -4.0196424849784979e-01},
           Case{50, 0, -5.2474970740785760e-03, -1.9299320569842265e-02},
           Case{50, 2, 4.0832408433991458e-03, 1.9591011209603170e-02},
           Case{50, 5, -2.0048300563664870e-02, -6.9711319645853658e-04},
           Case{50, 12, 1.9597110412012991e-02, -5.3888956048043779e-03},
       }) {
    std::vector<double> j(13), n(13);
    spherical_j(c.x, j);
    spherical_n(c.x, n);
    // The header promises 1e-13 away from zeros; where the functions oscillate, of their size 1/x.
    const double oscillating = static_cast<double>(c.l) < c.x ? 1.0 / c.x : 0.0;
    EXPECT_NEAR(j[c.l], c.j, 1e-13 * std::max(std::abs(c.j), oscillating)) << c.x << ' ' << c.l;
    EXPECT_NEAR(n[c.l], c.n, 1e-13 * std::max(std::abs(c.n), oscillating)) << c.x << ' ' << c.l;
  }
}

TEST(SphericalBessel, AtTheOrigin) {
  std::vector<double> j(4);
  spherical_j(0.0, j);
  EXPECT_EQ(j, (std::vector<double>{1.0, 0.0, 0.0, 0.0}));
}

TEST(SphericalBessel, Wronskian) {
  // j_(l+1) n_l - j_l n_(l+1) = 1/x^2 (NIST DLMF 10.50.1). Two products, each good to 1e-13 and,
  // where the functions oscillate, no larger than the result.
  for (const std::size_t count : {3UL, 12UL, 30UL}) {
    for (double x = 0.05; x < 60.0; x *= 1.13) {
      std::vector<double> j(count), n(count);
      spherical_j(x, j);
      spherical_n(x, n);
      for (std::size_t l = 0; l + 1 < count; ++l) {
        EXPECT_NEAR((j[l + 1] * n[l] - j[l] * n[l + 1]) * x * x, 1.0, 5e-13) << x << ' ' << l;
      }
    }
  }
}

TEST(OutgoingRatio, IsTheRatioOfHankelFunctions) {
  // h_l^+ = j_l + i n_l. Tolerance: 1e-13 of each function, and a few roundings for each order of
  // the recursion for theta_l.
  const double reference = 5.0;
  const std::size_t count = 21;
  for (const double k : {0.05, 0.4, 1.7, 6.0}) {
    for (const double r : {4.2, 5.0, 5.3, 7.0}) {
      std::vector<double> j(count), n(count), j0(count), n0(count);
      spherical_j(k * r, j);
      spherical_n(k * r, n);
      spherical_j(k * reference, j0);
      spherical_n(k * reference, n0);
      std::vector<Complex> ratio(count);
      outgoing_ratio(k, r, reference, ratio);
      for (std::size_t l = 0; l < count; ++l) {
        const Complex expected = Complex(j[l], n[l]) / Complex(j0[l], n0[l]);
        EXPECT_NEAR(std::abs(ratio[l] / expected - 1.0), 0.0, 2e-12) << k << ' ' << r << ' ' << l;
      }
    }
  }
}

TEST(OutgoingRatio, BecomesAPowerAtZeroEnergy) {
  // k -> 0: (R/r)^(l+1), exactly at k = 0; the first correction for k > 0 is of the order (k r)^2.
  const double reference = 5.0, r = 6.5;
  std::vector<Complex> at_zero(12), nearby(12);
  outgoing_ratio(0.0, r, reference, at_zero);
  outgoing_ratio(1e-6, r, reference, nearby);
  for (std::size_t l = 0; l < at_zero.size(); ++l) {
    const double power = std::pow(reference / r, static_cast<double>(l) + 1.0);
    EXPECT_NEAR(at_zero[l].real(), power, 50 * kRounding * power);
    EXPECT_EQ(at_zero[l].imag(), 0.0);
    EXPECT_NEAR(nearby[l].real(), power, 1e-10 * power);
    // l = 0 has exp(i k (r - R)); the others start with (k r)^(2l+1).
    if (l > 0) {
      EXPECT_NEAR(nearby[l].imag(), 0.0, 1e-15);
    }
  }
  EXPECT_NEAR(nearby[0].imag(), reference / r * 1e-6 * (r - reference), 1e-15);
}

TEST(OutgoingRatio, DecaysBelowTheOuterLevel) {
  // k = i kappa: real, l = 0 and 1 in closed form, all orders falling with r.
  const double kappa = 0.7, reference = 5.0;
  const Complex k(0.0, kappa);
  std::vector<Complex> before(10), ratio(10);
  outgoing_ratio(k, reference, reference, before);
  for (double r = 5.1; r < 9.0; r += 0.3) {
    outgoing_ratio(k, r, reference, ratio);
    const double decay = std::exp(-kappa * (r - reference)) * reference / r;
    EXPECT_NEAR(ratio[0].real(), decay, 10 * kRounding);
    const double l1 = decay * reference / r * (1.0 + kappa * r) / (1.0 + kappa * reference);
    EXPECT_NEAR(ratio[1].real(), l1, 10 * kRounding);
    for (std::size_t l = 0; l < ratio.size(); ++l) {
      EXPECT_EQ(ratio[l].imag(), 0.0);
      EXPECT_GT(ratio[l].real(), 0.0);
      EXPECT_LT(ratio[l].real(), before[l].real());
    }
    before = ratio;
  }
}

}  // namespace
}  // namespace kedge::math
