// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "drivers.hpp"
#include "kedge/campaign/calculation.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/foreseen_memory.hpp"
#include "kedge/campaign/site_calculation.hpp"
#include "kedge/campaign/site_family.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/progress.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/memory.hpp"
#include "kedge/parallel/scratch_folder.hpp"

namespace kedge::cli {

namespace {

/// "  Na at 2.31 to 5.80 Angstrom", from the nearest to the farthest absorber of a case.
std::string distances(const io::ResultsHeader& header, std::size_t i_case) {
  std::string text;
  const std::size_t n_names = header.distance_names.size();
  for (std::size_t i = 0; i < n_names; ++i) {
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (std::size_t i_site = 0; i_site < header.sites.size(); ++i_site) {
      const double distance =
          header.distances[(i_case * header.sites.size() + i_site) * n_names + i];
      if (std::isnan(distance)) continue;
      least = std::min(least, distance);
      most = std::max(most, distance);
    }
    if (most < least) {
      text += fmt::format("  no {}", header.distance_names[i]);
    } else if (most - least < 5e-4) {
      text += fmt::format("  {} at {:.3f} Angstrom", header.distance_names[i], least);
    } else {
      text +=
          fmt::format("  {} at {:.3f} to {:.3f} Angstrom", header.distance_names[i], least, most);
    }
  }
  return text;
}

void print_cases(const io::ResultsHeader& header, const Log& log) {
  log.line(fmt::format("\n{} case{}", header.n_cases(), header.n_cases() == 1 ? "" : "s"));
  constexpr std::size_t kShown = 30;
  for (std::size_t i = 0; i < std::min(kShown, header.n_cases()); ++i) {
    std::string text;
    for (const io::CaseColumn& column : header.cases) {
      text += fmt::format("  {} = {}", column.key, column.text(i));
    }
    text += distances(header, i);
    log.line(fmt::format("  {:>4}{}", i + 1, text));
  }
  if (header.n_cases() > kShown) {
    log.line(fmt::format("  ... and {} more", header.n_cases() - kShown));
  }
}

void print_sites(const campaign::Calculation& calculation, const std::vector<int>& atoms,
                 const Log& log) {
  const auto& header = calculation.header;
  if (!header.case_sites.empty()) {
    log.line(
        "\nCases differ in structure; the sites are shown as the first case that has them holds "
        "them.");
  }
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

using Clock = std::chrono::steady_clock;

/// Means over some spectra of the job, which differ in what lies below the level outside and in the
/// snapshots they need.
struct SpectraForecast {
  double setup_seconds = 0.0;
  double seconds_per_solve = 0.0;
  double memory_per_rank_gb = 0.0;  ///< of the first: what it leaves behind counts for the others
  std::size_t spectra = 0;
};

void add(SpectraForecast& mean, double setup_seconds, const campaign::Forecast& one) {
  const auto n = static_cast<double>(mean.spectra);
  mean.setup_seconds = (n * mean.setup_seconds + setup_seconds) / (n + 1.0);
  mean.seconds_per_solve = (n * mean.seconds_per_solve + one.seconds_per_solve) / (n + 1.0);
  if (mean.spectra == 0) mean.memory_per_rank_gb = one.memory_per_rank_gb;
  ++mean.spectra;
}

/// Adds others, spread evenly over cases and sites, for as long as that takes no more than some
/// seconds.
void add_others(const campaign::Calculation& calculation, SpectraForecast& mean) {
  constexpr std::size_t kMost = 8;
  constexpr double kLongest = 15.0;  // [s]
  const auto start = Clock::now();
  const std::vector<campaign::CaseParameters> cases = campaign::cases(calculation.input);
  const std::size_t sites = calculation.header.sites.size();
  const std::size_t all = cases.size() * sites;
  const std::size_t wanted = std::min(kMost, all - 1);
  for (std::size_t i = 0; i < wanted; ++i) {
    const auto begun = Clock::now();
    const auto seconds = [&](Clock::time_point from) {
      return std::chrono::duration<double>(Clock::now() - from).count();
    };
    if (seconds(start) > kLongest) return;
    const std::size_t pair = (2 * i + 1) * all / (2 * wanted);
    const campaign::CaseParameters& parameters = cases[pair / sites];
    const int absorber = calculation.sites_of_structure[parameters.i_structure][pair % sites];
    if (absorber < 0) continue;  // the case has no such site
    const io::Input input = campaign::input_of_case(calculation.input, parameters);
    campaign::SiteCalculation site(
        MPI_COMM_SELF, input, calculation.structures[parameters.i_structure], absorber, parameters);
    const double setup = seconds(begun);
    add(mean, setup, site.forecast());
  }
}

/// @param total  seconds of all set-ups and solves on one rank   @param units  pieces of work, each
/// of which one rank does
void print_forecast(const campaign::Calculation& calculation, const campaign::Forecast& forecast,
                    std::size_t spectra, double total, std::size_t units, const Log& log) {
  const auto& header = calculation.header;
  const std::size_t solves = header.n_solves();
  const bool scattering = calculation.input.engine.kind == "ms";
  log.line(fmt::format("\nForeseen for one energy on one rank{}, mean of {} spectr{}",
                       scattering ? ""
                       : io::reduced_energies(calculation.input)
                           ? ", its share of a reduced model of the spectrum"
                           : ", solved directly",
                       spectra, spectra == 1 ? "um" : "a"));
  const std::string size = scattering ? fmt::format("dense matrix of order {}", forecast.unknowns)
                                      : fmt::format("unknowns {} and {} border columns",
                                                    forecast.unknowns, forecast.border_columns);
  log.line(fmt::format("  {}, memory {:.2f} GB, time {:.2g} s", size, forecast.memory_per_rank_gb,
                       forecast.seconds_per_solve));
  log.line(fmt::format("Foreseen for the whole job: {} energies", solves));
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  for (const int ranks : std::set<int>{1, 2, cores}) {
    // The last round may not keep all ranks busy.
    const std::size_t rounds =
        (units + static_cast<std::size_t>(ranks) - 1) / static_cast<std::size_t>(ranks);
    const double seconds = total * static_cast<double>(rounds) / static_cast<double>(units);
    log.line(fmt::format("  {:>4} rank{:<2} {:>14}, {:.2f} GB{}", ranks, ranks == 1 ? "" : "s",
                         duration_text(seconds), forecast.memory_per_rank_gb * ranks,
                         ranks == cores ? "  (cores of this machine)" : ""));
  }
}

/// "2:30:00"
std::string slurm_time(double seconds) {
  const auto minutes = static_cast<long>(std::ceil(seconds / 600.0)) * 10;
  return fmt::format("{}:{:02}:00", minutes / 60, minutes % 60);
}

/// What a calculation takes on one rank.
struct Foreseen {
  double seconds = 0.0;   // of all set-ups and solves
  std::size_t units = 1;  // pieces of work, each of which one group of ranks does
  double memory_gb = 0.0;
  int ranks_per_solve = 1;
};

/// Of calculations one after the other on some ranks [s]. The last round of each may not keep all
/// groups of ranks busy.
double seconds_on(const std::vector<Foreseen>& all, int ranks) {
  double sum = 0.0;
  for (const Foreseen& one : all) {
    const auto n = static_cast<std::size_t>(std::max(1, ranks / one.ranks_per_solve));
    sum += one.seconds / one.ranks_per_solve * static_cast<double>((one.units + n - 1) / n) /
           static_cast<double>(one.units);
  }
  return sum;
}

/// Prints sbatch lines for as few ranks as bring the job below an hour and below a day.
/// @param all    calculations one after the other
/// @param input  what to give the job script
void print_jobs(const std::vector<Foreseen>& all, const std::string& input, const Log& log) {
  constexpr double kSpareMemory =
      1.3;  // buffers of MPI and HDF5; forecasts of memory are good to 10 %
  constexpr double kSpareTime = 1.5;  // slower cores, memory shared by the ranks of a node
  constexpr int kNode = 64;           // cores of a node, beyond which several are asked for
  const int per_solve = std::ranges::max(all, {}, &Foreseen::ranks_per_solve).ranks_per_solve;
  const double memory_gb = std::ranges::max(all, {}, &Foreseen::memory_gb).memory_gb;
  const std::size_t units = std::ranges::max(all, {}, &Foreseen::units).units;
  const int memory_mb =
      static_cast<int>(std::ceil(kSpareMemory * memory_gb * 1000.0 / 100.0)) * 100;
  log.line(fmt::format("\nSlurm jobs that fit (memory with 30 %, time with 50 % to spare):"));
  std::set<int> printed;
  for (const double target : {3600.0, 86400.0}) {
    int ranks = per_solve;
    const auto spare_seconds = [&] { return kSpareTime * seconds_on(all, ranks); };
    while (spare_seconds() > target &&
           ranks * 2 <= static_cast<int>(std::min<std::size_t>(units, 4096)) * per_solve) {
      ranks *= 2;
    }
    if (!printed.insert(ranks).second) continue;
    const int nodes = (ranks + kNode - 1) / kNode;
    const double time = spare_seconds() + 60.0;
    const std::string where =
        nodes == 1 ? fmt::format("--ntasks={}", ranks)
                   : fmt::format("--nodes={} --ntasks-per-node={}", nodes, ranks / nodes);
    log.line(fmt::format("  sbatch {} --mem-per-cpu={}M --time={} jobs/slurm/{}.sbatch {}", where,
                         memory_mb, slurm_time(time), nodes == 1 ? "single_node" : "several_nodes",
                         input));
    if (time > 86400.0) {
      log.line(
          fmt::format("  sbatch {} --mem-per-cpu={}M --time=24:00:00 jobs/slurm/requeue.sbatch {}  "
                      " # {:.0f} starts",
                      where, memory_mb, input, std::ceil(time / 86400.0)));
    }
  }
}

/// Radii and levels of the site whose grid is the largest, and what its grid does not resolve.
void print_site(campaign::SiteCalculation& site, std::size_t i_case, int atom_number,
                const io::Input& case_input, const Log& log) {
  log.line(fmt::format("\nMuffin-tin radii (Angstrom): {}", site.muffin_tins()));
  const campaign::SiteLevels levels = site.levels();
  log.line(fmt::format(
      "\nLevels of case {}, atom {} (eV from the vacuum): Fermi {:.3f} ({}), V0 {:.3f}, core "
      "level {:.3f}",
      i_case + 1, atom_number, levels.fermi_ev, case_input.energy.fermi_ev ? "given" : "counted",
      levels.v0_ev, levels.core_level_ev));
  if (case_input.potential.self_consistent) {
    log.line(
        fmt::format("Potential self-consistent after {:.0f} iterations, last change of a sphere "
                    "{:.4f} electrons",
                    levels.scf_iterations, levels.scf_change));
  }
  const campaign::GridQuality grid_quality = site.grid_quality();
  if (grid_quality.shift_ev > campaign::kLargestShiftEv) {
    log.line(fmt::format(
        "\nWarning: the step moves waves of the highest energies by up to {:.2g} eV: take a "
        "smaller engine.spacing, or end the energies earlier",
        grid_quality.shift_ev));
  }
  if (grid_quality.resolution < fdm::kResolved) {
    log.line(
        "\nWarning: the step is too coarse for the highest waves in the sphere of an atom, and "
        "the grid may have states of its own there: take a "
        "smaller engine.spacing or a larger engine.sphere_radius");
  }
}

/// Checks one input and prints what it takes. @return valid on rank 0; empty where the time is not
/// foreseen   @note Collective on world
std::optional<Foreseen> check_one(MPI_Comm world, const CommandLine& line, const Log& log) {
  std::optional<Foreseen> foreseen;
  const campaign::Calculation calculation =
      campaign::read_calculation(world, line.file, overrides(line), line.part);
  parallel::check_scratch(world, calculation.input.parallel.scratch);
  (void)campaign::ranks_per_solve(calculation.input, parallel::size(world));
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    io::check_writable(calculation.input.output.file, true);
    io::check_space(calculation.input.output.file, calculation.header);
    const std::size_t i_case = campaign::largest_case(calculation);
    const campaign::CaseParameters parameters = campaign::cases(calculation.input)[i_case];
    const io::Input case_input = campaign::input_of_case(calculation.input, parameters);
    const std::vector<int> atoms = campaign::cluster_sizes(calculation, i_case);
    log.line("# Resolved input\n" + io::resolved_text(calculation.input));
    log.line("Broadening: " + campaign::describe(campaign::broadening_settings(
                                  calculation.input, calculation.header)));
    print_cases(calculation.header, log);
    print_sites(calculation, atoms, log);
    const auto& grid = calculation.header.energy_ev;
    log.line(fmt::format("\n{} energies from {:g} to {:g} eV from the Fermi level", grid.size(),
                         grid.front(), grid.back()));
    constexpr double kMostAnalysed = 5e5;  // nodes; the set-up and analysis of more take minutes
    if (campaign::foreseen_nodes(case_input) > kMostAnalysed) {
      log.line(fmt::format(
          "\nForeseen for one energy of one site: {:.2g} grid points, about {:.3g} GB; "
          "this machine has "
          "{:.3g} GB.\nThe time is not foreseen for so many points.\n\nThe input is "
          "valid. Next: kedge run {}",
          campaign::foreseen_nodes(case_input), campaign::foreseen_memory_gb(case_input),
          parallel::machine_memory_gb(), input_with_options(line)));
      return;
    }
    std::vector<double> volumes = campaign::grid_volumes(calculation, i_case);
    for (std::size_t i = 0; i < volumes.size(); ++i) volumes[i] *= atoms[i];
    const auto largest =
        static_cast<std::size_t>(std::ranges::max_element(volumes) - volumes.begin());
    const auto start = Clock::now();
    campaign::SiteCalculation site(
        MPI_COMM_SELF, case_input, calculation.structures[parameters.i_structure],
        calculation.sites_of_structure[parameters.i_structure][largest], parameters);
    const double setup = std::chrono::duration<double>(Clock::now() - start).count();
    print_site(site, i_case, calculation.sites[largest] + 1, case_input, log);
    const std::vector<campaign::CaseParameters> all = campaign::cases(calculation.input);
    campaign::Forecast forecast = site.forecast();
    SpectraForecast spectra;
    add(spectra, setup, forecast);
    add_others(calculation, spectra);
    forecast.memory_per_rank_gb =
        spectra.memory_per_rank_gb * campaign::family_memory(calculation.input, all);
    forecast.seconds_per_solve = spectra.seconds_per_solve;
    const std::size_t solves = calculation.header.n_solves();
    const double setups =
        spectra.setup_seconds * static_cast<double>(solves) / static_cast<double>(grid.size());
    const double share = campaign::time_share(calculation.input, all);
    const std::size_t units =
        io::reduced_energies(calculation.input)
            ? (std::ranges::max(campaign::families(calculation.input, all)) + 1) *
                  calculation.header.sites.size()
            : solves;
    const double total = setups + share * forecast.seconds_per_solve * static_cast<double>(solves);
    print_forecast(calculation, forecast, spectra.spectra, total, units, log);
    foreseen = {total, units, forecast.memory_per_rank_gb,
                std::max(1, calculation.input.parallel.ranks_per_solve)};
    print_jobs({*foreseen}, input_with_options(line), log);
    log.line(fmt::format("\nThe input is valid. Next: kedge run {}", input_with_options(line)));
  });
  return foreseen;
}

}  // namespace

int drive_check(MPI_Comm world, const CommandLine& line, const Log& log) {
  std::vector<Foreseen> all;
  bool complete = true;
  const int code = drive_each(world, line, log, [&](MPI_Comm, const CommandLine& one, const Log&) {
    const std::optional<Foreseen> foreseen = check_one(world, one, log);
    if (foreseen) all.push_back(*foreseen);
    complete = complete && foreseen;
    return 0;
  });
  if (complete && all.size() > 1) {
    std::string inputs = line.file.string();
    for (const std::string& file : line.more_files) inputs += ' ' + file;
    log.line("\nForeseen for all inputs in one job");
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    for (const int ranks : std::set<int>{1, 2, cores}) {
      log.line(fmt::format("  {:>4} rank{:<2} {:>14}", ranks, ranks == 1 ? "" : "s",
                           duration_text(seconds_on(all, ranks))));
    }
    print_jobs(all, inputs, log);
  }
  return code;
}

}  // namespace kedge::cli
