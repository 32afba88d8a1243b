// SPDX-License-Identifier: BSD-3-Clause
/// Electrons counted along paths in the complex plane, on any number of ranks.
#include <gtest/gtest.h>
#include <mpi.h>

#include <array>
#include <cmath>
#include <string>

#include "../support/spheres.hpp"
#include "kedge/atom/radial_function.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"
#include "kedge/potential/exchange_correlation.hpp"
#include "kedge/scattering/occupied_states.hpp"

namespace kedge::physics {
namespace {

using Complex = std::complex<double>;
using scattering::Electrons;
using scattering::PathPoint;

scattering::Settings non_relativistic(std::vector<int> lmax) {
  scattering::Settings s;
  s.lmax = std::move(lmax);
  s.relativistic = false;
  s.method = scattering::DenseMethod::lapack;
  return s;
}

/// Up from `from`, along Im E = height and down to `to`: three sides of a rectangle.
std::vector<PathPoint> rectangle(double from, double to, double height, int points) {
  const math::Rule rule = math::gauss_legendre(points);
  std::vector<PathPoint> path;
  const std::array<Complex, 4> corner = {Complex(from, 0.0), Complex(from, height),
                                         Complex(to, height), Complex(to, 0.0)};
  for (std::size_t side = 0; side < 3; ++side) {
    const Complex half = 0.5 * (corner[side + 1] - corner[side]);
    for (std::size_t i = 0; i < rule.x.size(); ++i) {
      path.push_back({corner[side] + half * (1.0 + rule.x[i]), half * rule.w[i]});
    }
  }
  return path;
}

std::function<double(double)> well(double charge, double range) {
  return [=](double r) { return -charge / r * std::exp(-r / range) - 0.15; };
}

/// A free helium atom in a sphere of 4 bohr, where its potential is near zero.
class Helium : public testing::Test {
 protected:
  Helium()
      : atom_(atom::solve_atom(2, atom::ground_state(2), {atom::Relativity::none})),
        field_(atom_),
        xc_(atom::Functional::hedin_lundqvist),
        sphere_(
            {{{Eigen::Vector3d::Zero(), 2}, kRadius, [this](double r) { return potential(r); }}},
            potential(kRadius)),
        model_(sphere_, sphere_.radii()),
        engine_(MPI_COMM_WORLD, model_, non_relativistic({2})) {}

