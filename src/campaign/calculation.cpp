// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/calculation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "kedge/atom/atom.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/dos.hpp"
#include "kedge/campaign/foreseen_memory.hpp"
#include "kedge/campaign/free_atoms.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/io/libraries.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/structure/cluster.hpp"
#include "kedge/structure/read_structure.hpp"

namespace kedge::campaign {

namespace {

/// Text of a file read on rank 0, on all ranks. @note Collective on comm
std::string read_once(MPI_Comm comm, const std::function<std::string()>& read) {
  std::string text;
  parallel::collectively(comm, "", [&] {
    if (parallel::rank(comm) == 0) text = read();
  });
  return parallel::broadcast(comm, text);
}

std::string read_structure_text(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) {
    throw Error(
        ErrorKind::input,
        fmt::format(
            "there is no structure file '{}' (structure.file; a relative path starts at the "
            "folder of the input file)",
            file.string()));
  }
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) throw Error(ErrorKind::io, fmt::format("cannot read '{}'", file.string()));
  return text.str();
}

/// @throws Error{input} if an absorber has no neighbour within the cluster radius
void check_radius(const Calculation& calculation) {
  const std::vector<int> atoms = cluster_sizes(calculation);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (atoms[i] > 1 || calculation.structure.sites.size() == 1) continue;
    throw Error(
        ErrorKind::input,
        fmt::format(
            "structure.radius = {:g} Angstrom is too small: no neighbour of atom {} ({}) lies "
            "within it; wanted a radius beyond the nearest shells, such as 5",
            calculation.input.structure.radius_angstrom, calculation.sites[i] + 1,
            calculation.header.sites[i].label));
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
  const double solves = static_cast<double>(calculation.header.n_cases()) *
                        static_cast<double>(calculation.header.sites.size()) *
                        static_cast<double>(calculation.header.energy_ev.size());
  if (solves > kMostSolves) {
    throw Error(ErrorKind::input,
                fmt::format("{} cases x {} sites x {} energies are {:.3g} solves, at most {:g} are "
                            "allowed; shorten the lists",
                            calculation.header.n_cases(), calculation.header.sites.size(),
                            calculation.header.energy_ev.size(), solves, kMostSolves));
  }
  constexpr double kMostNodes = 2e7;  // the factors of a direct solve then take terabytes
  const io::Input& input = calculation.input;
  const double nodes = foreseen_nodes(input);
  if (nodes > kMostNodes) {
    throw Error(ErrorKind::input,
                fmt::format("structure.radius = {:g} Angstrom with engine.spacing = {:g} Angstrom "
                            "takes {:.2g} grid points, at most {:g} are allowed; wanted a smaller "
                            "radius or a coarser grid",
                            input.structure.radius_angstrom, input.engine.spacing_angstrom, nodes,
                            kMostNodes));
  }
}

io::ResultsHeader make_header(const Calculation& calculation, const std::string& input_name,
                              const std::string& structure_text) {
  const io::Input& input = calculation.input;
  const structure::Structure& structure = calculation.structure;
  io::ResultsHeader header;
  header.title = fmt::format("{} ({})", structure::sum_formula(structure),
                             input.structure.file.filename().string());
  header.edge = input.edge.name;
  header.energy_ev = input.energy.grid_ev;
  header.q_per_angstrom = input.xrs.q_per_angstrom;
  header.lmax = input.xrs.lmax;
  header.cases = case_columns(input);
  for (const int site : calculation.sites) {
    const structure::Site& atom = structure.sites[static_cast<std::size_t>(site)];
    io::SiteRecord record;
    record.atom_number = site + 1;
    record.element = std::string(element_symbol(atom.atomic_number));
    record.label = atom.label;
    for (int axis = 0; axis < 3; ++axis) {
      record.position_angstrom[static_cast<std::size_t>(axis)] =
          angstrom_from_bohr(atom.position_cart[axis]);
    }
    record.multiplicity = structure::multiplicity(structure, site);
    header.sites.push_back(record);
  }
  header.element = header.sites.front().element;
  header.dos_atoms = dos_atoms(input, structure);
  if (!header.dos_atoms.empty()) header.dos_energy_ev = input.dos.grid_ev;
  header.input_text = io::resolved_text(input);
  header.input_name = input_name;
  header.structure_name = input.structure.file.filename().string();
  header.structure_text = structure_text;
  header.libraries = io::libraries();
  return header;
}

class FromSiteCalculation : public SiteSolver {
 public:
  FromSiteCalculation(MPI_Comm group, const io::Input& input, const structure::Structure& structure,
                      int site, const CaseParameters& parameters)
      : calculation_(group, input, structure, site, parameters) {}
  [[nodiscard]] SiteLevels levels() const override { return calculation_.levels(); }
  [[nodiscard]] std::vector<double> dos() const override { return calculation_.dos(); }
  [[nodiscard]] EnergyResult solve(double energy_rel_fermi_ev) override {
    return calculation_.solve(energy_rel_fermi_ev);
  }

 private:
  SiteCalculation calculation_;
};

}  // namespace

Calculation read_calculation(MPI_Comm comm, const std::filesystem::path& input_file,
                             const std::vector<std::string>& overrides) {
  Calculation calculation;
  const std::string text = read_once(comm, [&] { return io::read_input_file(input_file); });
  calculation.input =
      io::parse_input(text, input_file.string(), input_file.parent_path(), overrides);
  const std::filesystem::path& structure_file = calculation.input.structure.file;
  const std::string structure_text =
      read_once(comm, [&] { return read_structure_text(structure_file); });
  calculation.structure = structure::parse_structure(structure_text, structure_file);
  calculation.sites =
      structure::select_absorbers(calculation.structure, calculation.input.structure.absorber);
  calculation.header = make_header(calculation, input_file.filename().string(), structure_text);
  // An edge that the tables do not have is found here, not after the last solve.
  const int absorber =
      calculation.structure.sites[static_cast<std::size_t>(calculation.sites.front())]
          .atomic_number;
  (void)atom::edge_energy_ev(absorber, calculation.input.edge.name);
  if (!calculation.input.broadening.core_hole_ev) {
    (void)atom::core_hole_width_ev(absorber, calculation.input.edge.name);
  }
  check_sizes(calculation);
  check_radius(calculation);
  check_cut(calculation.input);
  check_atoms(calculation.input, calculation.structure, calculation.sites);
  return calculation;
}

std::vector<int> cluster_sizes(const Calculation& calculation) {
  const double radius = bohr_from_angstrom(calculation.input.structure.radius_angstrom);
  std::vector<int> sizes;
  for (const int site : calculation.sites) {
    sizes.push_back(
        structure::cut_cluster(calculation.structure, site, radius, radius).n_scatterers);
  }
  return sizes;
}

SolverFactory site_calculations(const structure::Structure& structure) {
  return [&structure](MPI_Comm group, const io::Input& input, int site,
                      const CaseParameters& parameters) -> std::unique_ptr<SiteSolver> {
    return std::make_unique<FromSiteCalculation>(group, input, structure, site, parameters);
  };
}

}  // namespace kedge::campaign
