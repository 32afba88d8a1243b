// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/site_calculation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "kedge/atom/atom.hpp"
#include "kedge/campaign/free_atoms.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/forecast.hpp"
#include "kedge/fdm/sphere_radii.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/potential/muffin_tin_potential.hpp"
#include "kedge/potential/superposition.hpp"
#include "kedge/radial/regular_solution.hpp"
#include "kedge/scattering/engine.hpp"
#include "kedge/structure/cluster.hpp"
#include "kedge/transition/matrix_elements.hpp"

namespace kedge::campaign {
namespace {

/// Beyond this distance from the sphere no neutral atom has density or potential worth keeping [bohr].
constexpr double kSuperpositionMargin = 14.0;

/// Free atoms of a cluster, each solved once: the absorber as asked, the others in their ground states.
class Atoms {
 public:
  Atoms(const io::Input& input, const structure::Cluster& cluster) : input_(input), cluster_(cluster) {}

  [[nodiscard]] const atom::Atom& ground(int atomic_number, int site) {
    const atom::Configuration shells = configuration(input_, atomic_number, site);
    const std::string key = fmt::format("{} {}", atomic_number, atom::to_string(shells));
    const auto found = solved_.find(key);
    if (found != solved_.end()) return found->second;
    return solved_.emplace(key, atom::solve_atom(atomic_number, shells, atom_options(input_))).first->second;
  }

  /// Fields of all atoms; `absorber` takes the first place if given.
  [[nodiscard]] std::vector<std::shared_ptr<const atom::AtomicField>> fields(const atom::Atom* absorber) {
    std::map<const atom::Atom*, std::shared_ptr<const atom::AtomicField>> made;
    std::vector<std::shared_ptr<const atom::AtomicField>> out;
    for (std::size_t a = 0; a < cluster_.atoms.size(); ++a) {
      const atom::Atom& free = a == 0 && absorber != nullptr
                                   ? *absorber
                                   : ground(cluster_.atoms[a].atomic_number, cluster_.atoms[a].site);
      auto& field = made[&free];
      if (!field) field = std::make_shared<const atom::AtomicField>(free);
      out.push_back(field);
    }
    return out;
  }

 private:
  const io::Input& input_;
  const structure::Cluster& cluster_;
  std::map<std::string, atom::Atom> solved_;
};

/// Most partial waves of an atom when the input leaves the choice: what FDMNES takes.
int most_partial_waves(int atomic_number) {
  if (atomic_number < 3) return 3;
  if (atomic_number < 19) return 4;
  if (atomic_number < 37) return 5;
  if (atomic_number < 55) return 6;
  return atomic_number < 87 ? 7 : 8;
}

/// Partial waves of each scatterer: as given, or int(1/2 + sqrt(1 + 4 (kR)^2)/2) + 1 at the highest energy, at least 2 (3 for Z > 54)
/// and at most most_partial_waves(), FDMNES's rule. The absorber has at least those of the final states.
std::vector<int> partial_waves(const io::Input& input, const potential::PotentialModel& model,
                               const std::vector<double>& radii, double highest_energy) {
  std::vector<int> lmax;
  const double kinetic = std::max(0.0, highest_energy - model.outer_level(highest_energy));
  for (std::size_t a = 0; a < radii.size(); ++a) {
    const int z = model.scatterers()[a].atomic_number;
    const double kr2 = 2.0 * kinetic * radii[a] * radii[a];
    const int rule = std::max(z > 54 ? 3 : 2, static_cast<int>(0.5 + 0.5 * std::sqrt(1.0 + 4.0 * kr2)) + 1);
    const int l = input.engine.ms_lmax >= 0 ? input.engine.ms_lmax : std::min(rule, most_partial_waves(z));
    lmax.push_back(a == 0 ? std::max(l, input.xrs.lmax) : l);
  }
  return lmax;
}

/// Kohn-Sham energy of the core level of the unexcited absorber in the cluster [hartree from vacuum].
double core_level_in_cluster(const potential::SuperposedPotential& model, const atom::Atom& free,
                             const atom::CoreLevel& level, double mesh_radius, bool relativistic) {
  const auto mesh = radial::atomic_mesh(free.atomic_number, 0.5 * mesh_radius, mesh_radius);
  std::vector<double> v;
  for (const double r : mesh.r()) v.push_back(model.spherical_mean(0, r));
  const auto core = transition::core_orbital(free, level, mesh);
  const auto orbital = std::find_if(free.orbitals.begin(), free.orbitals.end(), [&](const atom::Orbital& o) {
    return o.n == level.n && o.l == level.l;
  });
  // First guess: the free eigenvalue moved by the change of the potential in the core.
  const atom::AtomicField field(free);
  double shift = 0.0;
  double norm = 0.0;
  const potential::GroundStateXc xc(atom::Functional::hedin_lundqvist);
  for (std::size_t i = 0; i < mesh.size(); ++i) {
    const auto own = field(mesh.r()[i]);
    const double alone = own.electrostatic + xc.at_rs(potential::wigner_seitz_radius(std::max(own.density, 1e-10)));
    const double weight = mesh.weights()[i] * core.u[i] * core.u[i];
    shift += weight * (v[i] - alone);
    norm += weight;
  }
  return radial::core_energy(mesh, v, free.atomic_number, level.n, level.l, orbital->energy + shift / norm, relativistic);
}

std::string_view text_of(potential::RadiusRule rule) {
  switch (rule) {
    case potential::RadiusRule::level: return "common level of the potential";
    case potential::RadiusRule::norman: return "ratio of Norman radii";
    case potential::RadiusRule::half_distance: return "half the distance to the neighbour";
    case potential::RadiusRule::hydrogen: return "rule for hydrogen";
    case potential::RadiusRule::alone: return "no neighbour";
    case potential::RadiusRule::given: return "given";
  }
  return "";
}

}  // namespace

struct SiteCalculation::Parts {
  MPI_Comm comm;
  const io::Input& input;
  SiteLevels levels;
  double edge_energy = 0.0;  // [hartree]
  std::unique_ptr<potential::SuperposedPotential> model;
  std::unique_ptr<fdm::Engine> engine;  // one of the two engines
  std::unique_ptr<potential::MuffinTinPotential> muffin_tin;
  std::unique_ptr<scattering::Engine> scattering;
  double middle_energy = 0.0;  // of the grid [hartree from vacuum]
  transition::CoreOrbital core;

