// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/site_calculation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>

#include "kedge/atom/atom.hpp"
#include "kedge/campaign/dos.hpp"
#include "kedge/campaign/fermi_level.hpp"
#include "kedge/campaign/self_consistent.hpp"
#include "kedge/campaign/site_potential.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/family.hpp"
#include "kedge/fdm/forecast.hpp"
#include "kedge/fdm/sphere_radii.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/memory.hpp"
#include "kedge/potential/muffin_tin_potential.hpp"
#include "kedge/potential/superposition.hpp"
#include "kedge/radial/regular_solution.hpp"
#include "kedge/scattering/engine.hpp"
#include "kedge/structure/cluster.hpp"
#include "kedge/transition/matrix_elements.hpp"

namespace kedge::campaign {
namespace {

/// Most partial waves of an atom when the input leaves the choice: what FDMNES takes.
int most_partial_waves(int atomic_number) {
  if (atomic_number < 3) return 3;
  if (atomic_number < 19) return 4;
  if (atomic_number < 37) return 5;
  if (atomic_number < 55) return 6;
  return atomic_number < 87 ? 7 : 8;
}

/// Partial waves of each scatterer: as given, or int(1/2 + sqrt(1 + 4 (kR)^2)/2) + 1 at the highest
/// energy, at least 2 (3 for Z > 54) and at most most_partial_waves(), FDMNES's rule. The absorber
/// has at least those of the final states.
std::vector<int> partial_waves(const io::Input& input, const potential::PotentialModel& model,
                               const std::vector<double>& radii, double highest_energy) {
  std::vector<int> lmax;
  const double kinetic = std::max(0.0, highest_energy - model.outer_level(highest_energy));
  for (std::size_t a = 0; a < radii.size(); ++a) {
    const int z = model.scatterers()[a].atomic_number;
    const double kr2 = 2.0 * kinetic * radii[a] * radii[a];
    const int rule =
        std::max(z > 54 ? 3 : 2, static_cast<int>(0.5 + 0.5 * std::sqrt(1.0 + 4.0 * kr2)) + 1);
    const int l =
        input.engine.ms_lmax >= 0 ? input.engine.ms_lmax : std::min(rule, most_partial_waves(z));
    lmax.push_back(a == 0 ? std::max(l, input.xrs.lmax) : l);
  }
  return lmax;
}

/// Range of energies of a case [hartree from the vacuum].
struct EnergyRange {
  double lowest = 0.0;
  double highest = 0.0;
};

/// Settings of the finite differences; radial functions of the absorber reach to `mesh_radius`
/// [bohr].
fdm::Settings grid_settings(const io::Input& input,
                            const std::vector<potential::Nucleus>& scatterers, double mesh_radius,
                            const EnergyRange& energies) {
  fdm::Settings grid;
  grid.spacing = bohr_from_angstrom(input.engine.spacing_angstrom);
  grid.order = input.engine.order;
  grid.compact = input.engine.stencil != "star";
  grid.precision = input.engine.precision == "double" ? fdm::Precision::fp64 : fdm::Precision::fp32;
  grid.shift = Eigen::Vector3d(input.engine.grid_offset[0], input.engine.grid_offset[1],
                               input.engine.grid_offset[2]);
  std::map<int, double> given;
  for (const auto& [symbol, angstrom] : input.engine.sphere_radius_angstrom) {
    given[*atomic_number(symbol)] = bohr_from_angstrom(angstrom);
  }
  grid.sphere_radius = fdm::sphere_radii(scatterers, given);
  grid.radius = bohr_from_angstrom(
      std::max(input.structure.radius_angstrom, input.engine.outer_radius_angstrom));
  for (std::size_t a = 0; a < grid.sphere_radius.size(); ++a) {
    const potential::Nucleus& nucleus = scatterers[a];
    grid.radius = std::max(grid.radius, nucleus.position_cart.norm() + grid.sphere_radius[a]);
    const int lmax = nucleus.atomic_number <= 2 ? std::max(1, input.engine.atom_lmax - 1)
                                                : input.engine.atom_lmax;
    grid.lmax.push_back(a == 0 ? std::max(lmax, input.xrs.lmax) : lmax);
  }
  grid.absorber_mesh_radius = std::max(mesh_radius, grid.sphere_radius.front());
  grid.outer_lmax = input.engine.outer_lmax;
  grid.scratch = input.parallel.scratch;
  grid.relativistic = input.atoms.relativity == "scalar";
  grid.lowest_energy = energies.lowest;
  grid.highest_energy = energies.highest;
  return grid;
}

/// Radial functions of the absorber reach as far as its core does, but not to a neighbour [bohr].
double core_mesh_radius(const structure::Cluster& cluster) {
  double neighbour = 4.0 * bohr_from_angstrom(1.0);
  for (std::size_t a = 1; a < cluster.atoms.size(); ++a) {
    neighbour = std::min(neighbour, cluster.atoms[a].position_cart.norm());
  }
  return 0.8 * neighbour;
}

std::string_view text_of(potential::RadiusRule rule) {
  switch (rule) {
    case potential::RadiusRule::level:
      return "common level of the potential";
    case potential::RadiusRule::norman:
      return "ratio of Norman radii";
    case potential::RadiusRule::half_distance:
      return "half the distance to the neighbour";
    case potential::RadiusRule::hydrogen:
      return "rule for hydrogen";
    case potential::RadiusRule::alone:
      return "no neighbour";
    case potential::RadiusRule::given:
      return "given";
  }
  return "";
}

}  // namespace

namespace {

/// The superposed potential of a case, of free atoms or self-consistent.
struct CasePotential {
  std::shared_ptr<potential::SuperposedPotential> model;
  std::optional<SelfConsistency> self_consistent;
};

CasePotential case_potential(MPI_Comm comm, const io::Input& input, const SiteAtoms& atoms) {
  CasePotential out;
  auto settings = superposition_settings(input, atoms.cluster(), atoms.fields(true));
  if (input.potential.self_consistent) {
    out.self_consistent = self_consistent(comm, input, atoms);
    settings.field = out.self_consistent->fields;
    settings.muffin_tin_radius = out.self_consistent->muffin_tin_radii;
  }
  out.model =
      std::make_shared<potential::SuperposedPotential>(atoms.cluster(), std::move(settings));
  return out;
}

/// A direction in the laboratory as each of the sites sees it for which this one stands, turned
/// into the axes of this one: the spectrum of the site R r + t along d is that of r along R^T d.
transition::Directions as_seen_by_class(const structure::Structure& structure, int site,
                                        const std::optional<std::array<double, 3>>& direction) {
  transition::Directions out;
  if (!direction) return out;
  const Eigen::Vector3d d((*direction)[0], (*direction)[1], (*direction)[2]);
  for (const Eigen::Matrix3d& rotation : structure::rotations_within_class(structure, site)) {
    out.emplace_back(rotation.transpose() * d);
  }
  return out;
}

}  // namespace

struct SiteCalculation::Parts {
  MPI_Comm comm;
  const io::Input& input;
  SiteLevels levels;
  double edge_energy = 0.0;  // above the Fermi level the photon has this much more [hartree]
  std::shared_ptr<potential::SuperposedPotential> model;
  std::unique_ptr<fdm::Engine> engine;  // one of the two engines
  std::unique_ptr<potential::MuffinTinPotential> muffin_tin;
  std::unique_ptr<scattering::Engine> scattering;
  EnergyRange energies;
  double mesh_radius = 0.0;  // [bohr]
  math::SpectralMesh mesh;   // of the absorber
  transition::CoreOrbital core;
  std::vector<double> dos;
  transition::Directions of_q, of_polarization;
};

SiteCalculation::SiteCalculation(MPI_Comm comm, const io::Input& input,
                                 const structure::Structure& structure, int site,
                                 const CaseParameters& parameters)
    : parts_(new Parts{
          comm, input, {}, 0.0, nullptr, nullptr, nullptr, nullptr, {}, 0.0, {}, {}, {}, {}, {}}) {
  Parts& p = *parts_;
  const SiteAtoms atoms(input, structure, site, parameters);
  CasePotential potential = case_potential(comm, input, atoms);
  p.model = std::move(potential.model);
  std::optional<double> filled_to;
  if (potential.self_consistent) {
    filled_to = potential.self_consistent->fermi;
    p.levels.scf_iterations = static_cast<double>(potential.self_consistent->changes.size());
    p.levels.scf_change = potential.self_consistent->changes.back();
  }
  p.mesh_radius = core_mesh_radius(atoms.cluster());
  p.levels.v0_ev = ev_from_hartree(p.model->interstitial_level());
  p.levels.core_level_ev = ev_from_hartree(
      core_level_in_cluster(input, atoms, p.model->muffin_tin_radii(), p.mesh_radius));
  p.levels.fermi_ev = input.energy.fermi_ev
                          ? *input.energy.fermi_ev
                          : ev_from_hartree(fermi_level(comm, input, atoms, *p.model, filled_to));
  p.dos =
      projected_dos(comm, input, structure, atoms, *p.model, hartree_from_ev(p.levels.fermi_ev));
  p.of_q = as_seen_by_class(structure, site, input.xrs.direction);
  p.of_polarization = as_seen_by_class(structure, site, input.xanes.polarization);
  const int absorber = atoms.ground(0).atomic_number;
  p.edge_energy = hartree_from_ev(atom::edge_energy_ev(absorber, input.edge.name) +
                                  (atom::edge_is_from_vacuum(absorber) ? p.levels.fermi_ev : 0.0));
  p.energies = {energy(input.energy.grid_ev.front()), energy(input.energy.grid_ev.back())};
  if (input.engine.kind == "ms") {
    std::vector<double> radii = p.model->muffin_tin_radii();
    for (double& r : radii) r *= 1.0 + input.potential.muffin_tin_overlap;
    p.muffin_tin = std::make_unique<potential::MuffinTinPotential>(*p.model, radii);
    scattering::Settings waves;
    waves.lmax = partial_waves(input, *p.model, radii, p.energies.highest);
    waves.relativistic = input.atoms.relativity == "scalar";
    p.scattering = std::make_unique<scattering::Engine>(comm, *p.muffin_tin, waves);
    p.mesh = p.scattering->absorber_mesh();
  } else {
    const fdm::Settings grid =
        grid_settings(input, p.model->scatterers(), p.mesh_radius, p.energies);
    p.mesh = radial::atomic_mesh(p.model->scatterers().front().atomic_number,
                                 grid.sphere_radius.front(), grid.absorber_mesh_radius);
  }
  const atom::Atom& core_atom =
      input.absorber.core_orbital == "excited" ? atoms.atom(0) : atoms.ground(0);
  p.core = transition::core_orbital(core_atom, atoms.excitation().core, p.mesh);
}

SiteCalculation::~SiteCalculation() = default;

const SiteLevels& SiteCalculation::levels() const {
  return parts_->levels;
}
const std::vector<double>& SiteCalculation::dos() const {
  return parts_->dos;
}

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
    const std::string size = range.second - range.first < 5e-4
                                 ? fmt::format("{:.3f}", range.first)
                                 : fmt::format("{:.3f} to {:.3f}", range.first, range.second);
    text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", element_symbol(key.first), size,
                        text_of(key.second));
  }
  return text;
}

