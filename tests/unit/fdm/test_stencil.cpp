// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <vector>

#include "kedge/core/error.hpp"
#include "kedge/fdm/stencil.hpp"
#include "kedge/math/quadrature.hpp"

namespace kedge::fdm {
namespace {

/// Kinetic energy that the stencil gives to exp(i k.r).
double kinetic(const Stencil& s, const Eigen::Vector3d& k) {
  double sum = s.centre;
  for (const auto& [offset, weight] : s.neighbours) {
    sum += weight * std::cos(s.spacing * (k[0] * offset[0] + k[1] * offset[1] + k[2] * offset[2]));
  }
  return sum;
}

/// e_p of the header: one direction of wave number k gives k^2/2 - e_p h^p k^(p+2).
double leading_error(int order) {
  return order == 4 ? 1.0 / 180.0 : order == 6 ? 1.0 / 1120.0 : 1.0 / 6300.0;
}

std::vector<Stencil> all(double spacing) {
  return {make_stencil(4, true, spacing), make_stencil(4, false, spacing),
          make_stencil(6, true, spacing), make_stencil(8, true, spacing)};
}

/// Mean over directions of the error of -1/2 Lap_h y + d y = 0 on a wave of wave number k, with
/// d(v) or with v alone.
double mean_error(const Stencil& s, double k, bool corrected) {
  static const auto rule = math::angular_rule(12);  // exact for degree 23
  const double t = 0.5 * k * k;
  double sum = 0.0, weights = 0.0;
  for (std::size_t i = 0; i < rule.weight.size(); ++i) {
    sum += rule.weight[i] *
           (kinetic(s, k * rule.direction[i]) + (corrected ? s.diagonal(-t, 0.0) : -t));
    weights += rule.weight[i];
  }
  return sum / weights;
}

TEST(Stencil, ExactForPolynomials) {
  // h^2 f'' = c_0 f(0) + sum c_s [f(s h) + f(-s h)] for x^n, n <= order + 1.
  for (const int order : {4, 6, 8}) {
    const auto c = second_derivative(order);
    ASSERT_EQ(static_cast<int>(c.size()), order / 2 + 1);
    for (int n = 0; n <= order; n += 2) {
      double sum = n == 0 ? c[0] : 0.0;
      for (std::size_t s = 1; s < c.size(); ++s) {
        sum += 2.0 * c[s] * std::pow(static_cast<double>(s), n);
      }
      // rounding of terms up to (order/2)^order c
      EXPECT_NEAR(sum, n == 2 ? 2.0 : 0.0, 1e-15 * std::pow(0.5 * order, n) * 10.0)
          << order << ' ' << n;
    }
  }
}

TEST(Stencil, StarOrderOnPlaneWaves) {
  // The ratio of errors at two steps is 2^p to the next order, (k h)^2/4 = 0.3 %, here 1 %.
  for (const int order : {4, 6, 8}) {
    const Eigen::Vector3d k(0.9, 0.4, -0.6);
    const double exact = 0.5 * k.squaredNorm();
    const double coarse = exact - kinetic(make_stencil(order, false, 0.4), k),
                 fine = exact - kinetic(make_stencil(order, false, 0.2), k);
    EXPECT_NEAR(std::log2(coarse / fine), order, 0.05) << order;
    double sum = 0.0;
    for (const double component : k) sum += std::pow(component, order + 2);
    EXPECT_NEAR(fine / (leading_error(order) * std::pow(0.2, order) * sum), 1.0, 0.01) << order;
  }
}

TEST(Stencil, CompactReachesOneStepAndErrsByTheSquaredLaplacian) {
  // -1/2 Lap_h of exp(i k.r) is k^2/2 - h^2 k^4/24 + O(h^4), the same in all directions to that
  // order: that is what makes a fourth-order scheme of it. The rest, at most h^4 k^6/720 for an
  // axis, falls by 16 with half the step; a tenth is left for the order after.
  const auto rest = [](double h, const Eigen::Vector3d& k) {
    const double k2 = k.squaredNorm();
    return kinetic(make_stencil(4, true, h), k) - 0.5 * k2 + h * h * k2 * k2 / 24.0;
  };
  EXPECT_EQ(make_stencil(4, true, 0.4).reach(), 1);
  EXPECT_EQ(make_stencil(4, true, 0.4).neighbours.size(), 18U);
  for (const Eigen::Vector3d& k : {Eigen::Vector3d(0.9, 0.4, -0.6), Eigen::Vector3d(1.2, 0.0, 0.0),
                                   Eigen::Vector3d(0.7, 0.7, 0.7)}) {
    EXPECT_NEAR(std::log2(rest(0.4, k) / rest(0.2, k)), 4.0, 0.1) << k.transpose();
  }
}

TEST(Stencil, RefusesOtherOrders) {
  for (const int order : {0, 2, 5, 10}) {
    try {
      static_cast<void>(make_stencil(order, true, 0.4));
      FAIL() << order;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      EXPECT_THAT(error.what(), testing::HasSubstr("4, 6, 8"));
    }
  }
}

TEST(Stencil, DiagonalCancelsTheMeanError) {
  // The mean error of a plane wave falls by two orders more with d(v) in place of v: p + 2 for the
  // stars, 6 for the compact stencil, whose own Laplacian is of second order.
  for (std::size_t i = 0; i < 4; ++i) {
    const Stencil coarse = all(0.4)[i], fine = all(0.2)[i];
    const double k = 1.4;
    EXPECT_NEAR(std::log2(mean_error(coarse, k, false) / mean_error(fine, k, false)),
                coarse.compact ? 2 : coarse.order, 0.1)
        << i;
    EXPECT_NEAR(std::log2(mean_error(coarse, k, true) / mean_error(fine, k, true)),
                coarse.order + 2, 0.1)
        << i;
    EXPECT_LT(std::abs(mean_error(coarse, k, true)), 0.1 * std::abs(mean_error(coarse, k, false)))
        << i;
  }
}

TEST(Stencil, PlaneWaveShiftIsWhatTheLatticeMovesIt) {
  // Of 60 eV at 0.3 Angstrom, by the dispersion on the lattice itself: the energy at which each
  // direction has the wave, found by bisection. The shift is linear in the residual, and what that
  // leaves out is the shift over the energy, 0.3 %, times some 10 for how d' changes over it.
  const double h = 0.3 / 0.529177, energy = 60.0 / 27.2114;
  for (const Stencil& s : all(h)) {
    double worst = 0.0;
    for (const Eigen::Vector3d& n :
         {Eigen::Vector3d(1, 0, 0), Eigen::Vector3d(1, 1, 0), Eigen::Vector3d(1, 1, 1)}) {
      const double t = kinetic(s, std::sqrt(2.0 * energy) * n.normalized());
      double low = 0.5 * energy, high = 1.5 * energy;
      for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (t + s.diagonal(-middle, 0.0) > 0.0 ? low : high) = middle;
      }
      worst = std::max(worst, std::abs(low - energy));
    }
    EXPECT_NEAR(plane_wave_shift(s, energy), worst, 0.05 * worst) << s.order << s.compact;
  }
}

TEST(Stencil, AmplitudeKeepsTheFlux) {
  // (d'(v))^-1/2; what the amplitude leaves out is of the order after the method's, (h^2 v)^3 =
  // 1e-3 at most here.
  for (const Stencil& s : all(0.4)) {
    for (const double v : {-1.0, -0.3, 0.2}) {
      const double slope = (s.diagonal(v + 1e-5, 0.0) - s.diagonal(v - 1e-5, 0.0)) / 2e-5;
      EXPECT_NEAR(s.amplitude(v), 1.0 / std::sqrt(slope), 1e-3) << s.order << s.compact;
    }
    for (const double v : {-100.0, 20.0}) EXPECT_GT(s.amplitude(v), 0.0);
  }
}

TEST(Stencil, DiagonalWhereTheWaveDecays) {
  // Of a star (2t)^((p+2)/2): odd in t for orders 4 and 8, even for 6, as k_i^(p+2) with k_i
  // imaginary.
  EXPECT_LT(make_stencil(4, false, 0.4).diagonal(0.5, 0.0), 0.5);
  EXPECT_GT(make_stencil(6, false, 0.4).diagonal(0.5, 0.0), 0.5);
  EXPECT_LT(make_stencil(8, false, 0.4).diagonal(0.5, 0.0), 0.5);
  for (const Stencil& s : all(0.4)) EXPECT_EQ(s.diagonal(0.0, 0.0), 0.0);
}

TEST(Stencil, FourthOrderInAPotentialThatChanges) {
  // psi = exp(-r^2/2) solves 1/2 Lap psi = v psi with v = (r^2 - 3)/2. The residual of y =
  // amplitude psi falls as h^4 for either stencil; the exponent is met to a tenth or so, the next
  // order.
  const auto residual = [](const Stencil& s, const Eigen::Vector3d& r) {
    const auto v = [](const Eigen::Vector3d& x) { return 0.5 * (x.squaredNorm() - 3.0); };
    const auto y = [&](const Eigen::Vector3d& x) {
      return s.amplitude(v(x)) * std::exp(-0.5 * x.squaredNorm());
    };
    double sum = (s.centre + s.diagonal(v(r), r.squaredNorm())) * y(r);
    for (const auto& [offset, weight] : s.neighbours) {
      sum += weight * y(r + s.spacing * Eigen::Vector3d(offset[0], offset[1], offset[2]));
    }
    return sum;
  };
  for (const Eigen::Vector3d& r :
       {Eigen::Vector3d(0.3, -0.2, 0.1), Eigen::Vector3d(1.9, 0.2, -0.4)}) {
    for (const bool compact : {true, false}) {
      EXPECT_NEAR(std::log2(residual(make_stencil(4, compact, 0.2), r) /
                            residual(make_stencil(4, compact, 0.1), r)),
                  4.0, 0.15)
          << compact;
    }
  }
}

TEST(Stencil, ErrorInAPotentialThatChangesIsGoneInTheMeanOverDirections) {
  // The same oscillator. Of a symmetric operator the energy of a state is off by <y|K y>/<y|d' y>,
  // d' y = y/amplitude^2 the true norm's image, up to the square of what y is off; for a state of l
  // = 0 that is the error's mean over directions. With the slope of v it falls as h^6 and without
  // as h^4, each to a tenth for the order after.
  const auto shift = [](const Stencil& s, double slope) {
    double energy = 0.0, norm = 0.0;
    const auto v = [](const Eigen::Vector3d& x) { return 0.5 * (x.squaredNorm() - 3.0); };
    const auto y = [&](const Eigen::Vector3d& x) {
      return s.amplitude(v(x)) * std::exp(-0.5 * x.squaredNorm());
    };
    const int reach = static_cast<int>(6.0 / s.spacing);  // exp(-36) beyond
    for (int i = -reach; i <= reach; ++i) {
      for (int j = -reach; j <= reach; ++j) {
        for (int k = -reach; k <= reach; ++k) {
          const Eigen::Vector3d r = s.spacing * Eigen::Vector3d(i, j, k);
          double image = (s.centre + s.diagonal(v(r), slope * r.squaredNorm())) * y(r);
          for (const auto& [offset, weight] : s.neighbours) {
            image += weight * y(r + s.spacing * Eigen::Vector3d(offset[0], offset[1], offset[2]));
          }
          energy += y(r) * image;
          norm += std::exp(-r.squaredNorm());
        }
      }
    }
    return energy / norm;
  };
  for (const bool compact : {true, false}) {
    const Stencil coarse = make_stencil(4, compact, 0.4), fine = make_stencil(4, compact, 0.3);
    const auto order = [&](double slope) {
      return std::log(shift(coarse, slope) / shift(fine, slope)) / std::log(4.0 / 3.0);
    };
    EXPECT_NEAR(order(0.0), 4.0, 0.2) << compact;
    EXPECT_NEAR(order(1.0), 6.0, 0.3) << compact;
    EXPECT_LT(std::abs(shift(fine, 1.0)), 0.1 * std::abs(shift(fine, 0.0))) << compact;
  }
}

}  // namespace
}  // namespace kedge::fdm