  [[nodiscard]] radial::ChannelAmplitudes amplitudes(double energy) const {
    return scattering ? scattering->solve(energy) : engine->solve(energy);
  }
  [[nodiscard]] const math::SpectralMesh& mesh() const {
    return scattering ? scattering->absorber_mesh() : engine->absorber_mesh();
  }
};

SiteCalculation::SiteCalculation(MPI_Comm comm, const io::Input& input, const structure::Structure& structure,
                                 int site, const CaseParameters& parameters)
    : parts_(new Parts{comm, input, {}, 0.0, nullptr, nullptr, nullptr, nullptr, 0.0, {}}) {
  Parts& p = *parts_;
  const double radius = bohr_from_angstrom(input.structure.radius_angstrom);
  const structure::Cluster cluster =
      structure::cut_cluster(structure, site, radius, radius + kSuperpositionMargin);
  const int absorber_number = cluster.atoms.front().atomic_number;
  const atom::AtomOptions options = atom_options(input);
  const bool relativistic = options.relativity == atom::Relativity::scalar;
  const atom::Excitation excited = excitation(input, parameters);

  Atoms atoms(input, cluster);
  const atom::Atom& free_absorber = atoms.ground(absorber_number, site);
  const atom::Atom absorber =
      atom::excited_atom(absorber_number, configuration(input, absorber_number, site), excited, options);

  potential::SuperpositionSettings settings;
  settings.functional = options.functional;
  settings.energy_dependent = input.potential.energy_dependent;
  if (input.potential.outer_ev) settings.outer_level = hartree_from_ev(*input.potential.outer_ev);
  settings.muffin_tin_radius = given_muffin_tin_radii(input, cluster);
  settings.muffin_tin_overlap = input.potential.muffin_tin_overlap;
  settings.field = atoms.fields(&absorber);
  p.model = std::make_unique<potential::SuperposedPotential>(cluster, settings);
  settings.field = atoms.fields(nullptr);
  const potential::SuperposedPotential unexcited(cluster, settings);

  // Radial functions of the absorber reach as far as the core does, but not to a neighbour.
  double neighbour = 4.0 * bohr_from_angstrom(1.0);
  for (std::size_t a = 1; a < cluster.atoms.size(); ++a) {
    neighbour = std::min(neighbour, cluster.atoms[a].position_cart.norm());
  }
  const double mesh_radius = 0.8 * neighbour;
  if (!input.energy.fermi_ev) throw Error(ErrorKind::internal, "the Fermi level of a case is not set");
  p.levels.fermi_ev = *input.energy.fermi_ev;
  p.levels.v0_ev = ev_from_hartree(p.model->interstitial_level());
  p.levels.core_level_ev =
      ev_from_hartree(core_level_in_cluster(unexcited, free_absorber, excited.core, mesh_radius, relativistic));
  p.edge_energy = hartree_from_ev(atom::edge_energy_ev(absorber_number, input.edge.name));

  const atom::Atom& core_atom = input.absorber.core_orbital == "excited" ? absorber : free_absorber;
  const double lowest_energy = hartree_from_ev(p.levels.fermi_ev + input.energy.grid_ev.front());
  const double highest_energy = hartree_from_ev(p.levels.fermi_ev + input.energy.grid_ev.back());
  p.middle_energy = 0.5 * (lowest_energy + highest_energy);
  if (input.engine.kind == "ms") {
    std::vector<double> radii = p.model->muffin_tin_radii();
    for (double& r : radii) r *= 1.0 + input.potential.muffin_tin_overlap;
    p.muffin_tin = std::make_unique<potential::MuffinTinPotential>(*p.model, radii);
    scattering::Settings waves;
    waves.lmax = partial_waves(input, *p.model, radii, highest_energy);
    waves.relativistic = relativistic;
    p.scattering = std::make_unique<scattering::Engine>(comm, *p.muffin_tin, waves);
    p.core = transition::core_orbital(core_atom, excited.core, p.mesh());
    return;
  }

  fdm::Settings grid;
  grid.spacing = bohr_from_angstrom(input.engine.spacing_angstrom);
  grid.order = input.engine.order;
  grid.shift = Eigen::Vector3d(input.engine.grid_offset[0], input.engine.grid_offset[1], input.engine.grid_offset[2]);
  std::map<int, double> given;
  for (const auto& [symbol, angstrom] : input.engine.sphere_radius_angstrom) {
    given[*atomic_number(symbol)] = bohr_from_angstrom(angstrom);
  }
  grid.sphere_radius = fdm::sphere_radii(p.model->scatterers(), given);
  grid.radius = radius;
  for (std::size_t a = 0; a < grid.sphere_radius.size(); ++a) {
    const auto& nucleus = p.model->scatterers()[a];
    grid.radius = std::max(grid.radius, nucleus.position_cart.norm() + grid.sphere_radius[a]);
    const int lmax = nucleus.atomic_number <= 2 ? std::max(1, input.engine.atom_lmax - 1) : input.engine.atom_lmax;
    grid.lmax.push_back(a == 0 ? std::max(lmax, input.xrs.lmax) : lmax);
  }
  grid.absorber_mesh_radius = std::max(mesh_radius, grid.sphere_radius.front());
  grid.outer_lmax = input.engine.outer_lmax;
  grid.relativistic = relativistic;
  grid.lowest_energy = lowest_energy;
  grid.highest_energy = highest_energy;
  p.engine = std::make_unique<fdm::Engine>(comm, *p.model, grid);
  p.core = transition::core_orbital(core_atom, excited.core, p.mesh());
}

SiteCalculation::~SiteCalculation() = default;

const SiteLevels& SiteCalculation::levels() const { return parts_->levels; }

std::string SiteCalculation::muffin_tins() const {
  const potential::SuperposedPotential& model = *parts_->model;
  std::map<std::pair<int, potential::RadiusRule>, std::pair<double, double>> ranges;
  for (std::size_t a = 0; a < model.scatterers().size(); ++a) {
    const double radius = angstrom_from_bohr(model.muffin_tin_radii()[a]);
    const auto key = std::pair(model.scatterers()[a].atomic_number, model.radius_rules()[a]);
    auto& [least, most] = ranges.try_emplace(key, radius, radius).first->second;
    least = std::min(least, radius);
    most = std::max(most, radius);
  }
  std::string text;
  for (const auto& [key, range] : ranges) {
    const std::string size = range.second - range.first < 5e-4 ? fmt::format("{:.3f}", range.first)
                                                               : fmt::format("{:.3f} to {:.3f}", range.first, range.second);
    text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", element_symbol(key.first), size, text_of(key.second));
  }
  return text;
}

EnergyResult SiteCalculation::solve(double energy_rel_fermi_ev) {
  Parts& p = *parts_;
  const double energy = hartree_from_ev(p.levels.fermi_ev + energy_rel_fermi_ev);
  radial::ChannelAmplitudes amplitudes = p.amplitudes(energy);
  transition::FinalStates states{amplitudes.lmax, std::move(amplitudes.rho), std::move(amplitudes.u)};
  const auto& mesh = p.mesh();
  const auto orders = static_cast<std::size_t>(p.input.xrs.lmax + 1);

  EnergyResult result;
  for (const double q : p.input.xrs.q_per_angstrom) {
    std::vector<double> by_l =
        transition::dynamic_structure_factor(mesh, p.core, states, per_bohr_from_per_angstrom(q),
                                             p.input.xrs.direction, p.input.xrs.orthogonal_monopole);
    by_l.resize(orders, 0.0);
    for (const double s : by_l) result.s.push_back(s / kHartreeEv);
  }
  const double photon_energy = p.edge_energy + hartree_from_ev(energy_rel_fermi_ev);
  result.xanes = kBohr2Mbarn * transition::absorption(mesh, p.core, states, photon_energy, p.input.xanes.polarization,
                                                      p.input.xanes.quadrupole);
  result.residual = amplitudes.residual;
  return result;
}

fdm::Engine& SiteCalculation::engine() {
  if (!parts_->engine) throw Error(ErrorKind::internal, "multiple scattering has no finite-difference engine");
  return *parts_->engine;
}

Forecast SiteCalculation::forecast() {
  if (parts_->scattering) {
    const auto start = std::chrono::steady_clock::now();
    (void)parts_->scattering->solve(parts_->middle_energy);
    Forecast out;
    out.unknowns = parts_->scattering->order();
    out.seconds_per_solve = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    out.memory_per_rank_gb = parallel::peak_memory_gb();
    return out;
  }
  const fdm::SolveForecast cost = fdm::forecast(*parts_->engine, parallel::size(parts_->comm));
  Forecast out;
  out.unknowns = parts_->engine->unknowns();
  out.border_columns = cost.border_columns;
  out.memory_per_rank_gb = cost.memory_per_rank_gb;
  out.seconds_per_solve = cost.seconds;
  return out;
}

}  // namespace kedge::campaign
