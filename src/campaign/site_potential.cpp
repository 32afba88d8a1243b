// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/site_potential.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kedge/campaign/free_atoms.hpp"
#include "kedge/core/units.hpp"
#include "kedge/radial/regular_solution.hpp"
#include "kedge/transition/matrix_elements.hpp"

namespace kedge::campaign {
namespace {

/// Beyond this distance from the sphere no neutral atom has density or potential worth keeping
/// [bohr].
constexpr double kSuperpositionMargin = 14.0;

}  // namespace

SiteAtoms::SiteAtoms(const io::Input& input, const structure::Structure& structure, int site,
                     const CaseParameters& parameters)
    : excitation_(campaign::excitation(input, parameters)) {
  const double radius = bohr_from_angstrom(input.structure.radius_angstrom);
  cluster_ = structure::cut_cluster(
      structure, site, radius,
      std::max(radius, bohr_from_angstrom(input.engine.outer_radius_angstrom)) +
          kSuperpositionMargin);
  const atom::AtomOptions options = atom_options(input);
  for (const auto& a : cluster_.atoms) {
    const atom::Configuration shells = configuration(input, a.atomic_number, a.site);
    const std::string key = fmt::format("{} {}", a.atomic_number, atom::to_string(shells));
    auto found = solved_.find(key);
    if (found == solved_.end()) {
      found = solved_.emplace(key, atom::solve_atom(a.atomic_number, shells, options)).first;
    }
    ground_.push_back(&found->second);
  }
  const int number = cluster_.atoms.front().atomic_number;
  absorber_ = atom::excited_atom(number, configuration(input, number, site), excitation_, options);
}

std::vector<std::shared_ptr<const atom::AtomicField>> SiteAtoms::fields(bool excited) const {
  std::map<const atom::Atom*, std::shared_ptr<const atom::AtomicField>> made;
  std::vector<std::shared_ptr<const atom::AtomicField>> out;
  for (std::size_t a = 0; a < ground_.size(); ++a) {
    const atom::Atom& free = excited ? atom(static_cast<int>(a)) : *ground_[a];
    auto& field = made[&free];
    if (!field) field = std::make_shared<const atom::AtomicField>(free);
    out.push_back(field);
  }
  return out;
}

potential::SuperpositionSettings superposition_settings(
    const io::Input& input, const structure::Cluster& cluster,
    std::vector<std::shared_ptr<const atom::AtomicField>> fields) {
  potential::SuperpositionSettings settings;
  settings.functional = atom_options(input).functional;
  settings.energy_dependent = input.potential.energy_dependent;
  settings.plasmon_damping = input.potential.plasmon_damping;
  if (input.potential.outer_ev) settings.outer_level = hartree_from_ev(*input.potential.outer_ev);
  settings.muffin_tin_radius = given_muffin_tin_radii(input, cluster);
  settings.muffin_tin_overlap = input.potential.muffin_tin_overlap;
  settings.field = std::move(fields);
  return settings;
}

double core_level_in_cluster(const io::Input& input, const SiteAtoms& atoms,
                             const std::vector<double>& muffin_tin_radii, double mesh_radius) {
  auto settings = superposition_settings(input, atoms.cluster(), atoms.fields(false));
  settings.muffin_tin_radius = muffin_tin_radii;
  settings.energy_dependent = false;  // the mean asked for is that of the ground state
  const potential::SuperposedPotential model(atoms.cluster(), std::move(settings));
  const atom::Atom& free = atoms.ground(0);
  const atom::CoreLevel& level = atoms.excitation().core;
  const auto mesh = radial::atomic_mesh(free.atomic_number, 0.5 * mesh_radius, mesh_radius);
  std::vector<double> v;
  for (const double r : mesh.r()) v.push_back(model.spherical_mean(0, r));
  const auto core = transition::core_orbital(free, level, mesh);
  const auto orbital =
      std::find_if(free.orbitals.begin(), free.orbitals.end(),
                   [&](const atom::Orbital& o) { return o.n == level.n && o.l == level.l; });
  // First guess: the free eigenvalue moved by the change of the potential in the core.
  const atom::AtomicField field(free);
  double shift = 0.0;
  double norm = 0.0;
  const potential::GroundStateXc xc(atom::Functional::hedin_lundqvist);
  for (std::size_t i = 0; i < mesh.size(); ++i) {
    const auto own = field(mesh.r()[i]);
    const double alone =
        own.electrostatic + xc.at_rs(potential::wigner_seitz_radius(std::max(own.density, 1e-10)));
    const double weight = mesh.weights()[i] * core.u[i] * core.u[i];
    shift += weight * (v[i] - alone);
    norm += weight;
  }
  return radial::core_energy(mesh, v, free.atomic_number, level.n, level.l,
                             orbital->energy + shift / norm, input.atoms.relativity == "scalar");
}

}  // namespace kedge::campaign
