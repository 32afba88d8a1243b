// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/calculation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "case_structures.hpp"
#include "kedge/atom/atom.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/dos.hpp"
#include "kedge/campaign/foreseen_memory.hpp"
#include "kedge/campaign/free_atoms.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/sphere_radii.hpp"
#include "kedge/io/libraries.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/structure/cluster.hpp"
#include "kedge/structure/edit.hpp"
#include "kedge/structure/read_structure.hpp"

namespace kedge::campaign {

namespace {

/// @throws Error{input} if an absorber has no neighbour within the cluster radius
void check_radius(const Calculation& calculation, const io::Input& input, std::size_t i_structure) {
  const structure::Structure& structure = calculation.structures[i_structure];
  const double radius = bohr_from_angstrom(input.structure.radius_angstrom);
  for (std::size_t i = 0; i < calculation.sites.size(); ++i) {
    const int site = calculation.sites_of_structure[i_structure][i];
    if (site < 0 || structure.sites.size() == 1) continue;
    if (structure::cut_cluster(structure, site, radius, radius).n_scatterers > 1) continue;
    throw Error(
        ErrorKind::input,
        fmt::format(
            "structure.radius = {:g} Angstrom is too small: no neighbour of atom {} ({}) lies "
            "within it; wanted a radius beyond the nearest shells, such as 5",
            input.structure.radius_angstrom, site + 1, calculation.header.sites[i].label));
  }
}

/// @throws Error{input} if nothing of the spectrum is left above the cut
void check_cut(const io::Input& input) {
  const double cut = input.broadening.cut_ev.value_or(0.0);
  if (cut < input.energy.grid_ev.back()) return;
  throw Error(ErrorKind::input,
              fmt::format("broadening.cut = {:g} eV leaves nothing of energy.grid, which ends at "
                          "{:g} eV from the Fermi level; wanted energies above the cut",
                          cut, input.energy.grid_ev.back()));
}

/// @throws Error{input} if a list is so long, or a grid so fine, that no machine could hold it
void check_sizes(const Calculation& calculation) {
  constexpr double kMostSolves = 1e8;
  const double solves = static_cast<double>(calculation.header.n_solves());
  if (solves > kMostSolves) {
    throw Error(ErrorKind::input,
                fmt::format("{} cases x {} sites x {} energies are {:.3g} solves, at most {:g} are "
                            "allowed; shorten the lists",
                            calculation.header.n_cases(), calculation.header.sites.size(),
                            calculation.header.energy_ev.size(), solves, kMostSolves));
  }
}

/// @throws Error{input} if a grid is so fine that no machine could hold it
void check_grid(const io::Input& input) {
  constexpr double kMostNodes = 2e7;  // the factors of a direct solve then take terabytes
  const double nodes = foreseen_nodes(input);
  if (nodes > kMostNodes) {
    const bool outer = input.engine.outer_radius_angstrom > input.structure.radius_angstrom;
    throw Error(
        ErrorKind::input,
        fmt::format("{} = {:g} Angstrom with engine.spacing = {:g} Angstrom "
                    "takes {:.2g} grid points, at most {:g} are allowed; wanted a smaller "
                    "radius or a coarser grid",
                    outer ? "engine.outer_radius" : "structure.radius",
                    outer ? input.engine.outer_radius_angstrom : input.structure.radius_angstrom,
                    input.engine.spacing_angstrom, nodes, kMostNodes));
  }
}

/// Elements, labels and places of the absorbers in every case, and their distances from the atoms
/// asked for.
void describe_sites(Calculation& calculation, const std::vector<CaseParameters>& all) {
  io::ResultsHeader& header = calculation.header;
  const std::size_t n_sites = calculation.sites.size();
  header.sites.resize(n_sites);
  header.distance_names = calculation.input.cases.distances;
  for (const CaseParameters& parameters : all) {
    const structure::Structure& structure = calculation.structures[parameters.i_structure];
    for (std::size_t i = 0; i < n_sites; ++i) {
      const int site = calculation.sites_of_structure[parameters.i_structure][i];
      io::CaseSite in_case;
      if (site >= 0) {
        const structure::Site& atom = structure.sites[static_cast<std::size_t>(site)];
        in_case.atom_number = site + 1;
        in_case.multiplicity = structure::multiplicity(structure, site);
        for (int axis = 0; axis < 3; ++axis) {
          in_case.position_angstrom[static_cast<std::size_t>(axis)] =
              angstrom_from_bohr(atom.position_cart[axis]);
        }
        io::SiteRecord& record = header.sites[i];
        if (record.atom_number == 0) {
          record = {in_case.atom_number, std::string(element_symbol(atom.atomic_number)),
                    atom.label, in_case.position_angstrom, in_case.multiplicity};
        }
      }
      if (calculation.structures.size() > 1) header.case_sites.push_back(in_case);
      for (const std::string& name : header.distance_names) {
        header.distances.push_back(
            site < 0 ? std::numeric_limits<double>::quiet_NaN()
                     : angstrom_from_bohr(structure::nearest_distance(structure, site, name)));
      }
    }
  }
  header.element = header.sites.front().element;
  const std::size_t n_names = header.distance_names.size();
  for (std::size_t i = 0; i < n_names; ++i) {
    bool found = false;
    for (std::size_t k = i; k < header.distances.size(); k += n_names) {
      found = found || std::isfinite(header.distances[k]);
    }
    if (found) continue;
    throw Error(ErrorKind::input,
                fmt::format("cases.distances: no case has another atom '{}' than the absorber "
                            "itself",
                            header.distance_names[i]));
  }
}

io::ResultsHeader make_header(const Calculation& calculation, const std::string& input_name,
                              const std::vector<StructureFile>& files) {
  const io::Input& input = calculation.input;
  io::ResultsHeader header;
  header.title = fmt::format("{} ({})", structure::sum_formula(files.front().frames.front()),
                             input.structure.file.filename().string());
  header.edge = input.edge.name;
  header.energy_ev = input.energy.grid_ev;
  header.resolution_ev = energy_resolution_ev(input);
  header.q_per_angstrom = input.xrs.q_per_angstrom;
  header.lmax = input.xrs.lmax;
  header.cases = case_columns(input);
  header.dos_atoms = dos_atoms(input, calculation.structures);
  if (!header.dos_atoms.empty()) header.dos_energy_ev = input.dos.grid_ev;
  header.input_text = io::resolved_text(input);
  header.input_name = input_name;
  header.structure_name = files.front().path.filename().string();
  header.structure_text = files.front().text;
  for (std::size_t i = 1; i < files.size(); ++i) {
    header.more_structures.emplace_back(files[i].path.filename().string(), files[i].text);
  }
  header.libraries = io::libraries();
  return header;
}

/// What an input says of a case beyond structure, screening and dilatation, which are checked once
/// for all cases.
std::string other_values(const CaseParameters& parameters) {
  std::string text;
  for (const auto& [key, value] : parameters.values) {
    const bool known = key == "absorber.screening" || key == "absorber.dilatorb" ||
                       (key.starts_with("structure.") && key != "structure.radius");
    if (!known) text += key + '=' + value + ';';
  }
  return text;
}

/// A result file tells one width with which its energies see the spectrum.
/// @throws Error{input} if a case sees it otherwise than the first
void check_view_of_energies(const io::Input& first, const io::Input& one) {
  const bool reduced = io::reduced_energies(first);
  if (io::reduced_energies(one) == reduced &&
      (!reduced || one.engine.energy_cell_ev == first.engine.energy_cell_ev)) {
    return;
  }
  throw Error(ErrorKind::input,
              "the energies of this case see the spectrum otherwise than those of the first, by a "
              "reduced model or not, or in other cells: wanted engine.energies = direct, or one "
              "engine.kind and engine.energy_cell in all cases");
}

/// Tries every different case, so that a slip is found before any solve.
void check_cases(const Calculation& calculation, const std::vector<CaseParameters>& all) {
  std::set<std::string> tried_values;
  std::set<std::pair<std::string, std::size_t>> tried;
  for (std::size_t i_case = 0; i_case < all.size(); ++i_case) {
    const CaseParameters& parameters = all[i_case];
    const std::string values = other_values(parameters);
    if (!tried.emplace(values, parameters.i_structure).second) continue;
    const structure::Structure& structure = calculation.structures[parameters.i_structure];
    std::vector<int> absorbers = calculation.sites_of_structure[parameters.i_structure];
    std::erase(absorbers, -1);
    io::Input input = input_of_case(calculation.input, parameters);
    input.absorber.screening = calculation.input.absorber.screening;
    input.absorber.dilatorb = calculation.input.absorber.dilatorb;
    try {
      io::check_rules(input);
      check_view_of_energies(calculation.input, input);
      check_grid(input);
      check_radius(calculation, input, parameters.i_structure);
      if (tried_values.insert(values).second) {
        check_atoms(input, structure, absorbers);
      } else {
        check_given_radii(input, structure, absorbers);
      }
    } catch (Error& error) {
      if (tried.size() > 1) error.add_context(describe(parameters, i_case));
      throw;
    }
  }
}

class FromSiteFamily : public SiteSolver {
 public:
  FromSiteFamily(std::shared_ptr<SiteFamily> family, std::size_t i_case)
      : family_(std::move(family)), i_case_(i_case) {}
  [[nodiscard]] SiteLevels levels() const override {
    return family_->calculation(i_case_).levels();
  }
  [[nodiscard]] std::vector<double> dos() const override {
    return family_->calculation(i_case_).dos();
  }
  [[nodiscard]] EnergyResult solve(double energy_rel_fermi_ev) override {
    return family_->solve(i_case_, energy_rel_fermi_ev);
  }
  [[nodiscard]] bool at_hand(double energy_rel_fermi_ev) const override {
    return family_->at_hand(i_case_, energy_rel_fermi_ev);
  }
  [[nodiscard]] double grid_error() override { return family_->grid_error(i_case_); }
  [[nodiscard]] GridQuality grid_quality() override { return family_->grid_quality(i_case_); }
  void between_steps(std::function<void()> call) override {
    family_->between_steps(std::move(call));
  }

