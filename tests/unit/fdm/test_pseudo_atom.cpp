// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "kedge/fdm/pseudo_atom.hpp"
#include "kedge/math/quadrature.hpp"
#include "kedge/radial/regular_solution.hpp"

namespace kedge::fdm {
namespace {

constexpr double kCharge = 5.0;
constexpr double kRadius = 1.42;  // 0.75 Angstrom
constexpr int kLmax = 3;

/// Boron-like screened potential, analytic for r > 0.
double screened(double r) {
  return -kCharge / r / (1.0 + 1.3 * (std::exp(r / 0.7) - 1.0));
}

struct Atom {
  math::SpectralMesh mesh = radial::atomic_mesh(kCharge, kRadius, kRadius);
  std::vector<double> potential;
  PseudoAtom pseudo;

  explicit Atom(double energy, double depth = 1.0, bool relativistic = false) {
    for (const double r : mesh.r()) potential.push_back(screened(r));
    pseudo =
        build_pseudo_atom(mesh, potential, kCharge, kRadius, kLmax, depth, energy, relativistic);
  }
};

/// Derivative k of sum_i c_i s^(lead + 2i) with respect to r at r_c.
double derivative_at_radius(const std::vector<double>& c, int lead, int k) {
  double sum = 0.0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    double term = c[i];
    for (int j = 0; j < k; ++j) term *= lead + 2 * static_cast<int>(i) - j;
    sum += term;
  }
  return sum / std::pow(kRadius, k);
}

double projector(const PseudoChannel& channel, double r) {  // chi(r)
  double sum = 0.0;
  for (std::size_t j = 0; j < channel.projector.size(); ++j) {
    sum += channel.projector[j] * std::pow(r / kRadius, channel.l + 2 * static_cast<int>(j));
  }
  return sum * r;
}

// Derivatives of mesh functions lose n^2/length = 200 for each order: 1e-15 * 200^k.
constexpr double kDerivativeTolerance[4] = {1e-12, 1e-11, 1e-9, 1e-7};

TEST(PseudoAtom, LocalPotentialJoinsTheTrueOneWithTwoDerivatives) {
  const Atom atom(0.5);
  const auto v = atom.mesh.derivatives(atom.potential, kRadius * (1.0 - 1e-13), 3);
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(derivative_at_radius(atom.pseudo.local, 0, k), v[static_cast<std::size_t>(k)],
                kDerivativeTolerance[k] * 10.0);
  }
  EXPECT_NEAR(atom.pseudo.local_potential(0.0), screened(kRadius) + 1.0,
              1e-12);  // Vt(0) - V(r_c) = depth
}

TEST(PseudoAtom, SmoothFunctionJoinsTheTrueOneWithThreeDerivatives) {
  for (const double energy : {0.05, 0.6, 1.5}) {
    const Atom atom(energy);
    for (const auto& channel : atom.pseudo.channels) {
      const auto u = atom.mesh.derivatives(channel.u, kRadius * (1.0 - 1e-13), 4);
      for (int k = 0; k < 4; ++k) {
        EXPECT_NEAR(derivative_at_radius(channel.smooth, channel.l + 1, k),
                    u[static_cast<std::size_t>(k)], kDerivativeTolerance[k] * 100.0)
            << energy << ' ' << channel.l << ' ' << k;
      }
    }
  }
}

TEST(PseudoAtom, TrueFunctionIsNormalisedInTheSphere) {
  const Atom atom(0.6);
  for (const auto& channel : atom.pseudo.channels) {
    std::vector<double> square;
    for (const double p : channel.u) square.push_back(p * p);
    EXPECT_NEAR(atom.mesh.integrate(square, kRadius), 1.0, 1e-13);
  }
}

TEST(PseudoAtom, ProjectorVanishesWithItsSlopeAtTheRadius) {
  // chi needs ut'' - ... and Vt with one derivative each: joined three and two deep, so chi and
  // chi' vanish to the rounding of the largest term.
  for (const double energy : {0.05, 1.5}) {
    const Atom atom(energy);
    for (const auto& channel : atom.pseudo.channels) {
      double largest = 0.0;
      for (const double c : channel.projector) largest = std::max(largest, std::abs(c));
      EXPECT_NEAR(derivative_at_radius(channel.projector, channel.l, 0), 0.0, 1e-10 * largest);
      EXPECT_NEAR(derivative_at_radius(channel.projector, channel.l, 1), 0.0, 1e-9 * largest);
    }
  }
}

