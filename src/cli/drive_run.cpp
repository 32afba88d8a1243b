// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "drivers.hpp"
#include "kedge/campaign/calculation.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/computed_curves.hpp"
#include "kedge/campaign/foreseen_memory.hpp"
#include "kedge/campaign/site_calculation.hpp"
#include "kedge/campaign/site_family.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/progress.hpp"
#include "kedge/core/version.hpp"
#include "kedge/fdm/engine.hpp"
#include "kedge/io/libraries.hpp"
#include "kedge/io/output_lock.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/scratch_folder.hpp"

namespace kedge::cli {

namespace {

void announce(const campaign::Calculation& calculation, int ranks, int per_solve, const Log& log) {
  const auto& header = calculation.header;
  const std::size_t total = header.n_solves();
  log.line(fmt::format("kedge {} ({}), {} rank{}, {} per solve", kVersion, kGitCommit, ranks,
                       ranks == 1 ? "" : "s", per_solve));
  log.line(fmt::format("BLAS: {}", io::blas_description()));
  log.line(fmt::format("{}: {} {} edge, {} case{} x {} site{} x {} energies = {} solves",
                       header.title, header.element, header.edge, header.n_cases(),
                       header.n_cases() == 1 ? "" : "s", header.sites.size(),
                       header.sites.size() == 1 ? "" : "s", header.energy_ev.size(), total));
}

/// Broadened sums into FILE.h5.part, then its final name. Rank 0 only.
/// @param replace  a file of that name
io::Results finish_file(const std::filesystem::path& output, bool replace, const io::Input& input,
                        const Log& log) {
  const std::filesystem::path part = io::part_file(output);
  io::Results results = io::read_results(part);
  // A run broadens by its input alone; what kedge broaden did to a part of it is over.
  results.adjustments.clear();
  const auto settings = campaign::broadening_settings(input, results.header);
  auto sums = campaign::broadened_sums(results, settings);
  std::string how = campaign::describe(settings);
  for (const std::string& note : sums.notes) {
    log.warning(note);
    how += "; " + note;
  }
  io::rewrite_spectra(part, sums.spectra, how, {});
  io::rename_finished(output, replace);
  results.spectra = std::move(sums.spectra.by_q);
  results.averages = std::move(sums.spectra.averages);
  return results;
}

/// Keeps other jobs away from the result file. A missing folder is left to check_writable(), which
/// says more.
std::unique_ptr<io::OutputLock> lock_output(const std::filesystem::path& output, const Log& log) {
  std::error_code ignored;
  const std::filesystem::path folder =
      output.has_parent_path() ? output.parent_path() : std::filesystem::path(".");
  if (!std::filesystem::is_directory(folder, ignored)) return nullptr;
  auto lock = std::make_unique<io::OutputLock>(output);
  if (!lock->effective()) {
    log.warning(fmt::format(
        "the file system of '{}' has no locks: nothing keeps a second job from writing it",
        output.string()));
  }
  return lock;
}

void print_failures(const campaign::CampaignOutcome& outcome, const Log& log) {
  constexpr std::size_t kShown = 10;
  for (std::size_t i = 0; i < std::min(kShown, outcome.failures.size()); ++i) {
    log.warning(outcome.failures[i]);
  }
  if (outcome.failures.size() > kShown) {
    log.warning(fmt::format("and {} more, see kedge info", outcome.failures.size() - kShown));
  }
}

/// The Fermi level of each case, a range where the sites differ.
void print_fermi_levels(const io::Results& results, const io::Input& input, const Log& log) {
  const std::size_t n_sites = results.header.sites.size();
  const bool counted = !input.energy.fermi_ev && input.energy.fermi_by_screening_ev.empty();
  log.line(fmt::format("Fermi level (eV from the vacuum, {})", counted ? "counted" : "given"));
  for (std::size_t i_case = 0; i_case < results.header.n_cases(); ++i_case) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (std::size_t i_site = 0; i_site < n_sites; ++i_site) {
      const double level = results.levels[i_case * n_sites + i_site].fermi_ev;
      if (!std::isfinite(level)) continue;  // this site failed
      low = std::min(low, level);
      high = std::max(high, level);
    }
    if (low > high) continue;
    const std::string text =
        high - low < 5e-4 ? fmt::format("{:.3f}", low)
                          : fmt::format("{:.3f} to {:.3f}, kedge info has each site", low, high);
    log.line(fmt::format("  {:>4}  {}", i_case + 1, text));
  }
}

/// Of all spectra of which it was estimated, and why of the others it was not.
void print_grid_error(const io::Results& results, const io::Input& input, const Log& log) {
  if (!io::reduced_energies(input) || !campaign::wants_grid_error(input)) return;
  std::vector<double> errors;
  for (const io::LevelsRecord& levels : results.levels) {
    if (std::isfinite(levels.grid.error)) errors.push_back(100.0 * levels.grid.error);
  }
  const std::vector<bool> first = campaign::first_of_their_kind(campaign::cases(input));
  const bool of_some =
      input.engine.grid_error == "auto" && std::ranges::find(first, false) != first.end();
  const std::string why =
      errors.size() == results.levels.size() ? ""
      : of_some ? " (of cases that differ in the absorber alone the first; engine.grid_error = yes "
                  "estimates all)"
                : " (of the others no coarser grid resolves the waves, energies failed, or the run "
                  "ended before it)";
  if (errors.empty()) {
    log.line(
        "Error of the grid: not estimated (no coarser grid resolves the waves, energies failed, or "
        "a run ended before it)");
    return;
  }
  std::ranges::sort(errors);
  log.line(fmt::format(
      "Error of the grid, estimated from a coarser one (% of the largest S): {:.2g} at "
      "most, median {:.2g}, {} of {} spectra{}",
      errors.back(), errors[errors.size() / 2], errors.size(), results.levels.size(), why));
}

/// Of spectra whose grid errs by more than was asked for.
void warn_of_accuracy(const io::Results& results, double accuracy, const Log& log) {
  if (accuracy <= 0.0) return;
  const auto count = std::ranges::count_if(
      results.levels, [accuracy](const io::LevelsRecord& l) { return l.grid.error > accuracy; });
  if (count == 0) return;
  log.line(
      fmt::format("Warning: the estimated error of the grid exceeds engine.accuracy in {} spectra: "
                  "give a smaller value",
                  count));
}

/// Of spectra that may hold states of the lattice, or be distorted by it.
void warn_of_grid(const io::Results& results, const Log& log) {
  const auto count = std::ranges::count_if(results.levels, [](const io::LevelsRecord& levels) {
    return levels.grid.resolution < fdm::kResolved;
  });
  if (count > 0) {
    log.line(
        fmt::format("Warning: in {} of {} spectra the step is too coarse for the highest waves in "
                    "the sphere of an atom, and the grid may have states of its own there: take a "
                    "smaller engine.spacing or a larger engine.sphere_radius",
                    count, results.levels.size()));
  }
  double shift = 0.0;
  for (const io::LevelsRecord& levels : results.levels) {
    if (levels.grid.shift_ev > shift) shift = levels.grid.shift_ev;  // NaN is not
  }
  if (shift > campaign::kLargestShiftEv) {
    log.line(
        fmt::format("Warning: the step moves waves of the highest energies by up to {:.2g} eV: "
                    "take a smaller engine.spacing, or end the energies earlier",
                    shift));
  }
}

}  // namespace