 private:
  std::shared_ptr<SiteFamily> family_;
  std::size_t i_case_;
};

}  // namespace

Calculation read_calculation(MPI_Comm comm, const std::filesystem::path& input_file,
                             const std::vector<std::string>& overrides, const std::string& part) {
  Calculation calculation;
  const std::string text = read_once(comm, [&] { return io::read_input_file(input_file); });
  calculation.input =
      io::parse_input(text, input_file.string(), input_file.parent_path(), overrides, part);
  const std::vector<StructureFile> files = read_structures(comm, calculation.input);
  const std::vector<CaseParameters> all = cases(calculation.input);
  build_structures(calculation, files, all);
  // By their numbers, which all cases have in common.
  if (const auto atoms = dos_atoms(calculation.input, calculation.structures); !atoms.empty()) {
    std::vector<std::string> numbers;
    for (const int atom : atoms) numbers.push_back(std::to_string(atom));
    io::replace_value(calculation.input, "dos.atoms", join(numbers, ","));
  }
  calculation.header = make_header(
      calculation, input_file.filename().string() + (part.empty() ? "" : ":" + part), files);
  describe_sites(calculation, all);
  // An edge that the tables do not have is found here, not after the last solve.
  const int absorber = atomic_number(calculation.header.element).value();
  (void)atom::edge_energy_ev(absorber, calculation.input.edge.name);
  if (!calculation.input.broadening.core_hole_ev) {
    (void)atom::core_hole_width_ev(absorber, calculation.input.edge.name);
  }
  check_sizes(calculation);
  check_cut(calculation.input);
  check_cases(calculation, all);
  return calculation;
}

std::vector<std::string> read_parts(MPI_Comm comm, const std::filesystem::path& input_file) {
  const std::string text = read_once(comm, [&] { return io::read_input_file(input_file); });
  return io::parts_of_input(text, input_file.string());
}

namespace {

/// About each site of a case, empty where its structure has none.
struct CaseClusters {
  double radius = 0.0;  // [bohr]
  std::vector<structure::Cluster> about;
};

CaseClusters clusters_of(const Calculation& calculation, std::size_t i_case) {
  const CaseParameters parameters = cases(calculation.input).at(i_case);
  const io::Input input = input_of_case(calculation.input, parameters);
  CaseClusters out{bohr_from_angstrom(input.structure.radius_angstrom), {}};
  for (const int site : calculation.sites_of_structure[parameters.i_structure]) {
    out.about.push_back(site < 0
                            ? structure::Cluster{}
                            : structure::cut_cluster(calculation.structures[parameters.i_structure],
                                                     site, out.radius, out.radius));
  }
  return out;
}

}  // namespace

std::vector<int> cluster_sizes(const Calculation& calculation, std::size_t i_case) {
  std::vector<int> sizes;
  for (const structure::Cluster& cluster : clusters_of(calculation, i_case).about) {
    sizes.push_back(cluster.n_scatterers);
  }
  return sizes;
}

std::vector<double> grid_volumes(const Calculation& calculation, std::size_t i_case) {
  const CaseClusters clusters = clusters_of(calculation, i_case);
  std::vector<double> volumes;
  for (const structure::Cluster& cluster : clusters.about) {
    double farthest = cluster.atoms.empty() ? 0.0 : clusters.radius;
    for (const auto& atom : cluster.atoms) {
      farthest = std::max(
          farthest, atom.position_cart.norm() + fdm::preferred_sphere_radius(atom.atomic_number));
    }
    volumes.push_back(4.0 / 3.0 * kPi * std::pow(farthest, 3));
  }
  return volumes;
}

std::size_t largest_case(const Calculation& calculation) {
  const std::vector<CaseParameters> all = cases(calculation.input);
  std::size_t largest = 0;
  double most = -1.0;
  std::set<std::string> tried;
  for (std::size_t i_case = 0; i_case < all.size(); ++i_case) {
    if (!tried.insert(other_values(all[i_case])).second) continue;
    const double memory = foreseen_memory_gb(input_of_case(calculation.input, all[i_case]));
    if (memory > most) largest = i_case;
    most = std::max(most, memory);
  }
  return largest;
}

namespace {

double solve_cost(const io::Input& input, int n_atoms) {
  if (input.engine.kind == "ms") return std::pow(n_atoms, 3);
  const double nodes = foreseen_nodes(input);
  const double columns = 9.0 * n_atoms + 300.0 * std::pow(input.structure.radius_angstrom / 5.0, 2);
  constexpr double kColumn =
      3.0;  // at 21 000 unknowns and 460 columns the factors take 0.5 s, the columns 1.0 s
  return nodes * nodes + kColumn * columns * std::pow(nodes, 4.0 / 3.0);
}

}  // namespace

std::vector<double> solve_costs(const Calculation& calculation) {
  // screenings cost the same
  std::map<std::pair<std::string, std::size_t>, std::vector<double>> known;
  std::vector<double> costs;
  for (const CaseParameters& parameters : cases(calculation.input)) {
    std::vector<double>& of_sites = known[{other_values(parameters), parameters.i_structure}];
    if (of_sites.empty()) {
      const io::Input input = input_of_case(calculation.input, parameters);
      const double radius = bohr_from_angstrom(input.structure.radius_angstrom);
      const structure::Structure& structure = calculation.structures[parameters.i_structure];
      for (const int site : calculation.sites_of_structure[parameters.i_structure]) {
        const int n_atoms =
            site < 0 ? 0 : structure::cut_cluster(structure, site, radius, radius).n_scatterers;
        of_sites.push_back(n_atoms == 0 ? 0.0 : solve_cost(input, n_atoms));
      }
    }
    costs.insert(costs.end(), of_sites.begin(), of_sites.end());
  }
  return costs;
}

SolverFactory site_calculations(const Calculation& calculation) {
  return [&calculation](MPI_Comm group, const std::vector<CaseInput>& cases, int site) {
    const auto slot = std::ranges::find(calculation.sites, site) - calculation.sites.begin();
    const std::size_t i_structure =
        cases.front().parameters.i_structure;  // that of the whole family
    const int in_case = calculation.sites_of_structure[i_structure][static_cast<std::size_t>(slot)];
    const auto family =
        std::make_shared<SiteFamily>(group, cases, calculation.structures[i_structure], in_case);
    std::vector<std::unique_ptr<SiteSolver>> solvers;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      solvers.push_back(std::make_unique<FromSiteFamily>(family, i));
    }
    return solvers;
  };
}

}  // namespace kedge::campaign
