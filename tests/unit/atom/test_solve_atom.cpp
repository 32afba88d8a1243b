// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.hpp"
#include "kedge/atom/atom.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/units.hpp"
#include "log_mesh.hpp"
#include "nist_reference.hpp"

namespace kedge::atom {
namespace {

double electrons(const Atom& atom) {
  std::vector<double> shell(atom.mesh.r.size());
  for (std::size_t i = 0; i < shell.size(); ++i) {
    shell[i] = 4.0 * kPi * atom.mesh.r[i] * atom.mesh.r[i] * atom.density[i];
  }
  return integral(atom.mesh, shell);
}

TEST(SolveAtom, AgreesWithNistNonRelativistic) {
  const AtomOptions options{Relativity::none, Functional::vosko_wilk_nusair, false};
  // The mesh is chosen for errors of 1e-8 hartree; 1e-6 is one unit of the last digit printed.
  constexpr double kTolerance = 1e-6;
  for (const ReferenceAtom& reference : kNistLda) {
    SCOPED_TRACE(element_symbol(reference.atomic_number));
    const Atom atom =
        solve_atom(reference.atomic_number, ground_state(reference.atomic_number), options);
    EXPECT_NEAR(atom.total_energy, reference.total_energy, kTolerance);
    ASSERT_EQ(atom.orbitals.size(), reference.orbital_energies.size());
    for (std::size_t k = 0; k < atom.orbitals.size(); ++k) {
      EXPECT_NEAR(atom.orbitals[k].energy, reference.orbital_energies[k], kTolerance) << k;
    }
  }
}

TEST(SolveAtom, AgreesWithNistScalarRelativistic) {
  const AtomOptions plain{Relativity::none, Functional::vosko_wilk_nusair, false};
  const AtomOptions relativistic{Relativity::scalar, Functional::vosko_wilk_nusair, true};
  for (const ReferenceAtom& reference : kNistScalarRelativistic) {
    SCOPED_TRACE(element_symbol(reference.atomic_number));
    const auto configuration = ground_state(reference.atomic_number);
    const double energy =
        solve_atom(reference.atomic_number, configuration, relativistic).total_energy;
    const double shift =
        energy - solve_atom(reference.atomic_number, configuration, plain).total_energy;
    // Ours are converged to 1e-8. Up to Na the printed digits agree to 1e-6; above, 0.9e-5 (Ar),
    // 1.6e-5 (Fe) and 1.9e-5 (Cu) of the relativistic shift remain, of unknown origin in the
    // tables: the l(l+1) term of the small component, which schemes treat differently, makes a
    // fifth of it. The bare-nucleus tests check the equations to 1e-9.
    EXPECT_NEAR(energy, reference.total_energy, 1e-6 + 3e-5 * std::abs(shift));
  }
}

TEST(SolveAtom, ChargesIntegrateExactly) {
  // Trapezoidal sums in ln r and the orbital norm are the same sums: only rounding is left.
  for (const auto& [z, text] : {std::pair{5, "2p1"}, {9, "2p5"}, {11, "3s0.5"}, {29, "4s1"}}) {
    const Atom atom = solve_atom(z, with_shells(ground_state(z), text), {});
    EXPECT_NEAR(electrons(atom), z - atom.charge, 1e-10) << z;
    // 6-th order cumulative integral against the trapezoidal sum: 1e-9 relative
    EXPECT_NEAR(atom.electrostatic.back() * atom.mesh.r.back(), -atom.charge, 1e-8 * z);
    for (const Orbital& orbital : atom.orbitals) {
      std::vector<double> square(orbital.u.size());
      for (std::size_t i = 0; i < square.size(); ++i) square[i] = orbital.u[i] * orbital.u[i];
      EXPECT_NEAR(integral(atom.mesh, square), 1.0, 1e-12);
      EXPECT_GT(orbital.u[100], 0.0);
    }
  }
}

TEST(SolveAtom, JanakDerivativeOfTheTotalEnergy) {
  // dE/df = eps; central difference over 2 d in the occupation, error d^2 E'''/6 ~ 1e-4 E''' with
  // E''' < 0.1.
  for (const Relativity relativity : {Relativity::none, Relativity::scalar}) {
    AtomOptions options;
    options.relativity = relativity;
    const auto energy = [&](double d) {
      return solve_atom(11, with_shells(ground_state(11), d > 0 ? "3s0.51" : "3s0.49"), options)
          .total_energy;
    };
    const Atom middle = solve_atom(11, with_shells(ground_state(11), "3s0.5"), options);
    EXPECT_NEAR((energy(1.0) - energy(-1.0)) / 0.02, middle.orbitals.back().energy, 1e-5);
  }
}

TEST(SolveAtom, EveryElementConverges) {
  for (int z = 1; z <= kLargestAtomicNumber; ++z) {
    EXPECT_NO_THROW((void)solve_atom(z, ground_state(z), {})) << element_symbol(z);
  }
}

TEST(SolveAtom, EmptyShellsAreSolvedWhereBound) {
  const Atom atom = solve_atom(11, with_shells(ground_state(11), "3s0 3p0 4f0"), {});
  ASSERT_EQ(atom.orbitals.size(), 6U);  // Na+: all bound by the Coulomb tail
  EXPECT_NEAR(atom.orbitals.back().energy, -1.0 / 32.0,
              1e-3);  // 4f: hydrogenic but for a small core polarisation
  const Atom neutral = solve_atom(10, with_shells(ground_state(10), "4f0"), {});
  EXPECT_EQ(neutral.orbitals.size(), 3U);  // no Coulomb tail: 4f is unbound and left out
}

TEST(SolveAtom, UnboundAndImpossibleAtomsAreRefused) {
  const auto solve = [](int z, const char* text) {
    return [=] { (void)solve_atom(z, with_shells(ground_state(z), text), {}); };
  };
  expect_error(ErrorKind::numerical, "does not bind", solve(1, "1s2"));
  expect_error(ErrorKind::numerical, "does not bind", solve(9, "2p6"));
  expect_error(ErrorKind::input, "no electrons", solve(1, "1s0"));
  expect_error(ErrorKind::input, "impossible", [] { (void)solve_atom(3, {{1, 0, 3.0}}, {}); });
  expect_error(ErrorKind::input, "atomic number", [] { (void)solve_atom(0, {{1, 0, 1.0}}, {}); });
}

}  // namespace
}  // namespace kedge::atom
