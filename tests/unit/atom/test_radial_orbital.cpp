// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "kedge/core/units.hpp"
#include "log_mesh.hpp"
#include "radial_orbital.hpp"

namespace kedge::atom {
namespace {

/// Level of the bare nucleus.
double coulomb_level(int z, int n, int l, Relativity relativity) {
  const LogMesh mesh = make_log_mesh(z);
  const std::vector<double> rv(mesh.r.size(), -z);
  const auto orbital =
      find_bound_orbital({&mesh, static_cast<double>(z), rv, relativity}, n, l, 0.0);
  return orbital ? orbital->energy : 0.0;
}

/// Dirac level of the bare nucleus without the rest energy.
double dirac_level(int z, int n, int twice_j) {
  const double c = kSpeedOfLight, a = z / c, k = 0.5 * (twice_j + 1);
  const double effective = n - k + std::sqrt(k * k - a * a);
  const double e = 1.0 / std::sqrt(1.0 + a * a / (effective * effective));
  return c * c * (e - 1.0);
}

TEST(RadialOrbital, NonRelativisticHydrogen) {
  for (const int z : {1, 6, 29, 92}) {
    for (int n = 1; n <= 5; ++n) {
      for (int l = 0; l < n; ++l) {
        const double exact = -0.5 * z * z / (n * n);
        // sixth-order formula: (k r h)^6 with k r < 5 and h = 0.01 times 863/60480 is below 1e-9
        EXPECT_NEAR(coulomb_level(z, n, l, Relativity::none) / exact, 1.0, 1e-9)
            << z << ' ' << n << ' ' << l;
      }
    }
  }
}

TEST(RadialOrbital, HydrogenWaveFunction) {
  const LogMesh mesh = make_log_mesh(3);
  const std::vector<double> rv(mesh.r.size(), -3.0);
  const auto orbital = find_bound_orbital({&mesh, 3.0, rv, Relativity::none}, 2, 1, 0.0);
  ASSERT_TRUE(orbital);
  for (std::size_t i = 0; i < mesh.r.size(); i += 50) {
    const double r = mesh.r[i];
    const double exact = std::pow(3.0, 2.5) / (2.0 * std::sqrt(6.0)) * r * r * std::exp(-1.5 * r);
    EXPECT_NEAR(std::abs(orbital->large[i]), exact,
                1e-8);  // error of the energy times a slope of order 1
  }
}

TEST(RadialOrbital, ScalarRelativisticSLevelsAreDiracLevels) {
  // For l = 0 the Koelling-Harmon equations are Dirac's (kappa = -1).
  for (const int z : {1, 6, 29, 80}) {
    for (int n = 1; n <= 3; ++n) {
      EXPECT_NEAR(coulomb_level(z, n, 0, Relativity::scalar) / dirac_level(z, n, 1), 1.0, 1e-9)
          << z << ' ' << n;
    }
  }
}

TEST(RadialOrbital, ScalarRelativisticPLevelsAreTheMeanOfDirac) {
  for (const int z : {6, 12, 24}) {
    const double mean = (2.0 * dirac_level(z, 2, 1) + 4.0 * dirac_level(z, 2, 3)) / 6.0;
    const double scalar = coulomb_level(z, 2, 1, Relativity::scalar);
    const double fine_structure = mean + 0.125 * z * z;  // of order z^4/c^2
    // The spin-orbit term vanishes in the mean to first order; the second order is smaller by
    // (z/c)^2.
    EXPECT_NEAR(scalar, mean, 3.0 * std::pow(z / kSpeedOfLight, 2) * std::abs(fine_structure)) << z;
  }
}

TEST(RadialOrbital, ProbabilityIsTheDerivativeOfTheEnergy) {
  // dE = integral dV probability dr; central difference in the strength of dV = d exp(-r)/r, error
  // d^2.
  for (const Relativity relativity : {Relativity::none, Relativity::scalar}) {
    for (const int l : {0, 1}) {
      constexpr double kZ = 30.0, kStep = 1e-3;
      const LogMesh mesh = make_log_mesh(30);
      const auto solve = [&](double d) {
        std::vector<double> rv(mesh.r.size());
        for (std::size_t i = 0; i < rv.size(); ++i) rv[i] = -kZ + d * (1.0 - std::exp(-mesh.r[i]));
        return find_bound_orbital({&mesh, kZ, rv, relativity}, 2, l, 0.0).value();
      };
      std::vector<double> integrand = solve(0.0).probability;
      for (std::size_t i = 0; i < integrand.size(); ++i) {
        integrand[i] *= (1.0 - std::exp(-mesh.r[i])) / mesh.r[i];
      }
      const double slope = (solve(kStep).energy - solve(-kStep).energy) / (2.0 * kStep);
      EXPECT_NEAR(slope, integral(mesh, integrand), 1e-7);
    }
  }
}

TEST(RadialOrbital, UnboundLevelsAreReported) {
  const LogMesh mesh = make_log_mesh(1);
  std::vector<double> rv(mesh.r.size());
  for (std::size_t i = 0; i < rv.size(); ++i) {
    rv[i] = -std::exp(-2.0 * mesh.r[i]);  // too weak a Yukawa well
  }
  EXPECT_FALSE(find_bound_orbital({&mesh, 1.0, rv, Relativity::none}, 1, 0, 0.0));
}

TEST(LogMesh, CumulativeIntegralIsOfSixthOrder) {
  const LogMesh mesh = make_log_mesh(1);
  std::vector<double> f(mesh.r.size());
  for (std::size_t i = 0; i < f.size(); ++i) f[i] = mesh.r[i] * mesh.r[i] * std::exp(-mesh.r[i]);
  const auto sum = cumulative_integral(mesh, f);
  for (std::size_t i = 200; i < f.size(); i += 100) {
    const double r = mesh.r[i];
    EXPECT_NEAR(sum[i], 2.0 - std::exp(-r) * (r * r + 2.0 * r + 2.0), 1e-11);  // h^6 times order 10
  }
}

TEST(LogMesh, HartreePotentialOfAnExponentialDensity) {
  // n = exp(-2 r)/pi: V_H = [1 - (1 + r) exp(-2 r)]/r
  const LogMesh mesh = make_log_mesh(1);
  std::vector<double> n(mesh.r.size());
  for (std::size_t i = 0; i < n.size(); ++i) n[i] = std::exp(-2.0 * mesh.r[i]) / kPi;
  const auto rv = hartree_times_r(mesh, n);
  for (std::size_t i = 0; i < n.size(); i += 100) {
    const double r = mesh.r[i];
    EXPECT_NEAR(rv[i], 1.0 - (1.0 + r) * std::exp(-2.0 * r), 1e-10);  // as the cumulative integral
  }
}

}  // namespace
}  // namespace kedge::atom
