// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <mpi.h>

#include "kedge/potential/muffin_tin_potential.hpp"
#include "kedge/scattering/engine.hpp"
#include "molecule.hpp"

namespace kedge::physics {
namespace {

/// Regular octahedron of boron, edge 1.70 Angstrom, about its first atom.
structure::Cluster octahedron() {
  structure::Cluster cluster;
  const double a = 1.70 / std::sqrt(2.0);
  for (const double s : {1.0, -1.0}) {
    for (const Eigen::Vector3d& r :
         {Eigen::Vector3d(s * a, 0.0, 0.0), Eigen::Vector3d(0.0, s * a, 0.0),
          Eigen::Vector3d(0.0, 0.0, s * a)}) {
      const Eigen::Vector3d from_first = (r - Eigen::Vector3d(a, 0.0, 0.0)) / kBohrAngstrom;
      cluster.atoms.push_back({5, from_first, static_cast<int>(cluster.atoms.size())});
    }
  }
  cluster.n_scatterers = 6;
  return cluster;
}

TEST(CrossCheck, BothEnginesAgreeInTheSameMuffinTin) {
  // Touching spheres of 0.75 Angstrom, V0 between and beyond, the same channels in both engines,
  // grid of 0.20 Angstrom: with a larger outer sphere 0.2 % is the worst seen (docs/accuracy.md),
  // and the outer sphere, which keeps its default orders at the rim of the spheres here, may add as
  // much.
  const structure::Cluster cluster = octahedron();
  potential::SuperpositionSettings atoms;
  atoms.field.assign(
      6, std::make_shared<const atom::AtomicField>(atom::solve_atom(5, atom::ground_state(5), {})));
  const potential::SuperposedPotential base(cluster, atoms);
  const auto radii = fdm::sphere_radii(base.scatterers(), {});
  const potential::MuffinTinPotential model(base, radii);
  fdm::Settings grid;
  grid.spacing = bohr_from_angstrom(0.20);
  grid.shift = {0.1, 0.2, 0.3};
  grid.sphere_radius = radii;
  grid.lmax = {3, 2, 2, 2, 2, 2};
  for (std::size_t a = 0; a < radii.size(); ++a) {
    grid.radius = std::max(grid.radius, model.scatterers()[a].position_cart.norm() + radii[a]);
  }
  const double level = base.interstitial_level();
  const std::vector<double> energies_ev = {2.0, 5.0, 10.0, 20.0, 30.0};
  grid.lowest_energy = level + hartree_from_ev(energies_ev.front());
  grid.highest_energy = level + hartree_from_ev(energies_ev.back());
  fdm::Engine finite_differences(MPI_COMM_SELF, model, grid);
  scattering::Settings waves;
  waves.lmax = grid.lmax;
  scattering::Engine scattering(MPI_COMM_SELF, model, waves);
  for (const double e : energies_ev) {
    const auto a = finite_differences.solve(level + hartree_from_ev(e));
    const auto b = scattering.solve(level + hartree_from_ev(e));
    for (int l = 0; l <= 2; ++l) {
      const double found = a.rho.block(l * l, l * l, 2 * l + 1, 2 * l + 1).trace();
      const double exact = b.rho.block(l * l, l * l, 2 * l + 1, 2 * l + 1).trace();
      EXPECT_NEAR(found / exact, 1.0, 0.005) << "l " << l << " at " << e << " eV";
      RecordProperty(fmt::format("l{}_{:.0f}eV", l, e), fmt::format("{:.2e}", found / exact - 1.0));
    }
  }
}

}  // namespace
}  // namespace kedge::physics