bool wants_grid_error(const io::Input& input) {
  return input.engine.grid_error == "yes" ||
         (input.engine.grid_error == "auto" && input.engine.accuracy > 0.0);
}

double SiteCalculation::energy(double energy_rel_fermi_ev) const {
  return hartree_from_ev(parts_->levels.fermi_ev + energy_rel_fermi_ev);
}

EnergyResult SiteCalculation::solve(double energy_rel_fermi_ev) {
  const double at = energy(energy_rel_fermi_ev);
  return spectra_of(parts_->scattering ? parts_->scattering->solve(at) : engine().solve(at),
                    energy_rel_fermi_ev);
}

std::vector<EnergyResult> SiteCalculation::solve_on(
    double spacing, const std::vector<double>& energies_rel_fermi_ev,
    const fdm::WindowSettings& window) {
  const Parts& p = *parts_;
  fdm::Settings settings = grid_settings(p.input, p.model->scatterers(), p.mesh_radius, p.energies);
  settings.spacing = spacing;
  fdm::Engine other(p.comm, *p.model, settings);
  if (other.least_resolution() < fdm::kResolved) return {};
  return solve_alone(other, energies_rel_fermi_ev, window);
}

std::vector<EnergyResult> SiteCalculation::solve_alone(
    fdm::Engine& grid, const std::vector<double>& energies_rel_fermi_ev,
    const fdm::WindowSettings& window) const {
  fdm::FamilyMember member{{}, parts_->model, {}};
  for (const double e : energies_rel_fermi_ev) member.energies.push_back(energy(e));
  std::vector<EnergyResult> out(member.energies.size());
  const fdm::WindowResult found =
      fdm::Family(grid, {std::move(member)}, window)
          .solve(0, [&](std::size_t e, fdm::ChannelAmplitudes amplitudes,
                        const Eigen::MatrixXd& smeared) {
            if (smeared.size() > 0) amplitudes.rho = smeared;
            out[e] = spectra_of(std::move(amplitudes), energies_rel_fermi_ev[e]);
          });
  if (!(*std::ranges::max_element(found.error) <= window.tolerance)) {
    throw Error(ErrorKind::numerical, "the reduced model does not hold all energies");
  }
  return out;
}

