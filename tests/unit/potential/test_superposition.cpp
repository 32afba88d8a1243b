// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "interstitial.hpp"
#include "kedge/atom/atom.hpp"
#include "kedge/core/units.hpp"
#include "kedge/potential/superposition.hpp"

namespace kedge::potential {
namespace {

// An atom beyond the cluster is no part of the interstitial region: V0 is the same whether carbon
// is solved for or clipped.
TEST(SuperposedPotential, InterstitialLevelLeavesOutAtomsBeyondTheCluster) {
  const double angstrom = bohr_from_angstrom(1.0);
  structure::Cluster cluster;
  cluster.atoms = {{5, Eigen::Vector3d::Zero(), 0},
                   {1, angstrom * Eigen::Vector3d(0.0, 0.0, 2.0), 1},
                   {6, angstrom * Eigen::Vector3d(1.9, 0.0, 0.0), 2}};
  SuperpositionSettings settings;
  for (const auto& atom : cluster.atoms) {
    settings.field.push_back(std::make_shared<const atom::AtomicField>(
        atom::solve_atom(atom.atomic_number, atom::ground_state(atom.atomic_number), {})));
  }
  // Within 2 Angstrom, the farthest scatterer, every point is within twice the radius of boron.
  settings.muffin_tin_radius = {1.0 * angstrom, 0.5 * angstrom, 0.8 * angstrom};
  settings.clip_radius = 0.8 * angstrom;
  cluster.n_scatterers = 3;
  const SuperposedPotential solved(cluster, settings);
  cluster.n_scatterers = 2;
  const SuperposedPotential clipped(cluster, settings);
  // Points next to the rim of carbon, which count in part, lie up to half a step of the lattice
  // inside of it, where what is clipped is another: 7e-7.
  EXPECT_NEAR(clipped.interstitial_level(), solved.interstitial_level(), 1e-5);
  EXPECT_EQ(solved.radius_rules(), (std::vector<RadiusRule>(3, RadiusRule::given)));
}

// V0 changes with a radius as a smooth function does: over 0.05 Angstrom in steps of 0.001, far
// less than the lattice's 0.125, no second difference is as large as half of the first. A
// lattice whose points count in full or not at all jumps.
TEST(SuperposedPotential, InterstitialLevelIsSmoothInTheRadii) {
  const double angstrom = bohr_from_angstrom(1.0);
  structure::Cluster cluster;
  cluster.atoms = {{5, Eigen::Vector3d::Zero(), 0},
                   {1, angstrom * Eigen::Vector3d(0.4, 0.7, 1.1), 1}};
  cluster.n_scatterers = 2;
  SuperpositionSettings settings;
  for (const auto& atom : cluster.atoms) {
    settings.field.push_back(std::make_shared<const atom::AtomicField>(
        atom::solve_atom(atom.atomic_number, atom::ground_state(atom.atomic_number), {})));
  }
  std::vector<double> ground_state;
  std::vector<double> at_energy;  // with the energy's exchange-correlation
  for (int i = 0; i < 50; ++i) {
    settings.muffin_tin_radius = {(0.8 + 0.001 * i) * angstrom, 0.5 * angstrom};
    const SuperposedPotential model(cluster, settings);
    ground_state.push_back(model.interstitial_level());
    at_energy.push_back(model.outer_level(0.3));
  }
  for (const std::vector<double>& level : {ground_state, at_energy}) {
    const double slope = (level.back() - level.front()) / 49.0;
    for (std::size_t i = 1; i + 1 < level.size(); ++i) {
      EXPECT_LT(std::abs(level[i + 1] - 2.0 * level[i] + level[i - 1]), 0.5 * std::abs(slope)) << i;
    }
  }
}

// V_out is a mean over groups of points that nearly agree, and over all of them: 2e-6 hartree is a
// thirtieth of what the lattice leaves (2 meV). Energies are those of the table of V_out.
TEST(SuperposedPotential, OuterLevelIsTheMeanOverTheLattice) {
  structure::Cluster cluster;
  cluster.atoms = {{5, Eigen::Vector3d::Zero(), 0}, {1, Eigen::Vector3d(0.8, 1.3, 2.0), 1}};
  cluster.n_scatterers = 2;
  SuperpositionSettings settings;
  for (const auto& atom : cluster.atoms) {
    settings.field.push_back(std::make_shared<const atom::AtomicField>(
        atom::solve_atom(atom.atomic_number, atom::ground_state(atom.atomic_number), {})));
  }
  const SuperposedPotential model(cluster, settings);
  const Interstitial lattice = interstitial_lattice(cluster, model.muffin_tin_radii(), 2);
  const auto samples = model.sample(lattice.points, std::vector<int>(lattice.points.size(), -1));
  std::vector<double> v(lattice.points.size());
  for (const double energy : {-0.4, -0.2, 0.0, 0.3, 0.8}) {
    samples->evaluate(energy, v);
    double mean = 0.0;
    for (std::size_t i = 0; i < v.size(); ++i) mean += lattice.share[i] * v[i];
    EXPECT_NEAR(model.outer_level(energy), mean, 2e-6) << energy;
  }
}

// With outer_level() at an energy far above, exchange and correlation fade: V0(E) rises towards the
// electrostatic mean.
TEST(SuperposedPotential, OuterLevelFollowsTheEnergy) {
  structure::Cluster cluster;
  cluster.atoms = {{5, Eigen::Vector3d::Zero(), 0}, {5, Eigen::Vector3d(0.0, 0.0, 3.2), 1}};
  cluster.n_scatterers = 2;
  SuperpositionSettings settings;
  const auto field =
      std::make_shared<const atom::AtomicField>(atom::solve_atom(5, atom::ground_state(5), {}));
  settings.field = {field, field};
  const SuperposedPotential model(cluster, settings);
  EXPECT_GT(model.outer_level(20.0), model.outer_level(2.0));
  EXPECT_GT(model.outer_level(20.0), model.interstitial_level());
  settings.energy_dependent = false;
  const SuperposedPotential ground(cluster, settings);
  EXPECT_EQ(ground.outer_level(20.0), ground.interstitial_level());
  EXPECT_EQ(ground.interstitial_level(), model.interstitial_level());
}

}  // namespace
}  // namespace kedge::potential
