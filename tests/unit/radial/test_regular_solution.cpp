// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/bessel.hpp"
#include "kedge/radial/regular_solution.hpp"

namespace kedge::radial {
namespace {

std::vector<double> coulomb(const math::SpectralMesh& mesh, double z) {
  std::vector<double> v;
  for (const double r : mesh.r()) v.push_back(-z / r);
  return v;
}

/// Largest deviation of p from a multiple of the exact function, relative to its largest value.
template <class Exact>
double shape_error(const math::SpectralMesh& mesh, const std::vector<double>& p, Exact exact) {
  double pp = 0.0, pe = 0.0, largest = 0.0, worst = 0.0;
  std::vector<double> e;
  for (const double r : mesh.r()) e.push_back(exact(r));
  for (std::size_t i = 0; i < p.size(); ++i) {
    pp += mesh.weights()[i] * p[i] * p[i];
    pe += mesh.weights()[i] * p[i] * e[i];
    largest = std::max(largest, std::abs(e[i]));
  }
  for (std::size_t i = 0; i < p.size(); ++i) {
    worst = std::max(worst, std::abs(pe / pp * p[i] - e[i]));
  }
  return worst / largest;
}

// The series at the first node, r_0 = 1e-5/Z, leaves out terms of the relative order (Z r_0)^2 =
// 1e-10 and r_0^2; elsewhere the collocation is exact to rounding.
constexpr double kStart = 1e-9;

TEST(AtomicMesh, EndsElementsWhereAsked) {
  const auto mesh = atomic_mesh(5.0, 1.4, 4.0);
  EXPECT_DOUBLE_EQ(mesh.r().front(), 2e-6);
  EXPECT_DOUBLE_EQ(mesh.edges().back(), 4.0);
  bool found = false;
  for (const double edge : mesh.edges()) found = found || edge == 1.4;
  EXPECT_TRUE(found);
  EXPECT_DOUBLE_EQ(atomic_mesh(5.0, 1.4, 1.4).edges().back(), 1.4);
}

TEST(RegularSolution, FreeParticle) {
  // V = 0: P = r j_l(kr).
  const auto mesh = atomic_mesh(0.0, 1.5, 8.0);
  const std::vector<double> v(mesh.size(), 0.0);
  for (const double energy : {0.01, 0.4, 1.5}) {
    const double k = std::sqrt(2.0 * energy);
    for (int l = 0; l <= 4; ++l) {
      const auto s = regular_solution(mesh, v, 0.0, l, energy, false);
      EXPECT_LT(shape_error(mesh, s.p,
                            [&](double r) {
                              std::vector<double> j(static_cast<std::size_t>(l + 1));
                              math::spherical_j(k * r, j);
                              return r * j.back();
                            }),
                kStart)
          << energy << ' ' << l;
    }
  }
}

TEST(RegularSolution, CoulombAtZeroEnergy) {
  // E = 0, V = -Z/r: P = sqrt(r) J_(2l+1)(sqrt(8 Z r)).
  for (const double z : {1.0, 5.0, 11.0}) {
    const auto mesh = atomic_mesh(z, 1.5, 6.0);
    const auto v = coulomb(mesh, z);
    for (int l = 0; l <= 3; ++l) {
      const auto s = regular_solution(mesh, v, z, l, 0.0, false);
      EXPECT_LT(shape_error(mesh, s.p,
                            [&](double r) {
                              return std::sqrt(r) *
                                     std::cyl_bessel_j(2 * l + 1, std::sqrt(8.0 * z * r));
                            }),
                kStart)
          << z << ' ' << l;
    }
  }
}

TEST(RegularSolution, CoulombContinuum) {
  // Power series P = r^(l+1) sum a_n r^n, n (n + 2l + 1) a_n = -2 Z a_(n-1) - 2 E a_(n-2)
  // (NIST DLMF 33.6), summed in long double: its cancellation is exp(sqrt(8 Z r)) = 2e4 at most
  // here.
  const double z = 5.0;
  const auto mesh = atomic_mesh(z, 1.0, 2.5);
  const auto v = coulomb(mesh, z);
  for (const double energy : {0.05, 0.5, 1.5}) {
    for (int l = 0; l <= 3; ++l) {
      const auto s = regular_solution(mesh, v, z, l, energy, false);
      EXPECT_LT(shape_error(mesh, s.p,
                            [&](double r) {
                              long double before = 0.0L, term = 1.0L, sum = 1.0L;
                              for (int n = 1; n < 120; ++n) {
                                const long double next =
                                    (-2.0L * z * term * r - 2.0L * energy * before * r * r) /
                                    (n * (n + 2.0L * l + 1.0L));
                                before = term;
                                term = next;
                                sum += next;
                              }
                              return static_cast<double>(sum) * std::pow(r, l + 1);
                            }),
                kStart)
          << energy << ' ' << l;
    }
  }
}

TEST(RegularSolution, WronskianOfTwoEnergies) {
  // From -P''/2 + W P = E P at two energies: P1 P2' - P1' P2 = 2 (E1 - E2) integral_0^r P1 P2 dr.
  const double z = 6.0;
  const auto mesh = atomic_mesh(z, 1.4, 5.0);
  std::vector<double> v;
  for (const double r : mesh.r()) v.push_back(-z / r * std::exp(-r));
  for (int l = 0; l <= 2; ++l) {
    const auto a = regular_solution(mesh, v, z, l, 0.3, false);
    const auto b = regular_solution(mesh, v, z, l, 0.9, false);
    std::vector<double> product;
    for (std::size_t i = 0; i < mesh.size(); ++i) product.push_back(a.p[i] * b.p[i]);
    for (const double r : {1.4, 5.0}) {
      const double inner = r * (1.0 - 1e-13);
      const double pa = mesh.interpolate(a.p, inner), pb = mesh.interpolate(b.p, inner);
      const double qa = mesh.interpolate(a.q, inner), qb = mesh.interpolate(b.q, inner);
      // P' = P/r + 2 Q without relativity
      const double wronskian = 2.0 * (pa * qb - qa * pb);
      const double integral = 2.0 * (0.3 - 0.9) * mesh.integrate(product, r);
      EXPECT_NEAR(wronskian, integral, kStart * (std::abs(pa * qb) + std::abs(qa * pb)))
          << l << ' ' << r;
    }
  }
}

TEST(RegularSolution, DerivativeOfTheLargeComponent) {
  // P' = P/r + 2 M Q, M = 1 + (E - V)/(2 c^2), with the derivative taken from the mesh.
  const double z = 11.0, energy = 0.7;
  const auto mesh = atomic_mesh(z, 1.5, 3.0);
  const auto v = coulomb(mesh, z);
  for (const bool relativistic : {false, true}) {
    const auto s = regular_solution(mesh, v, z, 1, energy, relativistic);
    for (const double r : {0.01, 0.3, 1.1, 2.6}) {
      const auto p = mesh.derivatives(s.p, r, 2);
      const double mass =
          relativistic ? 1.0 + 0.5 * kFineStructure * kFineStructure * (energy + z / r) : 1.0;
      const double q = mesh.interpolate(s.q, r);
      EXPECT_NEAR(p[1], p[0] / r + 2.0 * mass * q, 1e-9 * (std::abs(p[0] / r) + std::abs(q))) << r;
    }
  }
}

TEST(CoreEnergy, HydrogenicLevels) {
  // E = -Z^2/(2 n^2) for V = -Z/r; the bisection stops at 1e-10, the start of the series costs
  // (Z r_0)^2 = 1e-10 of the potential energy near the nucleus.
  for (const double z : {5.0, 11.0}) {
    const double radius = 36.0 / z;  // r P_2s^2 has fallen by exp(-36)
    const auto mesh = atomic_mesh(z, 0.5 * radius, radius);
    const auto v = coulomb(mesh, z);
    const double tolerance = 1e-9 * z * z;
    EXPECT_NEAR(core_energy(mesh, v, z, 1, 0, -0.5 * z * z + 0.3, false), -0.5 * z * z, tolerance);
    EXPECT_NEAR(core_energy(mesh, v, z, 2, 0, -0.125 * z * z - 0.2, false), -0.125 * z * z,
                tolerance);
    EXPECT_NEAR(core_energy(mesh, v, z, 2, 1, -0.125 * z * z + 0.4, false), -0.125 * z * z,
                tolerance);
  }
}

TEST(CoreEnergy, FollowsAConstantShiftOfThePotential) {
  const double z = 5.0;
  const auto mesh = atomic_mesh(z, 2.0, 4.0);
  auto v = coulomb(mesh, z);
  for (double& x : v) x += 1.7;
  EXPECT_NEAR(core_energy(mesh, v, z, 1, 0, -10.0, false), -12.5 + 1.7, 1e-9 * z * z);
}

TEST(CoreEnergy, ScalarRelativisticLimit) {
  // For c -> infinity the shift tends to first order in 1/c^2, mass-velocity and Darwin terms:
  //   l = 0: -(Z alpha)^2 Z^2/(2 n^4) (n - 3/4),   l > 0: -(Z alpha)^2 Z^2/(2 n^4) (n/(l + 1/2) -
  //   3/4);
  // the next order is a few (Z alpha)^2 of it.
  struct Level {
    int n, l;
  };
  for (const double z : {2.0, 5.0, 11.0}) {
    const double radius = 36.0 / z;
    const auto mesh = atomic_mesh(z, 0.5 * radius, radius);
    const auto v = coulomb(mesh, z);
    const double za2 = std::pow(z * kFineStructure, 2);
    for (const auto& [n, l] : {Level{1, 0}, Level{2, 0}, Level{2, 1}}) {
      const double level = -0.5 * z * z / (n * n);
      const double shift =
          core_energy(mesh, v, z, n, l, level, true) - core_energy(mesh, v, z, n, l, level, false);
      const double angular = l == 0 ? n : n / (l + 0.5);
      const double first_order = -za2 * z * z / (2.0 * std::pow(n, 4)) * (angular - 0.75);
      EXPECT_NEAR(shift / first_order, 1.0, 4.0 * za2) << z << ' ' << n << ' ' << l;
    }
  }
}

TEST(CoreEnergy, SaysWhenThereIsNoSuchState) {
  const double z = 5.0;
  const auto mesh = atomic_mesh(z, 2.0, 4.0);
  try {
    static_cast<void>(core_energy(mesh, coulomb(mesh, z), z, 1, 0, -40.0, false));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::numerical);
    EXPECT_THAT(error.what(), testing::HasSubstr("n = 1, l = 0"));
  }
}

}  // namespace
}  // namespace kedge::radial
