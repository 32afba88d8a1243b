// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>

#include "drivers.hpp"
#include "kedge/campaign/calculation.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/foreseen_memory.hpp"
#include "kedge/campaign/site_calculation.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/progress.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"

namespace kedge::cli {

namespace {

void print_cases(const io::ResultsHeader& header, const Log& log) {
  log.line(fmt::format("\n{} case{}", header.n_cases(), header.n_cases() == 1 ? "" : "s"));
  constexpr std::size_t kShown = 30;
  for (std::size_t i = 0; i < std::min(kShown, header.n_cases()); ++i) {
    std::string text;
    for (const io::CaseColumn& column : header.cases) {
      text += fmt::format("  {} = {:g}", column.key, column.values[i]);
    }
    log.line(fmt::format("  {:>4}{}", i + 1, text));
  }
  if (header.n_cases() > kShown)
    log.line(fmt::format("  ... and {} more", header.n_cases() - kShown));
}

void print_sites(const campaign::Calculation& calculation, const std::vector<int>& atoms,
                 const Log& log) {
  const auto& header = calculation.header;
  log.line(fmt::format("\n{} absorbing site{} in {}", header.sites.size(),
                       header.sites.size() == 1 ? "" : "s", header.title));
  log.line("  atom  label     multiplicity  x, y, z (Angstrom)              atoms in radius");
  for (std::size_t i = 0; i < header.sites.size(); ++i) {
    const io::SiteRecord& site = header.sites[i];
    log.line(fmt::format("  {:>4}  {:<8}  {:>12}  {:>9.4f} {:>9.4f} {:>9.4f}  {:>15}",
                         site.atom_number, site.label, site.multiplicity, site.position_angstrom[0],
                         site.position_angstrom[1], site.position_angstrom[2], atoms[i]));
  }
}

void print_forecast(const campaign::Calculation& calculation, const campaign::Forecast& forecast,
                    int atom_number, const Log& log) {
  const auto& header = calculation.header;
  const std::size_t solves = header.n_cases() * header.sites.size() * header.energy_ev.size();
  log.line(fmt::format(
      "\nForeseen for one energy of atom {}, the site with most atoms, on one rank", atom_number));
  const std::string size = calculation.input.engine.kind == "ms"
                               ? fmt::format("dense matrix of order {}", forecast.unknowns)
                               : fmt::format("unknowns {} and {} border columns", forecast.unknowns,
                                             forecast.border_columns);
  log.line(fmt::format("  {}, memory {:.2f} GB, time {:.2g} s", size, forecast.memory_per_rank_gb,
                       forecast.seconds_per_solve));
  log.line(fmt::format("Foreseen for the whole job: {} solves", solves));
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  for (const int ranks : std::set<int>{1, 2, cores}) {
    const double seconds =
        forecast.seconds_per_solve * static_cast<double>(solves) / static_cast<double>(ranks);
    log.line(fmt::format("  {:>4} rank{:<2} {:>14}, {:.2f} GB{}", ranks, ranks == 1 ? "" : "s",
                         duration_text(seconds), forecast.memory_per_rank_gb * ranks,
                         ranks == cores ? "  (cores of this machine)" : ""));
  }
}

}  // namespace

int drive_check(MPI_Comm world, const CommandLine& line, const Log& log) {
  const campaign::Calculation calculation =
      campaign::read_calculation(world, line.file, overrides(line));
  (void)campaign::ranks_per_solve(calculation.input, parallel::size(world));
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    io::check_writable(calculation.input.output.file, true);
    io::check_space(calculation.input.output.file, calculation.header);
    const std::vector<int> atoms = campaign::cluster_sizes(calculation);
    log.line("# Resolved input\n" + io::resolved_text(calculation.input));
    log.line("Broadening: " + campaign::describe(campaign::broadening_settings(
                                  calculation.input, calculation.header.element)));
    print_cases(calculation.header, log);
    print_sites(calculation, atoms, log);
    const auto& grid = calculation.header.energy_ev;
    log.line(fmt::format("\n{} energies from {:g} to {:g} eV from the Fermi level", grid.size(),
                         grid.front(), grid.back()));
    constexpr double kMostAnalysed = 5e5;  // nodes; the set-up and analysis of more take minutes
    if (campaign::foreseen_nodes(calculation.input) > kMostAnalysed) {
      log.line(
          fmt::format("\nForeseen for one energy of one site: {:.2g} grid points, about {:.3g} GB; "
                      "this machine has "
                      "{:.3g} GB.\nThe time is not foreseen for so many points.\n\nThe input is "
                      "valid. Next: kedge run {}",
                      campaign::foreseen_nodes(calculation.input),
                      campaign::foreseen_memory_gb(calculation.input),
                      parallel::machine_memory_gb(), line.file.string()));
      return;
    }
    const auto largest =
        static_cast<std::size_t>(std::max_element(atoms.begin(), atoms.end()) - atoms.begin());
    const campaign::CaseParameters parameters = campaign::cases(calculation.input).front();
    const io::Input case_input = campaign::input_of_case(calculation.input, parameters);
    campaign::SiteCalculation site(MPI_COMM_SELF, case_input, calculation.structure,
                                   calculation.sites[largest], parameters);
    log.line(fmt::format("\nMuffin-tin radii (Angstrom): {}", site.muffin_tins()));
    const campaign::SiteLevels levels = site.levels();
    const bool given = case_input.energy.fermi_ev.has_value();
    log.line(fmt::format("\nLevels of case 1, atom {} (eV from the vacuum): Fermi {:.3f} ({}), V0 {:.3f}, core level {:.3f}",
                         calculation.sites[largest] + 1, levels.fermi_ev, given ? "given" : "counted", levels.v0_ev,
                         levels.core_level_ev));
    if (case_input.potential.self_consistent) {
      log.line(fmt::format("Potential self-consistent after {:.0f} iterations, last change of a sphere {:.4f} electrons",
                           levels.scf_iterations, levels.scf_change));
    }
    print_forecast(calculation, site.forecast(), calculation.sites[largest] + 1, log);
    log.line(fmt::format("\nThe input is valid. Next: kedge run {}", line.file.string()));
  });
  return 0;
}

}  // namespace kedge::cli
