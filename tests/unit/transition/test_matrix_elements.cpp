// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Geometry>
#include <cmath>
#include <random>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/bessel.hpp"
#include "kedge/math/quadrature.hpp"
#include "kedge/math/spherical_harmonics.hpp"
#include "kedge/radial/coupled_waves.hpp"
#include "kedge/radial/regular_solution.hpp"
#include "kedge/transition/matrix_elements.hpp"

namespace kedge::transition {
namespace {

constexpr double kCharge = 5.0;

math::SpectralMesh absorber_mesh() {
  return radial::atomic_mesh(kCharge, 1.42, 5.0);
}

/// Hydrogenic 1s or 2p of charge Z.
CoreOrbital core(const math::SpectralMesh& mesh, const std::string& edge) {
  CoreOrbital c{atom::core_level_of_edge(edge), {}};
  for (const double r : mesh.r()) {
    const double s = 2.0 * std::pow(kCharge, 1.5) * r * std::exp(-kCharge * r);
    const double p =
        std::pow(kCharge, 2.5) / std::sqrt(24.0) * r * r * std::exp(-0.5 * kCharge * r);
    c.u.push_back(c.level.l == 0 ? s : p);
  }
  return c;
}

/// Made-up radial functions, not orthogonal to the core.
std::vector<std::vector<double>> radial_functions(const math::SpectralMesh& mesh, int lmax) {
  std::vector<std::vector<double>> all;
  for (int l = 0; l <= lmax; ++l) {
    all.emplace_back();
    for (const double r : mesh.r()) {
      all.back().push_back(std::pow(r, l + 1) * (1.0 - 0.4 * r) * std::exp(-0.5 * r));
    }
  }
  return all;
}

/// Their waves and a random symmetric positive rho.
FinalStates final_states(const math::SpectralMesh& mesh, int lmax) {
  FinalStates states;
  states.lmax = lmax;
  states.waves = radial::uncoupled(radial_functions(mesh, lmax));
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  Eigen::MatrixXd a(math::harmonic_count(lmax), math::harmonic_count(lmax));
  for (double& x : a.reshaped()) x = normal(random);
  states.rho = a * a.transpose();
  return states;
}

/// P_l at a node.
double function_of(const FinalStates& states, std::size_t l, std::size_t node) {
  const auto h = static_cast<Eigen::Index>(l * l);
  return states.waves[l * l](static_cast<Eigen::Index>(node), h);
}

double sum(const std::vector<double>& by_l) {
  double total = 0.0;
  for (const double x : by_l) total += x;
  return total;
}

TEST(DynamicStructureFactor, KShellPowderFormula) {
  // S = 2 sum_L I_ll^2 rho_LL, I_ll = integral P_c P_l j_l(qr) dr, with j_0 -> j_0 - <c|j_0|c> if
  // asked; the general sum over Gaunt coefficients must give it, to rounding, and by l.
  const auto mesh = absorber_mesh();
  const auto c = core(mesh, "K");
  const auto states = final_states(mesh, 3);
  for (const double q : {0.2, 1.0, 2.4}) {
    for (const bool orthogonal : {false, true}) {
      const auto by_l = dynamic_structure_factor(mesh, c, states, q, {}, orthogonal);
      ASSERT_EQ(by_l.size(), 4U);
      for (int l = 0; l <= 3; ++l) {
        const auto i = static_cast<std::size_t>(l);
        double radial = 0.0, mean = 0.0, overlap = 0.0, norm = 0.0;
        for (std::size_t k = 0; k < mesh.size(); ++k) {
          std::vector<double> j(4);
          math::spherical_j(q * mesh.r()[k], j);
          const double weight = mesh.weights()[k] * c.u[k];
          radial += weight * function_of(states, i, k) * j[i];
          overlap += weight * function_of(states, i, k);
          mean += weight * c.u[k] * j[0];
          norm += weight * c.u[k];
        }
        if (l == 0 && orthogonal) radial -= mean / norm * overlap;
        double trace = 0.0;
        for (int m = l * l; m < (l + 1) * (l + 1); ++m) trace += states.rho(m, m);
        // the monopole at q = 0.2 is a difference of numbers 1/q^2 times larger
        EXPECT_NEAR(by_l[i], 2.0 * radial * radial * trace, 1e-10 * std::abs(by_l[i]))
            << q << ' ' << l;
      }
    }
  }
}

TEST(DynamicStructureFactor, BecomesAbsorptionAtSmallMomentum) {
  // S(q)/q^2 -> sigma/(4 pi^2 alpha w) with relative corrections of the order of q^2: a quarter at
  // half the q. The orthogonal monopole is needed: without it S/q^2 diverges where final states
  // overlap the core.
  const auto mesh = absorber_mesh();
  const auto states = final_states(mesh, 3);
  for (const char* edge : {"K", "L23"}) {
    const auto c = core(mesh, edge);
    const double w = 7.0;
    const double sigma = absorption(mesh, c, states, w, {}, false);
    const double limit = sigma / (4.0 * kPi * kPi * kFineStructure * w);
    EXPECT_GT(limit, 0.0);
    const auto deviation = [&](double q) {
      return sum(dynamic_structure_factor(mesh, c, states, q, {}, true)) / (q * q) / limit - 1.0;
    };
    EXPECT_NEAR(deviation(1e-3), 0.0, 1e-4) << edge;
    EXPECT_NEAR(deviation(0.04) / deviation(0.02), 4.0, 0.05) << edge;
    EXPECT_GT(sum(dynamic_structure_factor(mesh, c, states, 1e-3, {}, false)) / 1e-6, 10.0 * limit);
  }
}

TEST(DynamicStructureFactor, OrientedAveragesToPowder) {
  // The amplitudes hold harmonics of q up to l_c + lmax: their squares are integrated exactly by a
  // rule of degree 11.
  const auto mesh = absorber_mesh();
  const auto states = final_states(mesh, 3);
  const math::AngularRule rule = math::angular_rule(6);
  for (const char* edge : {"K", "L23"}) {
    const auto c = core(mesh, edge);
    const double q = 1.3;
    const auto powder = dynamic_structure_factor(mesh, c, states, q, {}, true);
    std::vector<double> mean(powder.size(), 0.0);
    for (std::size_t i = 0; i < rule.weight.size(); ++i) {
      const auto& n = rule.direction[i];
      // the length of the direction does not matter
      const auto s = dynamic_structure_factor(mesh, c, states, q, {2.0 * n}, true);
      for (std::size_t l = 0; l < s.size(); ++l) mean[l] += rule.weight[i] / (4.0 * kPi) * s[l];
    }
    for (std::size_t l = 0; l < mean.size(); ++l) {
      EXPECT_NEAR(mean[l], powder[l], 1e-11 * sum(powder)) << edge << ' ' << l;
    }
  }
}

TEST(DynamicStructureFactor, OrientedIsTheMatrixElementOfThePlaneWave) {
  // 4 pi sum_K i^K Y_K(q) G(L_c K L) I_Kl = <R_l Y_L|exp(i q.r)|R_c Y_c>, here by quadrature over
  // angles, with exp(iqr) as it is; q r < 13 needs degree 12 + 13 + 20 or so.
  const auto mesh = absorber_mesh();
  const auto states = final_states(mesh, 2);
  const math::AngularRule rule = math::angular_rule(24);
  const Eigen::Vector3d direction(0.48, -0.6, 0.64);
  const double q = 2.4;
  for (const char* edge : {"K", "L1", "L23"}) {
    auto c = core(mesh, edge);
    const int lc = c.level.l;
    const int harmonics = math::harmonic_count(2);
    Eigen::MatrixXcd amplitude = Eigen::MatrixXcd::Zero(harmonics, 2 * lc + 1);
    std::vector<double> y(static_cast<std::size_t>(harmonics));
    for (std::size_t k = 0; k < mesh.size(); ++k) {
      const double r = mesh.r()[k];
      Eigen::MatrixXcd angular = Eigen::MatrixXcd::Zero(harmonics, 2 * lc + 1);
      for (std::size_t i = 0; i < rule.weight.size(); ++i) {
        math::real_harmonics(rule.direction[i], 2, y);
        const Eigen::Map<const Eigen::VectorXd> v(y.data(), harmonics);
        const auto wave = std::polar(rule.weight[i], q * r * direction.dot(rule.direction[i]));
        angular +=
            wave * (v * v.segment(lc * lc, 2 * lc + 1).transpose()).cast<std::complex<double>>();
      }
      for (int final = 0; final < harmonics; ++final) {
        const auto l = static_cast<std::size_t>(std::sqrt(final));
        amplitude.row(final) +=
            mesh.weights()[k] * c.u[k] * function_of(states, l, k) * angular.row(final);
      }
    }
    const double expected =
        c.level.degeneracy / (2.0 * lc + 1.0) *
        (amplitude.adjoint() * states.rho.cast<std::complex<double>>() * amplitude).trace().real();
    const double found = sum(dynamic_structure_factor(mesh, c, states, q, {direction}, false));
    EXPECT_NEAR(found / expected, 1.0, 1e-9) << edge;
  }
}

TEST(Absorption, PolarisedAveragesToIsotropic) {
  const auto mesh = absorber_mesh();
  const auto states = final_states(mesh, 3);
  const math::AngularRule rule = math::angular_rule(2);  // squares of a vector: degree 2
  for (const char* edge : {"K", "L23"}) {
    const auto c = core(mesh, edge);
    double mean = 0.0;
    for (std::size_t i = 0; i < rule.weight.size(); ++i) {
      const auto& n = rule.direction[i];
      mean += rule.weight[i] / (4.0 * kPi) * absorption(mesh, c, states, 7.0, {n}, false);
    }
    const double isotropic = absorption(mesh, c, states, 7.0, {}, false);
    EXPECT_NEAR(mean / isotropic, 1.0, 1e-12) << edge;
  }
}

TEST(Absorption, KShellDipole) {
  // <Y_1m|n_m|Y_00> = 1/sqrt(3) for each component: two electrons and the mean over polarisations
  // give sigma = 4 pi^2 alpha w 2 D^2/9 sum_m rho_1m1m, D = integral P_c P_1 r dr.
  const auto mesh = absorber_mesh();
  const auto c = core(mesh, "K");
  const auto states = final_states(mesh, 2);
  double dipole = 0.0;
  for (std::size_t k = 0; k < mesh.size(); ++k) {
    dipole += mesh.weights()[k] * c.u[k] * function_of(states, 1, k) * mesh.r()[k];
  }
  const double w = 7.0;
  const double trace = states.rho(1, 1) + states.rho(2, 2) + states.rho(3, 3);
  const double expected =
      4.0 * kPi * kPi * kFineStructure * w * 2.0 * dipole * dipole * trace / 9.0;
  EXPECT_NEAR(absorption(mesh, c, states, w, {}, false) / expected, 1.0, 1e-12);
}

TEST(Absorption, QuadrupoleIsTheMeanOverBeams) {
  // (alpha w/2)^2 |<f|(eps.r)(k.r)|c>|^2 averaged over directions k and polarisations eps normal to
  // k, the angular integrals by quadrature: degree 2 + lmax + l_c, and 4 in the direction of the
  // beam.
  const auto mesh = absorber_mesh();
  const auto states = final_states(mesh, 3);
  const math::AngularRule inner = math::angular_rule(5), beams = math::angular_rule(4);
  const double w = 7.0;
  const int harmonics = math::harmonic_count(3);
  std::vector<double> y(static_cast<std::size_t>(harmonics));
  for (const char* edge : {"K", "L23"}) {
    const auto c = core(mesh, edge);
    const int lc = c.level.l;
    Eigen::VectorXd radial(harmonics);
    for (int final = 0; final < harmonics; ++final) {
      const auto l = static_cast<std::size_t>(std::sqrt(final));
      radial(final) = 0.0;
      for (std::size_t k = 0; k < mesh.size(); ++k) {
        radial(final) +=
            mesh.weights()[k] * c.u[k] * function_of(states, l, k) * mesh.r()[k] * mesh.r()[k];
      }
    }
    double mean = 0.0;
    for (std::size_t b = 0; b < beams.weight.size(); ++b) {
      const Eigen::Vector3d& k = beams.direction[b];
      const Eigen::Vector3d e1 = k.unitOrthogonal(), e2 = k.cross(e1);
      for (const Eigen::Vector3d& e : {e1, e2}) {
        Eigen::MatrixXd amplitude = Eigen::MatrixXd::Zero(harmonics, 2 * lc + 1);
        for (std::size_t i = 0; i < inner.weight.size(); ++i) {
          const auto& n = inner.direction[i];
          math::real_harmonics(n, 3, y);
          const Eigen::Map<const Eigen::VectorXd> v(y.data(), harmonics);
          amplitude += inner.weight[i] * e.dot(n) * k.dot(n) * v *
                       v.segment(lc * lc, 2 * lc + 1).transpose();
        }
        amplitude = radial.asDiagonal() * amplitude;
        mean += 0.5 * beams.weight[b] / (4.0 * kPi) *
                (amplitude.transpose() * states.rho * amplitude).trace();
      }
    }
    const double expected = 4.0 * kPi * kPi * kFineStructure * w * c.level.degeneracy /
                            (2.0 * lc + 1.0) * std::pow(0.5 * kFineStructure * w, 2) * mean;
    const double found =
        absorption(mesh, c, states, w, {}, true) - absorption(mesh, c, states, w, {}, false);
    // the difference of two numbers, the quadrupole being about 1e-3 of the dipole
    EXPECT_NEAR(found / expected, 1.0, 1e-9) << edge;
  }
}

TEST(CoreOrbitalOnMesh, KeepsItsNorm) {
  // Six-point interpolation in ln r of an orbital that is good to 1e-7.
  const atom::Atom boron = atom::solve_atom(5, atom::ground_state(5), {});
  const auto mesh = radial::atomic_mesh(5.0, 1.42, 12.0);
  for (const char* edge : {"K", "L1"}) {
    const auto c = core_orbital(boron, atom::core_level_of_edge(edge), mesh);
    double norm = 0.0;
    for (std::size_t k = 0; k < mesh.size(); ++k) norm += mesh.weights()[k] * c.u[k] * c.u[k];
    EXPECT_NEAR(norm, 1.0, 1e-6) << edge;
  }
}

TEST(CoreOrbitalOnMesh, RefusesOrbitalsThatTheAtomLacks) {
  const atom::Atom boron = atom::solve_atom(5, atom::ground_state(5), {});
  try {
    static_cast<void>(core_orbital(boron, atom::core_level_of_edge("M1"), absorber_mesh()));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_THAT(error.what(), testing::HasSubstr("n = 3, l = 0"));
  }
}

}  // namespace
}  // namespace kedge::transition