  [[nodiscard]] double potential(double r) const {
    const auto value = field_(r);
    return value.electrostatic +
           xc_.at_rs(potential::wigner_seitz_radius(std::max(value.density, 1e-10)));
  }
  static constexpr double kRadius = 4.0;
  atom::Atom atom_;
  atom::AtomicField field_;
  potential::GroundStateXc xc_;
  Spheres sphere_;
  potential::MuffinTinPotential model_;
  scattering::Engine engine_;
};

TEST_F(Helium, HoldsItsTwoElectrons) {
  // 1s at -0.57 hartree, the arc from -1.6 to -0.1: exp(-2 n sqrt(d/R)) is below 1e-10 at 24
  // points. The constant level beyond the sphere, 0.02 hartree deep where 2e-3 electrons are, moves
  // 1e-4 of them; the part outside is left out on both sides.
  const std::vector<double>& r = atom_.mesh.r;
  double inside = 0.0;
  for (std::size_t k = 0; k < r.size() && r[k] <= kRadius; ++k) {
    inside += 4.0 * kPi * r[k] * r[k] * atom_.density[k] * r[k] * atom_.mesh.step;
  }
  const Electrons found = electrons_on(engine_, scattering::semicircle(-1.6, -0.1, 24));
  EXPECT_NEAR(found.total(), inside, 3e-4);
  EXPECT_NEAR(found.total(), 2.0, 5e-3);
  // The density itself, 4 pi r^2 n, near its maximum.
  const auto k = static_cast<std::size_t>(std::lower_bound(r.begin(), r.end(), 0.6) - r.begin());
  EXPECT_NEAR(model_.mesh(0).interpolate(found.density[0], r[k]),
              4.0 * kPi * r[k] * r[k] * atom_.density[k], 3e-4);
}

TEST_F(Helium, AnyPathCountsTheSame) {
  const Electrons arc = electrons_on(engine_, scattering::semicircle(-1.6, -0.1, 32));
  for (const double height : {0.2, 0.6}) {
    const Electrons box = electrons_on(engine_, rectangle(-1.6, -0.1, height, 32));
    EXPECT_NEAR(box.total(), arc.total(), 1e-7)
        << height;  // both converge exponentially; the pole is 0.47 from the end
  }
}

TEST_F(Helium, LevelLeavesABandOnlyIfAGapIsNear) {
  // Where 1.9 of 2 electrons are below is at the bound state, which has no width: the gap begins
  // next to it.
  scattering::StateCounter counter(engine_);
  const double level = fill_states(counter, {-1.6, -0.1, 1.9}).fermi;
  const double moved = scattering::out_of_band(counter, level);
  EXPECT_GT(std::abs(moved - level), hartree_from_ev(0.06));
  EXPECT_LT(std::abs(moved - level), hartree_from_ev(0.3));
  const double free = 0.5;  // a structureless continuum, as in a metal
  EXPECT_EQ(scattering::out_of_band(counter, free), free);
}

TEST_F(Helium, CountMetInAGapGivesTheTopOfTheBandBelow) {
  // 2.01 electrons in the sphere are met somewhere in the continuum; 2 eV there hold less than 2 %
  // of the electrons.
  scattering::StateCounter counter(engine_);
  const double level = fill_states(counter, {-1.6, -0.1, 1.9}).fermi;
  const double top = fill_states(counter, {-1.6, -0.1, 2.001}).fermi;
  // Both are at the bound state, to the 0.04 eV of the last piece each.
  EXPECT_NEAR(top, level, hartree_from_ev(0.08));
}

Spheres two_atoms() {
  return Spheres({{{Eigen::Vector3d::Zero(), 5}, 1.3, well(5.0, 0.7)},
                  {{Eigen::Vector3d(0.4, -1.0, 2.4), 3}, 1.2, well(3.0, 0.9)}},
                 -0.1);
}

TEST(OccupiedStates, TwoAtomsAreFilledToTheNumberAsked) {
  const Spheres atoms = two_atoms();
  const potential::MuffinTinPotential model(atoms, atoms.radii());
  scattering::Engine engine(MPI_COMM_WORLD, model, non_relativistic({2, 2}));
  for (const double start : {0.1, 0.9}) {  // the search goes up, and down
    scattering::StateCounter counter(engine);
    const auto filled = fill_states(counter, {-1.5, start, 1.5});
    EXPECT_NEAR(filled.electrons, 1.5, 1e-12);
    // The same digits on every rank: one of them solves, the others are told.
    double lowest = filled.fermi;
    double highest = filled.fermi;
    MPI_Allreduce(&filled.fermi, &lowest, 1, MPI_DOUBLE, MPI_MIN, MPI_COMM_WORLD);
    MPI_Allreduce(&filled.fermi, &highest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    EXPECT_EQ(lowest, highest);
    // Another path to the level found, solved point by point; three counts of 1e-3 electrons each
    // were added up.
    EXPECT_NEAR(electrons_on(engine, rectangle(-1.5, filled.fermi, 0.3, 40)).total(), 1.5, 3e-3)
        << filled.fermi;
    const Electrons crowded =
        electrons_on(engine, scattering::path_to_level(-1.5, filled.fermi, 24));
    EXPECT_NEAR(crowded.total(),
                electrons_on(engine, rectangle(-1.5, filled.fermi, 0.3, 40)).total(), 1e-5);
    EXPECT_LE(counter.solves(), 40);  // with 24 and 6 points to an interval they were 66
    for (std::size_t a = 0; a < 2; ++a) {
      double sum = 0.0;
      const math::SpectralMesh& mesh = engine.mesh(static_cast<int>(a));
      for (std::size_t i = 0; i < mesh.size(); ++i) {
        sum += mesh.weights()[i] * crowded.density[a][i];
      }
      EXPECT_NEAR(sum, crowded.in_sphere[a], 1e-10);
    }
  }
  try {
    scattering::StateCounter counter(engine);
    (void)fill_states(counter, {-1.5, 0.1, 500.0});
    FAIL() << "500 electrons fit";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::numerical);
    EXPECT_NE(std::string(error.what()).find("energy.fermi"), std::string::npos);
  }
}

TEST(OccupiedStates, DensityOfStatesAddsUpToTheCount) {
  // The sum rule of the projected densities of states, those of both atoms at E + i eta: their
  // integral up to E is the count up to E, each state a Lorentzian. Path of the integral of all
  // states: along the line Im E = eta from far below; the count takes the vertical rest.
  const Spheres atoms = two_atoms();
  const potential::MuffinTinPotential model(atoms, atoms.radii());
  scattering::Engine engine(MPI_COMM_WORLD, model, non_relativistic({2, 2}));
  const double from = -1.5;
  const double to = 0.35;
  const double eta = 0.05;
  const math::Rule rule =
      math::gauss_legendre(96);  // in pieces of 3 eta/8: their error is below 1e-8
  double integral = 0.0;
  for (std::size_t i = 0; i < rule.x.size(); ++i) {
    const Complex energy(0.5 * (from + to) + 0.5 * (to - from) * rule.x[i], eta);
    const auto green = engine.green_of_all(energy);
    for (int a = 0; a < 2; ++a) {
      integral += (to - from) * rule.w[i] *
                  density_of_states(green[static_cast<std::size_t>(a)], engine.mesh(a))
                      .sum();  // both spins
    }
  }
  // From the ends of the line down to the real axis.
  const math::Rule side = math::gauss_legendre(40);
  std::vector<PathPoint> ends;
  for (std::size_t i = 0; i < side.x.size(); ++i) {
    const Complex step(0.0, 0.5 * eta * (1.0 + side.x[i]));
    ends.push_back({from + step, Complex(0.0, 0.5 * eta * side.w[i])});
    ends.push_back({to + step, Complex(0.0, -0.5 * eta * side.w[i])});
  }
  integral += electrons_on(engine, ends).total();
  scattering::StateCounter counter(engine);
  counter.refine({from, to}, 1e-6);
  EXPECT_NEAR(integral, counter.between(from, to).all,
              1e-5);  // ten times the tolerance of the counter
  EXPECT_GT(integral, 1.0);
}

}  // namespace
}  // namespace kedge::physics