GridQuality SiteCalculation::grid_quality() const {
  if (!parts_->engine) return {};
  return {parts_->engine->least_resolution(), ev_from_hartree(parts_->engine->lattice_shift())};
}

EnergyResult SiteCalculation::spectra_of(radial::ChannelAmplitudes amplitudes,
                                         double energy_rel_fermi_ev) const {
  const Parts& p = *parts_;
  transition::FinalStates states{amplitudes.lmax, std::move(amplitudes.rho),
                                 std::move(amplitudes.waves)};
  const auto& mesh = p.mesh;
  const auto orders = static_cast<std::size_t>(p.input.xrs.lmax + 1);

  EnergyResult result;
  for (const double q : p.input.xrs.q_per_angstrom) {
    std::vector<double> by_l =
        transition::dynamic_structure_factor(mesh, p.core, states, per_bohr_from_per_angstrom(q),
                                             p.of_q, p.input.xrs.orthogonal_monopole);
    by_l.resize(orders, 0.0);
    for (const double s : by_l) result.s.push_back(s / kHartreeEv);
  }
  const double photon_energy = p.edge_energy + hartree_from_ev(energy_rel_fermi_ev);
  result.xanes = kBohr2Mbarn * transition::absorption(mesh, p.core, states, photon_energy,
                                                      p.of_polarization, p.input.xanes.quadrupole);
  result.residual = amplitudes.residual;
  return result;
}

