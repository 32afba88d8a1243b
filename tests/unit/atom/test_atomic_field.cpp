// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "kedge/atom/octave_cells.hpp"
#include "kedge/atom/radial_function.hpp"
#include "log_mesh.hpp"

namespace kedge::atom {
namespace {

TEST(OctaveCells, PlacesANumberBetweenItsEdges) {
  const OctaveCells<5> cells(-3, 2);
  EXPECT_EQ(cells.size(), 160U);
  for (double x = 0.126; x < 4.0; x *= 1.0137) {
    const auto [cell, position] = cells.locate(x);
    EXPECT_NEAR(cells.edge(cell) + position * (cells.edge(cell + 1) - cells.edge(cell)), x,
                1e-15 * x);
  }
  EXPECT_EQ(cells.locate(1e-3).cell, 0U);
  EXPECT_EQ(cells.locate(1e-3).position, 0.0);
  EXPECT_EQ(cells.locate(1e3).cell, 159U);
}

TEST(AtomicField, FollowsTheAtomEverywhere) {
  for (const auto& [z, text] : {std::pair{1, "1s1"}, {5, "2p1"}, {11, "3s0.5"}, {29, "4s1"}}) {
    SCOPED_TRACE(z);
    const Atom atom = solve_atom(z, with_shells(ground_state(z), text), {});
    const AtomicField field(atom);
    EXPECT_EQ(field.atomic_number(), z);
    EXPECT_EQ(field.charge(), atom.charge);
    EXPECT_LT(field.cutoff(), 40.0);
    std::vector<double> rv(atom.mesh.r.size());
    for (std::size_t i = 0; i < rv.size(); ++i) rv[i] = atom.mesh.r[i] * atom.electrostatic[i];
    for (double r = 1.1e-3; r < field.cutoff(); r *= 1.0173) {
      const auto value = field(r);
      // Error of the cubic h^4 f''''/1500, h = 1.6 % of r, f'''' of order (2 Z)^4 f: below 3e-8 of
      // f where f is not small.
      const double n = interpolate(atom.mesh, atom.density, r, 0);
      EXPECT_NEAR(value.density, n, 3e-8 * n + 1e-9);
      EXPECT_NEAR(value.electrostatic * r, interpolate(atom.mesh, rv, r, 0), 3e-9 * z);
    }
  }
}

TEST(AtomicField, LimitsAreAnalytic) {
  // Non-relativistic: the density of a relativistic point nucleus has a weak singularity
  // r^-(Z/c)^2.
  AtomOptions options;
  options.relativity = Relativity::none;
  const Atom atom = solve_atom(11, with_shells(ground_state(11), "3s0.5"), options);
  const AtomicField field(atom);
  const double far = 1.5 * field.cutoff();
  EXPECT_DOUBLE_EQ(field(far).electrostatic, -atom.charge / far);
  EXPECT_EQ(field(far).density, 0.0);
  // Nothing jumps by more than the 1e-9 that defines the cutoff.
  const double inside = field.cutoff() * (1.0 - 1e-12);
  EXPECT_NEAR(field(inside).electrostatic, field(field.cutoff()).electrostatic, 2e-9);
  EXPECT_NEAR(field(inside).density, 0.0, 2e-9);
  // At the nucleus -Z/r + c; the argument is bounded at 1e-8.
  EXPECT_EQ(field(0.0).electrostatic, field(1e-8).electrostatic);
  EXPECT_NEAR(field(1e-8).electrostatic * 1e-8, -11.0, 1e-6);
  // The finite part v + Z/r is some 35 hartree and flat there: r v + Z is continuous where the
  // cells begin, 4e-6 bohr.
  const double z_plus_rv = 11.0 + field(1.5e-6).electrostatic * 1.5e-6;
  EXPECT_GT(z_plus_rv / 1.5e-6, 20.0);
  for (double r = 1e-7; r < 1e-5; r *= 1.01) {
    const double finite = (11.0 + field(r).electrostatic * r) / r;
    EXPECT_NEAR(finite, z_plus_rv / 1.5e-6, 1e-2)
        << r;  // changes by Z^3 r ~ 1e-2; rounding 11 eps/r = 2e-8
    EXPECT_NEAR(field(r).density / atom.density.front(), 1.0, 3e-4) << r;  // 2 Z r
  }
}

}  // namespace
}  // namespace kedge::atom