int drive_run(MPI_Comm world, const CommandLine& line, const Log& log) {
  campaign::Calculation calculation =
      campaign::read_calculation(world, line.file, overrides(line), line.part);
  const int ranks = parallel::size(world);
  calculation.header.ranks = ranks;
  calculation.header.ranks_per_solve = campaign::ranks_per_solve(calculation.input, ranks);
  const campaign::CaseParameters largest =
      campaign::cases(calculation.input)[campaign::largest_case(calculation)];
  campaign::check_memory(world, campaign::input_of_case(calculation.input, largest),
                         calculation.header.ranks_per_solve);
  parallel::check_scratch(world, calculation.input.parallel.scratch);
  const std::filesystem::path output = calculation.input.output.file;
  std::unique_ptr<io::OutputLock> lock;
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) == 0) lock = lock_output(output, log);
  });
  bool replace = line.overwrite;
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    if (line.resume) {
      // Both are there where an earlier run with --overwrite did not come to its end.
      replace = replace ||
                (std::filesystem::exists(output) && std::filesystem::exists(io::part_file(output)));
      return;
    }
    io::check_writable(output, line.overwrite);
    io::check_space(output, calculation.header);
  });
  announce(calculation, ranks, calculation.header.ranks_per_solve, log);

  const campaign::CampaignOutcome outcome = campaign::run_campaign(
      world, calculation.input, calculation.sites, calculation.header,
      campaign::site_calculations(calculation),
      {output, line.resume, line.overwrite, campaign::solve_costs(calculation)}, log);
  print_failures(outcome, log);
  if (outcome.stopped) {
    throw Error(ErrorKind::stopped,
                fmt::format("{}{}{} of {} energies are done and in '{}'; go on with: {}",
                            outcome.out_of_time ? "the time limit is near; " : "",
                            outcome.out_of_time && outcome.done == outcome.done_before
                                ? "nothing was over before it: wanted more time, or more ranks for "
                                  "each solve (parallel.ranks_per_solve); "
                                : "",
                            outcome.done, outcome.total, io::part_file(output).string(),
                            line.one_of_several
                                ? "the same command and --resume"
                                : fmt::format("kedge run {} --resume", input_with_options(line))));
  }
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    const io::Results results = finish_file(output, replace, calculation.input, log);
    log.line("");
    const campaign::OpenedResults opened = campaign::open_results(output, {});
    for (std::size_t i_q = 0; i_q < results.header.q_per_angstrom.size(); ++i_q) {
      log.line(campaign::peak_table(opened, i_q));
    }
    print_fermi_levels(results, calculation.input, log);
    print_grid_error(results, calculation.input, log);
    warn_of_accuracy(results, calculation.input.engine.accuracy, log);
    warn_of_grid(results, log);
    log.line(fmt::format("{} energies done, {} failed, {}, {:.2f} GB for one rank at most",
                         outcome.done, outcome.failed, duration_text(results.timings.wall_seconds),
                         results.timings.peak_memory_gb));
    log.line(fmt::format("Results: {0}\nNext:    kedge plot {1}\n         kedge info {1}",
                         output.string(), shell_word(output.string())));
  });
  if (outcome.failed > 0) {
    throw Error(
        ErrorKind::numerical,
        outcome.done == 0
            ? fmt::format("all {} energies failed; '{}' tells why: look at kedge info",
                          outcome.total, output.string())
            : fmt::format("{} of {} energies failed; the others are in '{}', whose site sums "
                          "bridge the gaps; try them again with --resume, or look at kedge info",
                          outcome.failed, outcome.total, output.string()));
  }
  return 0;
}

}  // namespace kedge::cli
