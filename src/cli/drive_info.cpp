// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <cmath>

#include "drivers.hpp"
#include "kedge/campaign/computed_curves.hpp"
#include "kedge/campaign/site_calculation.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/progress.hpp"
#include "kedge/fdm/engine.hpp"
#include "kedge/io/results_file.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"

namespace kedge::cli {

namespace {

void print_content(const io::Results& results, const Log& log) {
  const auto& header = results.header;
  log.line(fmt::format("{}: {} {} edge", header.title, header.element, header.edge));
  log.line(fmt::format("  {} case{}, {} site{}, l up to {}", header.n_cases(),
                       header.n_cases() == 1 ? "" : "s", header.sites.size(),
                       header.sites.size() == 1 ? "" : "s", header.lmax));
  std::string q;
  for (const double value : header.q_per_angstrom) q += fmt::format(" {:g}", value);
  log.line(fmt::format("  q ={} 1/Angstrom", q));
  log.line(fmt::format("  {} energies from {:g} to {:g} eV from the Fermi level",
                       header.energy_ev.size(), header.energy_ev.front(), header.energy_ev.back()));
  log.line(fmt::format("Energies: {} in all, {} done, {} missing, {} failed", header.n_solves(),
                       results.count(io::Status::done), results.count(io::Status::missing),
                       results.count(io::Status::failed)));
}

/// "-" where there is none yet.
std::string level_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.3f}", value) : "-";
}

void print_levels(const io::Results& results, const Log& log) {
  const auto& header = results.header;
  log.line("Levels of each site (eV from the vacuum)");
  log.line("  case  atom  label       Fermi        V0  core level  done  largest residual");
  for (std::size_t i_case = 0; i_case < header.n_cases(); ++i_case) {
    for (std::size_t i_site = 0; i_site < header.sites.size(); ++i_site) {
      const io::SiteRecord& site = header.sites[i_site];
      if (header.site(i_case, i_site).atom_number == 0) {
        log.line(fmt::format("  {:>4}  {:>4}  {:<8}  absent from this case", i_case + 1,
                             site.atom_number, site.label));
        continue;
      }
      const auto& levels = results.levels[i_case * header.sites.size() + i_site];
      std::size_t done = 0;
      double residual = 0.0;
      for (std::size_t i = 0; i < header.energy_ev.size(); ++i) {
        const std::size_t index = results.index(i_case, i_site, i);
        if (results.done[index] != io::Status::done) continue;
        ++done;
        residual = std::max(residual, results.residual[index]);
      }
      log.line(fmt::format("  {:>4}  {:>4}  {:<8}  {:>7}  {:>8}  {:>10}  {:>4}  {:>16}", i_case + 1,
                           site.atom_number, site.label, level_text(levels.fermi_ev),
                           level_text(levels.v0_ev), level_text(levels.core_level_ev), done,
                           done > 0 ? fmt::format("{:.1e}", residual) : "-"));
      if (std::isfinite(levels.grid.error)) {
        log.line(
            fmt::format("              error of the grid, estimated: {:.2g} % of the largest S",
                        100.0 * levels.grid.error));
      }
      if (levels.grid.resolution < fdm::kResolved) {
        log.line("              the step is too coarse for the highest waves in a sphere");
      }
      if (levels.grid.shift_ev > campaign::kLargestShiftEv) {
        log.line(
            fmt::format("              the step moves waves of the highest energies by {:.2g} eV",
                        levels.grid.shift_ev));
      }
      if (std::isfinite(levels.scf_iterations)) {
        log.line(
            fmt::format("              potential self-consistent after {:.0f} iterations, last "
                        "change {:.4f} electrons",
                        levels.scf_iterations, levels.scf_change));
      }
    }
  }
}

void print_process(const io::Results& results, const Log& log) {
  const auto& header = results.header;
  log.line(fmt::format("Made by {} ({}) from {} with {} rank{}, {} per solve", results.program,
                       results.git_commit, header.input_name, header.ranks,
                       header.ranks == 1 ? "" : "s", header.ranks_per_solve));
  if (std::isfinite(results.timings.wall_seconds)) {
    log.line(fmt::format(
        "  {} in all; set-ups {} and solves {}, summed over the groups; {:.2f} GB for one "
        "rank at most",
        duration_text(results.timings.wall_seconds), duration_text(results.timings.setup_seconds),
        duration_text(results.timings.solve_seconds), results.timings.peak_memory_gb));
  }
  for (const auto& [name, version] : header.libraries) {
    log.line(fmt::format("  {:<8} {}", name, version));
  }
  for (const std::string& text : results.failures) log.line("  failed: " + text);
}

}  // namespace

int drive_info(MPI_Comm world, const CommandLine& line, const Log& log) {
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    const campaign::OpenedResults opened = campaign::open_results(line.file, {});
    const io::Results& results = opened.results;
    print_content(results, log);
    for (std::size_t i = 0; i < results.header.n_cases(); ++i) {
      const std::string name = campaign::case_name(results.header, i);
      if (!name.empty()) log.line(fmt::format("  case {}: {}", i + 1, name));
    }
    print_levels(results, log);
    log.line("\nBroadening: " + campaign::describe(opened.settings));
    if (const std::string sites = campaign::describe(results); !sites.empty()) {
      log.line("Sites: " + sites);
    }
    log.line("");
    // Of an unfinished file, which has no sums, none: many energies take minutes one by one.
    for (std::size_t i_q = 0; i_q < results.spectra.size(); ++i_q) {
      log.line(campaign::peak_table(opened, i_q));
    }
    print_process(results, log);
  });
  return 0;
}

}  // namespace kedge::cli