fdm::Engine& SiteCalculation::engine() {
  Parts& p = *parts_;
  if (p.scattering) {
    throw Error(ErrorKind::internal, "multiple scattering has no finite-difference engine");
  }
  if (!p.engine) {
    p.engine = std::make_unique<fdm::Engine>(
        p.comm, *p.model, grid_settings(p.input, p.model->scatterers(), p.mesh_radius, p.energies));
  }
  return *p.engine;
}

std::shared_ptr<const potential::PotentialModel> SiteCalculation::potential() const {
  return parts_->model;
}

std::shared_ptr<const potential::PotentialModel> site_potential(
    MPI_Comm comm, const io::Input& input, const structure::Structure& structure, int site,
    const CaseParameters& parameters) {
  return case_potential(comm, input, SiteAtoms(input, structure, site, parameters)).model;
}

namespace {

/// Time of one energy as its share of the spectrum, and the memory of the basis, of a reduced
/// model.
void foresee_window(const fdm::Engine& engine, const potential::PotentialModel& model,
                    const io::Input& input, double fermi_ev, Forecast& out) {
  // Measured on the molecule at 36 000 unknowns, in direct solves: a snapshot, each of its repeated
  // solves, the outer waves, the operator at a node of a band, a small problem.
  constexpr double kSnapshot = 0.7;
  constexpr double kSolve = 0.06;
  constexpr double kOuter = 1.0;
  constexpr double kNode = 0.088;
  constexpr double kSmall = 0.012;
  std::vector<double> energies;
  double direct = 0.0;
  for (const double e : input.energy.grid_ev) {
    const double energy = hartree_from_ev(fermi_ev + e);
    if (fdm::in_reach_of_window(model, energy)) {
      energies.push_back(energy);
    } else {
      direct += 1.0;
    }
  }
  if (energies.size() < 2) return;
  const fdm::WindowSettings settings = fdm::window_settings(input.engine.reduction_tolerance);
  const fdm::WindowReport size = engine.window_size(energies.front(), energies.back(), settings);
  // In double precision products take twice the time and solutions are corrected.
  const double precise = input.engine.precision == "double" ? 2.0 : 1.0;
  const double solves =
      direct + precise * (kSnapshot * size.snapshots + kSolve * size.solves + kNode * size.nodes) +
      kOuter + kSmall * static_cast<double>(energies.size());
  out.seconds_per_solve *= solves / static_cast<double>(input.energy.grid_ev.size());
  // Most at the last snapshot: the basis, its own solutions among it. What the bands take one by
  // one is less than the factor, which is gone by then.
  out.memory_per_rank_gb +=
      1e-9 * 4.0 * precise * static_cast<double>(out.unknowns) * static_cast<double>(size.columns);
}

}  // namespace

Forecast SiteCalculation::forecast() {
  if (parts_->scattering) {
    const auto start = std::chrono::steady_clock::now();
    (void)parts_->scattering->solve(0.5 * (parts_->energies.lowest + parts_->energies.highest));
    Forecast out;
    out.unknowns = parts_->scattering->order();
    out.seconds_per_solve =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    out.memory_per_rank_gb = parallel::peak_memory_gb();
    return out;
  }
  const Parts& p = *parts_;
  const fdm::Engine& grid = engine();
  const fdm::SolveForecast cost = fdm::forecast(*p.engine, parallel::size(p.comm));
  Forecast out;
  out.unknowns = grid.unknowns();
  out.border_columns = cost.border_columns;
  out.memory_per_rank_gb = cost.memory_per_rank_gb;
  out.seconds_per_solve = cost.seconds;
  if (reduced_energies(p.input)) foresee_window(grid, *p.model, p.input, p.levels.fermi_ev, out);
  return out;
}

}  // namespace kedge::campaign