TEST(PseudoAtom, ProjectorIsTheResidualOfTheSmoothFunction) {
  // chi = (E + 1/2 d2/dr2 - l(l+1)/2r^2 - Vt) ut, the second derivative by a central difference of
  // error h^2/12 ut'''' and rounding 1e-16/h^2: about 1e-7 for h = 1e-3 with ut'''' of order one to
  // ten.
  const double energy = 0.6, h = 1e-3;
  const Atom atom(energy);
  for (const auto& channel : atom.pseudo.channels) {
    for (const double r : {0.2, 0.7, 1.1, 1.4}) {
      const double u = atom.pseudo.smooth_function(channel.l, r);
      const double curvature = (atom.pseudo.smooth_function(channel.l, r + h) - 2.0 * u +
                                atom.pseudo.smooth_function(channel.l, r - h)) /
                               (h * h);
      const double expected =
          (energy - channel.l * (channel.l + 1) / (2.0 * r * r) - atom.pseudo.local_potential(r)) *
              u +
          0.5 * curvature;
      EXPECT_NEAR(projector(channel, r), expected, 2e-5) << channel.l << ' ' << r;
    }
  }
}

TEST(PseudoAtom, StrengthIsTheIntegral) {
  // B = integral ut chi dr: a polynomial of degree below 40, which 20 Gauss nodes integrate
  // exactly.
  const Atom atom(0.6);
  const math::Rule rule = math::gauss_legendre(20);
  for (const auto& channel : atom.pseudo.channels) {
    double sum = 0.0;
    for (std::size_t i = 0; i < rule.x.size(); ++i) {
      const double r = 0.5 * kRadius * (1.0 + rule.x[i]);
      sum += 0.5 * kRadius * rule.w[i] * atom.pseudo.smooth_function(channel.l, r) *
             projector(channel, r);
    }
    EXPECT_NEAR(sum, channel.b, 1e-12 * std::abs(channel.b) + 1e-14) << channel.l;
  }
}

TEST(PseudoAtom, IndependenceIsThatOfTheLocalSolution) {
  // |<chi|w>| / [|w| (|chi| + |ut|/r_c^2)] with w integrated on a mesh, where the code sums a
  // series.
  const double energy = 0.6;
  const Atom atom(energy);
  const auto mesh = radial::atomic_mesh(0.0, kRadius, kRadius);
  std::vector<double> local;
  for (const double r : mesh.r()) local.push_back(atom.pseudo.local_potential(r));
  for (const auto& channel : atom.pseudo.channels) {
    const auto w = radial::regular_solution(mesh, local, 0.0, channel.l, energy, false);
    double cw = 0.0, ww = 0.0, cc = 0.0, uu = 0.0;
    for (std::size_t i = 0; i < mesh.size(); ++i) {
      const double r = mesh.r()[i], weight = mesh.weights()[i];
      const double chi = projector(channel, r), u = atom.pseudo.smooth_function(channel.l, r);
      cw += weight * chi * w.p[i];
      ww += weight * w.p[i] * w.p[i];
      cc += weight * chi * chi;
      uu += weight * u * u;
    }
    const double expected =
        std::abs(cw) / std::sqrt(ww) / (std::sqrt(cc) + std::sqrt(uu) / (kRadius * kRadius));
    EXPECT_NEAR(channel.independence, expected, 1e-8) << channel.l;  // start of the mesh
  }
}

TEST(PseudoAtom, RelativityChangesLightAtomsLittle) {
  // (Z alpha)^2 = 1.3e-3 near the nucleus; most of u is far from it.
  const Atom with(0.6, 1.0, true), without(0.6, 1.0, false);
  for (int l = 0; l <= kLmax; ++l) {
    const auto i = static_cast<std::size_t>(l);
    for (const double r : {0.5, 1.0, 1.4}) {
      EXPECT_NEAR(with.mesh.interpolate(with.pseudo.channels[i].u, r),
                  without.mesh.interpolate(without.pseudo.channels[i].u, r), 2e-3);
    }
  }
}

TEST(ChooseDepth, StaysAwayFromGhosts) {
  // The threshold is where the candidates of the list end up for atoms and empty spheres; a ghost
  // has independence 0.
  const std::vector<double> window = {0.0, 0.5, 1.0, 1.5};
  const Atom atom(0.5);
  const auto choice =
      choose_depth(atom.mesh, atom.potential, kCharge, kRadius, kLmax, window, false);
  EXPECT_GT(choice.independence, 0.05);
  double least = 1.0;
  for (const double energy : window) {
    const auto pseudo = build_pseudo_atom(atom.mesh, atom.potential, kCharge, kRadius, kLmax,
                                          choice.depth, energy, false);
    for (int l = 0; l < kFirstDual; ++l) {
      least = std::min(least, pseudo.channels[static_cast<std::size_t>(l)].independence);
    }
  }
  EXPECT_DOUBLE_EQ(least, choice.independence);

  const auto mesh = radial::atomic_mesh(0.0, 1.9, 1.9);
  const std::vector<double> nothing(mesh.size(), 0.0);
  const auto empty = choose_depth(mesh, nothing, 0.0, 1.9, kLmax, window, false);
  EXPECT_GT(empty.independence, 0.05);
  EXPECT_NE(empty.depth, 0.0);  // Vt = V would be a ghost at all energies
}

}  // namespace
}  // namespace kedge::fdm
