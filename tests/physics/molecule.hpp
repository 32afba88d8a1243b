// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Geometry>
#include <memory>
#include <vector>

#include "kedge/atom/atom.hpp"
#include "kedge/atom/radial_function.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/engine.hpp"
#include "kedge/fdm/sphere_radii.hpp"
#include "kedge/potential/superposition.hpp"

namespace kedge::physics {

/// Planar BH3, B-H 1.19 Angstrom, boron absorbing, turned by `rotation`.
inline structure::Cluster borane(const Eigen::Matrix3d& rotation) {
  structure::Cluster cluster;
  cluster.atoms.push_back({5, Eigen::Vector3d::Zero(), 0});
  const double bond = bohr_from_angstrom(1.19);
  for (int i = 0; i < 3; ++i) {
    const double phi = 2.0 * kPi * i / 3.0;
    cluster.atoms.push_back(
        {1, rotation * (bond * Eigen::Vector3d(std::cos(phi), std::sin(phi), 0.0)), i + 1});
  }
  cluster.n_scatterers = 4;
  return cluster;
}

/// Superposed ground-state atoms. The outer level is fixed: V0 is a mean over a lattice, which a
/// rotation would change.
inline std::unique_ptr<potential::SuperposedPotential> superposed(
    const structure::Cluster& cluster) {
  static const auto boron =
      std::make_shared<const atom::AtomicField>(atom::solve_atom(5, atom::ground_state(5), {}));
  static const auto hydrogen =
      std::make_shared<const atom::AtomicField>(atom::solve_atom(1, atom::ground_state(1), {}));
  potential::SuperpositionSettings settings;
  for (const auto& a : cluster.atoms) {
    settings.field.push_back(a.atomic_number == 5 ? boron : hydrogen);
  }
  settings.outer_level = hartree_from_ev(-2.0);  // near the potential at 3 Angstrom
  return std::make_unique<potential::SuperposedPotential>(cluster, settings);
}

/// With a 1s hole of the absorbing boron and this much of its charge put back.
inline std::unique_ptr<potential::SuperposedPotential> superposed_with_hole(
    const structure::Cluster& cluster, double screening) {
  atom::Excitation excitation;
  excitation.hole = true;
  excitation.core = {1, 0, 0.0};
  excitation.screening = screening;
  const auto boron = std::make_shared<const atom::AtomicField>(
      atom::excited_atom(5, atom::ground_state(5), excitation, {}));
  const auto hydrogen =
      std::make_shared<const atom::AtomicField>(atom::solve_atom(1, atom::ground_state(1), {}));
  potential::SuperpositionSettings settings;
  for (const auto& a : cluster.atoms) {
    settings.field.push_back(a.atomic_number == 5 ? boron : hydrogen);
  }
  settings.outer_level = hartree_from_ev(
      -2.0 - 4.0 * (1.0 - screening));  // the charge that is left over, at 3 Angstrom
  return std::make_unique<potential::SuperposedPotential>(cluster, settings);
}

/// Engine settings as a campaign would choose them.
inline fdm::Settings molecule_settings(const potential::PotentialModel& model,
                                       double spacing_angstrom, int order, double lowest_ev,
                                       double highest_ev) {
  fdm::Settings s;
  s.spacing = bohr_from_angstrom(spacing_angstrom);
  s.order = order;
  s.radius = bohr_from_angstrom(3.0);
  s.sphere_radius = fdm::sphere_radii(model.scatterers(), {});
  for (const auto& nucleus : model.scatterers()) {
    s.lmax.push_back(nucleus.atomic_number == 1 ? 1 : 2);
  }
  s.absorber_mesh_radius = bohr_from_angstrom(0.95);
  s.lowest_energy = hartree_from_ev(lowest_ev);
  s.highest_energy = hartree_from_ev(highest_ev);
  return s;
}

}  // namespace kedge::physics
