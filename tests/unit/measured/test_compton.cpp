// SPDX-License-Identifier: BSD-3-Clause
#include <complex>

#include "kedge/measured/compton.hpp"
#include "support.hpp"

namespace {

using kedge::ErrorKind;
using kedge::measured::composition;
using kedge::measured::ComptonBackground;
using kedge::measured::ComptonProfile;
using kedge::measured::test::expect_error;
using testing::ElementsAre;
using testing::Pair;

/// Hydrogen 1s, u = 2 r exp(-r), on a logarithmic mesh.
void hydrogen(kedge::atom::LogMesh& mesh, kedge::atom::Orbital& orbital) {
  mesh.first = 1e-5;
  mesh.step = 0.01;
  orbital.l = 0;
  for (int i = 0; i < 1500; ++i) {
    mesh.r.push_back(mesh.first * std::exp(mesh.step * i));
    orbital.u.push_back(2.0 * mesh.r.back() * std::exp(-mesh.r.back()));
  }
}

TEST(ComptonProfile, HydrogenInClosedForm) {
  kedge::atom::LogMesh mesh;
  kedge::atom::Orbital orbital;
  hydrogen(mesh, orbital);
  const ComptonProfile profile(mesh, orbital);
  for (const double p : {0.0, 0.3, 1.0, 2.0}) {
    const double exact = 8.0 / (3.0 * M_PI * std::pow(1.0 + p * p, 3));
    // 600 momenta with trapezoids and linear interpolation: (step)^2/12 of the curvature, 1e-4.
    EXPECT_NEAR(profile.at(p), exact, 3e-4) << p;
  }
}

TEST(ComptonProfile, DiffuseOrbitalHasNoTailOfTheMesh) {
  // u = r^3 exp(-0.8 r), of the extent of a 3s shell of sodium: 2/pi |int u r j_0(k r) dr|^2 with
  // int r^3 sin(k r) exp(-z r) dr = 6 Im (z - ik)^-4.
  constexpr double kDecay = 0.8;
  kedge::atom::LogMesh mesh;
  kedge::atom::Orbital orbital;
  hydrogen(mesh, orbital);
  const double norm = std::sqrt(std::pow(2.0 * kDecay, 7) / 720.0);
  for (std::size_t i = 0; i < mesh.r.size(); ++i) {
    orbital.u[i] = norm * std::pow(mesh.r[i], 3) * std::exp(-kDecay * mesh.r[i]);
  }
  const ComptonProfile profile(mesh, orbital);
  const auto exact = [norm](double p) {
    double sum = 0.0;
    constexpr double kStep = 1e-3;
    for (double k = p + 0.5 * kStep; k < p + 60.0; k += kStep) {
      const double chi = norm * 6.0 * std::imag(std::pow(std::complex<double>(kDecay, -k), -4)) / k;
      sum += 0.5 * kStep * k * 2.0 / M_PI * chi * chi;
    }
    return sum;
  };
  EXPECT_NEAR(profile.at(0.5), exact(0.5), 1e-3 * exact(0.0));  // as above
  // The sums err by less than 1e-8 of the wave at the origin, 1e-7 of the profile with its square.
  for (const double p : {5.0, 20.0, 40.0}) {
    EXPECT_NEAR(profile.at(p), exact(p), 1e-3 * exact(p) + 1e-7 * exact(0.0)) << p;
  }
}

TEST(ComptonBackground, AllElectronsAtLargeLossAndNoOwnEdge) {
  // Over all losses each electron counts once: sum rule of the impulse approximation. Helium, both
  // electrons bound by 24.6 eV; losses from 30 to 3000 eV hold nearly all at q = 10 1/Angstrom.
  std::vector<double> loss;
  for (int i = 0; i <= 1500; ++i) loss.push_back(30.0 + 2.0 * i);
  const auto spectrum = ComptonBackground("He").at(loss, std::vector<double>(loss.size(), 10.0));
  double area = 0.0;
  for (const double y : spectrum.intensity) area += 2.0 * y;
  // Momenta beyond p = 2.0 (30 eV) are cut, 1.5 % of each electron; the far end reaches 18.
  EXPECT_NEAR(area, 2.0, 0.06);
  // Boron below and above its K edge: from 185 eV on the 1s shell (188 eV) is left out, from 190 eV
  // on it is there.
  const ComptonBackground boron("B");
  const auto below = boron.at({185.0, 400.0}, {4.5, 4.5});
  const auto above = boron.at({190.0, 400.0}, {4.5, 4.5});
  EXPECT_LT(below.intensity[1], 0.5 * above.intensity[1]);
  expect_error(ErrorKind::input, "no subshell", [] {
    (void)ComptonBackground("He").at({5.0, 10.0}, {4.5, 4.5});
  });
}

TEST(Composition, Formulas) {
  EXPECT_THAT(composition("NaCB11H12"),
              ElementsAre(Pair(11, 1.0), Pair(6, 1.0), Pair(5, 11.0), Pair(1, 12.0)));
  EXPECT_THAT(composition("Li0.5 F"), ElementsAre(Pair(3, 0.5), Pair(9, 1.0)));
  // "NaN" and "InF" are no numbers here.
  EXPECT_THAT(composition("KNaNb2O6"),
              ElementsAre(Pair(19, 1.0), Pair(11, 1.0), Pair(41, 2.0), Pair(8, 6.0)));
  EXPECT_THAT(composition("KInF4"), ElementsAre(Pair(19, 1.0), Pair(49, 1.0), Pair(9, 4.0)));
  for (const char* wrong : {"", "Xx", "b2", "B-1", "B0", "12"}) {
    expect_error(ErrorKind::input, "formula", [&] { (void)composition(wrong); });
  }
}

}  // namespace
