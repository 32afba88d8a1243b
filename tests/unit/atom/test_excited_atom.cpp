// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.hpp"
#include "kedge/atom/atom.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/units.hpp"
#include "log_mesh.hpp"

namespace kedge::atom {
namespace {

double electrons(const Atom& atom) {
  std::vector<double> shell(atom.mesh.r.size());
  for (std::size_t i = 0; i < shell.size(); ++i) {
    shell[i] = 4.0 * kPi * atom.mesh.r[i] * atom.mesh.r[i] * atom.density[i];
  }
  return integral(atom.mesh, shell);
}

/// integral u^2 r^power dr
double moment(const Atom& atom, const Orbital& orbital, int power) {
  std::vector<double> f(orbital.u.size());
  for (std::size_t i = 0; i < f.size(); ++i) {
    f[i] = orbital.u[i] * orbital.u[i] * std::pow(atom.mesh.r[i], power);
  }
  return integral(atom.mesh, f);
}

Configuration shells_of(const Atom& atom) {
  Configuration configuration;
  for (const Orbital& orbital : atom.orbitals) {
    configuration.push_back({orbital.n, orbital.l, orbital.occupation});
  }
  return configuration;
}

Atom excited(int z, double screening, double dilatation = 0.0) {
  Excitation excitation;
  excitation.screening = screening;
  excitation.dilatation = dilatation;
  return excited_atom(z, ground_state(z), excitation, {});
}

TEST(ExcitedAtom, FullScreeningIsTheSelfConsistentAtom) {
  for (const auto& [z, text] : {std::pair{3, "1s1 2s2"},
                                {5, "1s1 2s2 2p2"},
                                {6, "1s1 2s2 2p3"},
                                {9, "1s1 2s2 2p6"},
                                {11, "1s1 2s2 2p6 3s2"}}) {
    SCOPED_TRACE(z);
    const Atom atom = excited(z, 1.0);
    const Atom direct = solve_atom(z, with_shells({}, text), {});
    EXPECT_EQ(atom.total_energy, direct.total_energy);
    EXPECT_EQ(atom.density, direct.density);
    EXPECT_EQ(atom.charge, 0.0);
  }
}

TEST(ExcitedAtom, ChargeIsOneMinusScreening) {
  for (const int z : {3, 5, 6, 9, 11, 29}) {
    for (const double screening : {0.0, 0.5, 0.8, 1.2}) {
      SCOPED_TRACE(testing::Message() << element_symbol(z) << ", s = " << screening);
      const Atom atom = excited(z, screening);
      EXPECT_NEAR(atom.charge, 1.0 - screening, 1e-12);
      EXPECT_NEAR(electrons(atom), z - atom.charge, 1e-10);  // rounding of sums over the mesh
      // Coulomb tail; the two quadratures of the electrons differ by 1e-9 relative
      EXPECT_NEAR(atom.electrostatic.back() * atom.mesh.r.back(), -atom.charge, 1e-8 * z);
      EXPECT_TRUE(std::isnan(atom.total_energy));
    }
  }
}

TEST(ExcitedAtom, DensityIsLinearInTheScreening) {
  const Atom none = excited(5, 0.0), half = excited(5, 0.5), full = excited(5, 1.0);
  for (std::size_t i = 0; i < full.density.size(); i += 37) {
    const double mean = 0.5 * (none.density[i] + full.density[i]);
    EXPECT_NEAR(half.density[i], mean, 1e-12 * (1.0 + mean));  // rounding
    EXPECT_NEAR(half.electrostatic[i], 0.5 * (none.electrostatic[i] + full.electrostatic[i]),
                1e-12 * std::abs(full.electrostatic[i]) + 1e-13);
  }
}

TEST(ExcitedAtom, DefaultOrbitalGivesWayWhenFull) {
  EXPECT_EQ(to_string(shells_of(excited(10, 1.0))), "1s1 2s2 2p6 3s1");
  EXPECT_EQ(to_string(shells_of(excited(29, 1.0))), "1s1 2s2 2p6 3s2 3p6 3d10 4s2");
  EXPECT_EQ(to_string(shells_of(excited(30, 1.0))), "1s1 2s2 2p6 3s2 3p6 3d10 4s2 4p1");
}

TEST(ExcitedAtom, DilatationScalesTheOrbital) {
  for (const double c : {0.1, 0.5, -0.2}) {
    const Atom plain = excited(9, 1.0), stretched = excited(9, 1.0, c);
    const Orbital& u = plain.orbitals.back();
    const Orbital& v = stretched.orbitals.back();
    ASSERT_EQ(v.l, 1);
    // six-point interpolation at h = 0.01: 1e-10 of the orbital; <r> scales with 1 + c exactly
    EXPECT_NEAR(moment(stretched, v, 0), 1.0, 1e-12);
    EXPECT_NEAR(moment(stretched, v, 1), (1.0 + c) * moment(plain, u, 1), 1e-9);
    EXPECT_NEAR(electrons(stretched), 9.0, 1e-10);
    EXPECT_EQ(stretched.charge, 0.0);
    // Moving charge outwards lowers the potential near the nucleus.
    EXPECT_EQ(stretched.electrostatic[800]<plain.electrostatic[800], c> 0.0);
  }
}

TEST(ExcitedAtom, ScreeningActsOnTheStretchedOrbital) {
  const Atom both = excited(5, 0.25, 0.3), stretched = excited(5, 1.0, 0.3);
  const Orbital& u = stretched.orbitals.back();
  for (std::size_t i = 500; i < u.u.size(); i += 50) {
    const double r = both.mesh.r[i];
    const double change = -0.75 * u.u[i] * u.u[i] / (4.0 * kPi * r * r);
    EXPECT_NEAR(both.density[i] - stretched.density[i], change, 1e-12 * (1.0 + both.density[i]));
  }
}

TEST(ExcitedAtom, NamedOrbitals) {
  Excitation excitation;
  excitation.screening = 0.5;
  excitation.screening_orbital = {3, 0, 0.0};
  excitation.dilated_orbital = {2, 1, 0.0};
  excitation.dilatation = 0.2;
  const Atom atom = excited_atom(5, ground_state(5), excitation, {});
  EXPECT_EQ(to_string(shells_of(atom)), "1s1 2s2 2p1 3s0.5");
  EXPECT_NEAR(atom.charge, 0.5, 1e-12);

  Excitation ground;
  ground.hole = false;
  ground.dilatation = 0.2;
  ground.dilated_orbital = {2, 1, 0.0};
  const Atom unexcited = excited_atom(9, ground_state(9), ground, {});
  EXPECT_EQ(to_string(shells_of(unexcited)), "1s2 2s2 2p5");
  EXPECT_EQ(unexcited.charge, 0.0);
}

TEST(ExcitedAtom, NonsenseIsRefused) {
  const auto run = [](int z, const std::function<void(Excitation&)>& change) {
    return [=] {
      Excitation excitation;
      change(excitation);
      (void)excited_atom(z, ground_state(z), excitation, {});
    };
  };
  expect_error(ErrorKind::input, "at least -1", run(5, [](auto& e) { e.screening = -1.5; }));
  expect_error(ErrorKind::input, "at least", run(5, [](auto& e) { e.screening = std::nan(""); }));
  expect_error(ErrorKind::input, "no 3d electron", run(5, [](auto& e) { e.core = {3, 2, 10.0}; }));
  expect_error(ErrorKind::input, "no room", run(5, [](auto& e) {
                 e.screening_orbital = {2, 0, 0.0};
               }));
  expect_error(ErrorKind::input, "n = 1, l = 1", run(5, [](auto& e) {
                 e.screening_orbital = {1, 1, 0.0};
               }));
  expect_error(ErrorKind::input, "above -1", run(5, [](auto& e) { e.dilatation = -1.0; }));
  expect_error(ErrorKind::input, "no orbital n = 4, l = 3", run(5, [](auto& e) {
                 e.dilatation = 0.1;
                 e.dilated_orbital = {4, 3, 0.0};
               }));
}

}  // namespace
}  // namespace kedge::atom
