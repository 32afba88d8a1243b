// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/run_campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/shared_counters.hpp"
#include "kedge/campaign/site_calculation.hpp"
#include "kedge/campaign/stop_request.hpp"
#include "kedge/campaign/time_limit.hpp"
#include "kedge/campaign/work_plan.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/progress.hpp"
#include "kedge/core/text.hpp"
#include "kedge/core/version.hpp"
#include "kedge/parallel/check.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/memory.hpp"
#include "ledger.hpp"

namespace kedge::campaign {

namespace {

using parallel::check_mpi;

enum Counter : int { kNextUnit, kEnergiesDone, kStop, kOutOfTime, kErrors, kNumberOfCounters };

constexpr int kAttempts = 2;  // a failed energy or set-up is tried once more

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Texts of all ranks, in the order of the ranks, on all ranks. @note Collective on comm
std::vector<std::string> gather_texts(MPI_Comm comm, const std::vector<std::string>& texts) {
  std::string mine;
  for (std::string text : texts) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    mine += text + '\n';
  }
  const int length = static_cast<int>(mine.size());
  std::vector<int> lengths(static_cast<std::size_t>(parallel::size(comm)));
  check_mpi(MPI_Allgather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, comm));
  std::vector<int> offsets(lengths.size());
  std::exclusive_scan(lengths.begin(), lengths.end(), offsets.begin(), 0);
  std::string all(static_cast<std::size_t>(offsets.back() + lengths.back()), '\0');
  check_mpi(MPI_Allgatherv(mine.data(), length, MPI_CHAR, all.data(), lengths.data(),
                           offsets.data(), MPI_CHAR, comm));
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < all.size();) {
    const auto end = all.find('\n', start);
    lines.push_back(all.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

/// The part of a campaign that runs on one group of ranks.
class GroupWorker {
 public:
  GroupWorker(MPI_Comm world, MPI_Comm group, const io::Input& input, const std::vector<int>& sites,
              const io::ResultsHeader& header, const SolverFactory& make_solver,
              io::ResultsFile& file, SharedCounters& counters, Progress& progress,
              const TimeLimit& limit, const Ledger& before)
      : world_(world),
        group_(group),
        leader_(parallel::rank(group) == 0),
        input_(input),
        cases_(cases(input)),
        family_of_case_(families(input, cases_)),
        first_of_its_kind_(first_of_their_kind(cases_)),
        sites_(sites),
        header_(header),
        make_solver_(make_solver),
        file_(file),
        counters_(counters),
        progress_(progress),
        limit_(limit),
        whole_spectra_(reduced_energies(input)) {
    foresee(before);
  }

  /// Takes units until none is left or a stop is asked for. @note Collective on the group
  void run(const std::vector<UnitFamily>& units) {
    groups_at_work_ = std::min(
        units.size(), static_cast<std::size_t>(parallel::size(world_) / parallel::size(group_)));
    while (!must_stop(longest_setup_ + longest_solve_)) {
      std::int64_t next = leader_ ? counters_.add(kNextUnit, 1) : 0;
      check_mpi(MPI_Bcast(&next, 1, MPI_INT64_T, 0, group_));
      if (next >= static_cast<std::int64_t>(units.size())) return;
      try {
        run_family(units[static_cast<std::size_t>(next)]);
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::stopped) throw;
        return;  // between_steps() gave up
      }
      // Minutes of work: the disk itself should have them.
      if (leader_ && whole_spectra_) file_.flush(0.0);
    }
  }

  /// Waits until every rank of the world is here, and keeps the progress report alive meanwhile.
  /// @note Collective on the world
  void wait_for_others() {
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(MPI_Ibarrier(world_, &request));
    int here = 0;
    while (true) {
      check_mpi(MPI_Test(&request, &here, MPI_STATUS_IGNORE));
      if (here != 0) return;
      (void)must_forward_stop();
      report();
      std::this_thread::sleep_for(
          std::chrono::milliseconds(5));  // leaves the core to those who work
    }
  }

  [[nodiscard]] double setup_seconds() const { return setup_seconds_; }
  [[nodiscard]] double solve_seconds() const { return solve_seconds_; }
  [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }

 private:
  /// Tells all groups if this process was asked to stop.
  bool must_forward_stop() {
    if (!stop_.received()) return false;
    if (!forwarded_) counters_.add(kStop, 1);
    forwarded_ = true;
    return true;
  }

  /// Times of an earlier run of this campaign. It may have met slower cores, so that only a step
  /// which is hopeless by them is not begun.
  void foresee(const Ledger& before) {
    constexpr double kOtherRun = 0.4;
    done_before_ = static_cast<std::size_t>(std::ranges::count(before.done, io::Status::done));
    if (done_before_ == 0) return;
    const auto n = static_cast<double>(header_.energy_ev.size());
    const double of_energy = before.timings.solve_seconds / static_cast<double>(done_before_);
    const auto members =
        static_cast<double>(std::ranges::count(family_of_case_, family_of_case_.front()));
    longest_setup_ =
        kOtherRun * before.timings.setup_seconds * n / static_cast<double>(done_before_);
    longest_solve_ = kOtherRun * of_energy * (whole_spectra_ ? n * members : 1.0);
  }

  void tell_out_of_time() {
    if (!out_of_time_) {
      counters_.add(kOutOfTime, 1);
      counters_.add(kStop, 1);
    }
    out_of_time_ = true;
  }

  /// Between the steps of a reduced model: ends it if the time is over, or if a stop is asked for
  /// and the model foreseen to take longer than those who ask may wait. @throws Error{stopped} on
  /// all ranks of the group
  void between_steps() {
    constexpr double kGrace = 20.0;  // s; Slurm's default is 30 from TERM to KILL
    constexpr double kPoll =
        5.0;  // s; where the network needs rank 0 to answer, reading waits for its present step
    report();
    longest_step_ = std::max(longest_step_, step_.seconds());
    step_ = Stopwatch();
    const double rest = longest_solve_ - solve_.seconds();
    const bool no_time = leader_ && !limit_.allows(longest_step_);
    if (no_time) tell_out_of_time();
    bool asked = must_forward_stop();
    if (leader_ && polled_.seconds() > kPoll) {
      asked = asked || counters_.read(kStop) > 0;
      polled_ = Stopwatch();
    }
    std::array<int, 3> state = {no_time ? 1 : 0, asked ? 1 : 0,
                                leader_ && (rest < 0.0 || rest > kGrace) ? 1 : 0};
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, state.data(), 3, MPI_INT, MPI_MAX, group_));
    const auto [over, stop, is_long] = state;
    if (over != 0 || (stop != 0 && is_long != 0)) {
      throw Error(ErrorKind::stopped, "the reduced model is given up");
    }
  }

  /// True if any rank of the job was asked to stop, or if the next step, foreseen from the longest
  /// of its kind so far, would not fit into the time limit; the same on all ranks of the group.
  bool must_stop(double next_seconds) {
    constexpr double kMargin = 1.3;  // times of solves scatter
    if (leader_ && !limit_.allows(kMargin * next_seconds)) tell_out_of_time();
    int stop = must_forward_stop() || (leader_ && counters_.read(kStop) > 0) ? 1 : 0;
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, &stop, 1, MPI_INT, MPI_MAX, group_));
    return stop != 0;
  }

  void report() {
    if (parallel::rank(world_) != 0) return;
    // From this group's own work: what the others have done tells nothing of what they are at.
    const double rate = busy_seconds_ > 0.0
                            ? static_cast<double>(groups_at_work_ * energies_) / busy_seconds_
                            : 0.0;
    progress_.update(done_before_ + static_cast<std::size_t>(counters_.read(kEnergiesDone)), rate);
  }

  [[nodiscard]] std::string describe(const WorkUnit& unit) const {
    const io::SiteRecord& site = header_.sites[unit.i_site];
    return fmt::format("case {}, site {} (atom {})", unit.i_case + 1, site.label, site.atom_number);
  }

  using Solvers = std::vector<std::unique_ptr<SiteSolver>>;

  /// Makes the solvers of some cases of a site; gives the reason if that failed, twice.
  std::optional<std::string> set_up(const WorkUnit& first, const std::vector<CaseInput>& of_cases,
                                    Solvers& solvers) {
    std::optional<std::string> reason;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const Stopwatch setup;
      solvers.clear();
      reason = numerical_failure(
          describe(first), [&] { solvers = make_solver_(group_, of_cases, sites_[first.i_site]); });
      for (auto& solver : solvers) solver->between_steps([this] { between_steps(); });
      if (leader_) setup_seconds_ += setup.seconds();
      longest_setup_ = std::max(longest_setup_, setup.seconds());
      if (!reason) break;
    }
    return reason;
  }

  void run_family(const UnitFamily& family) {
    // All cases of the family, those done already included: what they share must not depend on what
    // is left to do.
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      if (family_of_case_[i] == family_of_case_[family.front().i_case]) members.push_back(i);
    }
    bool stopped = false;
    if (members.size() == 1) {
      for (const WorkUnit& unit : family) run_alone(unit, 1, stopped);
      return;
    }
    // What fails in the family is tried once more alone.
    for (const WorkUnit& unit : run_together(family, members, stopped)) {
      if (!stopped) run_alone(unit, kAttempts, stopped);
    }
  }

  [[nodiscard]] CaseInput case_input(std::size_t i_case) const {
    CaseInput out{input_of_case(input_, cases_[i_case]), cases_[i_case]};
    if (out.input.engine.grid_error == "auto" && !first_of_its_kind_[i_case]) {
      out.input.engine.grid_error = "no";
    }
    return out;
  }

  /// Gives what failed.
  UnitFamily run_together(const UnitFamily& family, const std::vector<std::size_t>& members,
                          bool& stopped) {
    std::vector<CaseInput> of_cases;
    for (const std::size_t i : members) of_cases.push_back(case_input(i));
    Solvers solvers;
    if (set_up(family.front(), of_cases, solvers)) return family;
    UnitFamily left;
    for (const WorkUnit& unit : family) {
      const auto place = std::ranges::find(members, unit.i_case) - members.begin();
      const std::vector<std::size_t> failed =
          solve_energies(unit, *solvers[static_cast<std::size_t>(place)], false, stopped);
      if (stopped) return {};
      if (!failed.empty()) left.push_back({unit.i_case, unit.i_site, failed});
    }
    return left;
  }

  /// One case, in a fresh set-up for each attempt.
  void run_alone(const WorkUnit& unit, int first_attempt, bool& stopped) {
    const std::vector<CaseInput> of_case = {case_input(unit.i_case)};
    Solvers solvers;
    WorkUnit left = unit;
    for (int attempt = first_attempt; attempt <= kAttempts && !left.energies.empty(); ++attempt) {
      stopped = attempt > 1 && must_stop(longest_setup_ + longest_solve_);
      if (stopped) return;
      if (const auto reason = set_up(unit, of_case, solvers)) {
        for (const std::size_t i : left.energies) record_failure(unit, i);
        note_failure(
            fmt::format("{}, {} energies: {}", describe(unit), left.energies.size(), *reason));
        return;
      }
      left.energies = solve_energies(left, *solvers.front(), attempt == kAttempts, stopped);
      if (stopped) return;
    }
  }

  /// Gives the energies that failed.
  std::vector<std::size_t> solve_energies(const WorkUnit& unit, SiteSolver& solver,
                                          bool last_attempt, bool& stopped) {
    if (leader_) {
      const SiteLevels levels = solver.levels();
      file_.write_levels(unit.i_case, unit.i_site,
                         {levels.fermi_ev, levels.core_level_ev, levels.v0_ev,
                          levels.scf_iterations, levels.scf_change});
      const std::vector<double> dos = solver.dos();
      if (!dos.empty()) file_.write_dos(unit.i_case, unit.i_site, dos);
    }
    std::vector<std::size_t> failed;
    Solved solved;
    for (const std::size_t i : unit.energies) {
      if (!solver.at_hand(header_.energy_ev[i])) {
        write(unit, solved);
        stopped = must_stop(longest_solve_);
        if (stopped) return {};
      }
      auto record = solve_energy(unit, i, solver, last_attempt);
      if (record) {
        solved.emplace_back(i, std::move(*record));
      } else {
        failed.push_back(i);
      }
    }
    write(unit, solved);
    const GridQuality grid = solver.grid_quality();
    const auto write_grid = [&](double error) {
      if (!leader_) return;
      file_.write_grid(unit.i_case, unit.i_site, {error, grid.resolution, grid.shift_ev});
    };
    write_grid(std::numeric_limits<double>::quiet_NaN());  // the estimate takes a model of its own
    write_grid(solver.grid_error());
    // Of a reduced model only whole spectra tell a rate: their energies come one by one before the
    // model, and then all at once.
    if (whole_spectra_) count_time(unit.energies.size());
    return failed;
  }

  /// Energies and their records, in rising order.
  using Solved = std::vector<std::pair<std::size_t, io::EnergyRecord>>;

  /// Puts energies into the file, and takes them out of `solved`.
  void write(const WorkUnit& unit, Solved& solved) {
    const std::size_t count = solved.size();
    if (leader_) {
      for (auto first = solved.begin(); first != solved.end();) {
        auto last = first;
        std::vector<io::EnergyRecord> records;
        for (; last != solved.end() && last->first == first->first + records.size(); ++last) {
          records.push_back(std::move(last->second));
        }
        file_.write_energies(unit.i_case, unit.i_site, first->first, records);
        first = last;
      }
    }
    solved.clear();
    if (count > 0) note_done(count);
  }

  /// After the file has got some energies, done or failed.
  void note_done(std::size_t count) {
    if (leader_) {
      file_.flush(input_.parallel.flush_interval_seconds);
      counters_.add(kEnergiesDone, static_cast<std::int64_t>(count));
    }
    if (!whole_spectra_) count_time(count);
    report();
  }

  /// What this group took for its last energies.
  void count_time(std::size_t energies) {
    energies_ += energies;
    busy_seconds_ += busy_.seconds();
    busy_ = Stopwatch();
  }

  /// Solves one energy. None: it failed, which is recorded only if this was the last attempt.
  std::optional<io::EnergyRecord> solve_energy(const WorkUnit& unit, std::size_t i_energy,
                                               SiteSolver& solver, bool last_attempt) {
    const double energy = header_.energy_ev[i_energy];
    const std::string where = fmt::format("{}, energy {:g} eV", describe(unit), energy);
    solve_ = Stopwatch();
    step_ = Stopwatch();
    EnergyResult result;
    const auto reason = numerical_failure(where, [&] {
      result = solver.solve(energy);
      const auto finite = [](double value) { return std::isfinite(value); };
      if (!std::all_of(result.s.begin(), result.s.end(), finite) || !finite(result.xanes)) {
        throw Error(ErrorKind::numerical, "the spectrum is not a finite number");
      }
    });
    if (leader_) solve_seconds_ += solve_.seconds();
    longest_solve_ = std::max(longest_solve_, solve_.seconds());
    if (!reason) {
      return io::EnergyRecord{io::Status::done, std::move(result.s), result.xanes, result.residual};
    }
    if (last_attempt) {
      record_failure(unit, i_energy);
      note_failure(where + ": " + *reason);
    }
    return std::nullopt;
  }

  /// Runs a step of the group; gives the reason if it failed numerically, the same on all ranks of
  /// the group. Errors of other kinds pass through with the place added.
  std::optional<std::string> numerical_failure(const std::string& where,
                                               const std::function<void()>& step) {
    try {
      parallel::collectively(group_, "", step);
    } catch (Error& error) {
      if (error.kind() == ErrorKind::numerical) return error.what();
      error.add_context(where);
      throw;
    }
    return std::nullopt;
  }

  void record_failure(const WorkUnit& unit, std::size_t i_energy) {
    if (leader_) {
      file_.write_energy(unit.i_case, unit.i_site, i_energy, {io::Status::failed, {}, 0.0, 0.0});
    }
    note_done(1);
  }

  void note_failure(const std::string& text) {
    if (leader_) failures_.push_back(text);
  }

  MPI_Comm world_;
  MPI_Comm group_;
  bool leader_;
  const io::Input& input_;
  std::vector<CaseParameters> cases_;
  std::vector<std::size_t> family_of_case_;
  std::vector<bool> first_of_its_kind_;  // of the cases that differ in screening or dilatation only
  const std::vector<int>& sites_;
  const io::ResultsHeader& header_;
  const SolverFactory& make_solver_;
  io::ResultsFile& file_;
  SharedCounters& counters_;
  Progress& progress_;
  TimeLimit limit_;
  bool whole_spectra_;          // from reduced models
  double longest_setup_ = 0.0;  // of this group [s]
  double longest_solve_ = 0.0;
  double longest_step_ = 0.0;  // of a reduced model
  Stopwatch solve_;            // since the present solve began
  Stopwatch step_;
  Stopwatch polled_;
  Stopwatch busy_;  // since the last energies or spectrum were over
  double busy_seconds_ = 0.0;
  std::size_t energies_ = 0;  // that took this time
  std::size_t groups_at_work_ = 1;
  StopRequest stop_;
  bool forwarded_ = false;
  bool out_of_time_ = false;
  std::size_t done_before_ = 0;
  double setup_seconds_ = 0.0;
  double solve_seconds_ = 0.0;
  std::vector<std::string> failures_;
};

/// Ends the job from one rank while the others work: they cannot be asked. The first to fail
/// prints.
[[noreturn]] void abort_job(MPI_Comm world, SharedCounters& counters, const Error& error) {
  if (counters.add(kErrors, 1) == 0) {
    constexpr std::size_t kLongest = 1500;  // bytes
    const std::string line = fmt::format("kedge: {}: {}", name(error.kind()), error.what());
    (void)std::fprintf(stderr, "%s\n", one_line(line, kLongest).c_str());
    (void)std::fflush(stderr);
  } else {
    std::this_thread::sleep_for(std::chrono::seconds(1));  // the first one is about to end the job
  }
  (void)MPI_Abort(world, exit_code(error.kind()));
  throw error;  // not reached
}

/// What is taken together: the cases of a family where they share a reduced model, else each unit
/// alone.
std::vector<UnitFamily> join_units(const io::Input& input, const WorkShape& shape,
                                   std::vector<WorkUnit> units,
                                   const std::vector<double>& solve_costs) {
  if (reduced_energies(input)) {
    return join_families(std::move(units), families(input, cases(input)), shape, solve_costs);
  }
  std::vector<UnitFamily> alone;
  for (WorkUnit& unit : units) alone.push_back({std::move(unit)});
  return alone;
}

io::TimingsRecord add_timings(MPI_Comm world, const GroupWorker& worker, double wall_seconds,
                              const io::TimingsRecord& before) {
  std::array<double, 2> sums = {worker.setup_seconds(), worker.solve_seconds()};
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, sums.data(), 2, MPI_DOUBLE, MPI_SUM, world));
  double memory = parallel::peak_memory_gb();
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &memory, 1, MPI_DOUBLE, MPI_MAX, world));
  return {before.wall_seconds + wall_seconds, before.setup_seconds + sums[0],
          before.solve_seconds + sums[1], std::max(before.peak_memory_gb, memory)};
}

}  // namespace

int ranks_per_solve(const io::Input& input, int n_ranks) {
  const int wanted = std::max(input.parallel.ranks_per_solve, 1);
  if (n_ranks % wanted != 0) {
    throw Error(
        ErrorKind::input,
        fmt::format(
            "parallel.ranks_per_solve = {} does not divide the {} ranks of this run; wanted "
            "a divisor",
            wanted, n_ranks));
  }
  return wanted;
}

CampaignOutcome run_campaign(MPI_Comm world, const io::Input& input, const std::vector<int>& sites,
                             const io::ResultsHeader& header, const SolverFactory& make_solver,
                             const CampaignOptions& options, const Log& log) {
  const Stopwatch wall;
  const TimeLimit limit(seconds_left(world, input));
  const int rank = parallel::rank(world);
  const int size = parallel::size(world);
  const int group_size = ranks_per_solve(input, size);
  const auto n_groups = static_cast<std::size_t>(size / group_size);
  const auto group = parallel::Communicator::split(world, rank / group_size, rank);

  bool goes_on = false;
  Ledger ledger = prepare_file(world, input, header, options, goes_on);
  if (!ledger.begun_by.empty() && ledger.begun_by != kGitCommit) {
    log.warning(
        fmt::format("the file was begun by kedge {}, this is {}: where the two differ in "
                    "their numbers the spectra will too; --overwrite starts anew",
                    ledger.begun_by, kGitCommit));
  }
  const auto done_before = static_cast<std::size_t>(
      std::count(ledger.done.begin(), ledger.done.end(), io::Status::done));
  const WorkShape shape{header.n_cases(), header.sites.size(), header.energy_ev.size()};
  const auto units = join_units(
      input, shape,
      plan_work(shape, ledger.done, n_groups, options.solve_costs, reduced_energies(input)),
      options.solve_costs);

  CampaignOutcome outcome;
  outcome.done_before = done_before;
  outcome.total =
      ledger.done.size() - static_cast<std::size_t>(std::count(
                               ledger.done.begin(), ledger.done.end(), io::Status::absent));
  const auto file = goes_on ? std::make_unique<io::ResultsFile>(world, options.output)
                            : std::make_unique<io::ResultsFile>(world, options.output, header);
  Progress progress(log.stream(), outcome.total, done_before);
  SharedCounters counters(world, kNumberOfCounters);
  GroupWorker worker(world, group.get(), input, sites, header, make_solver, *file, counters,
                     progress, limit, ledger);
  // An error of one rank ends the job from here: what follows is collective, and so is the end of
  // the counters and of the file.
  try {
    worker.run(units);
    worker.wait_for_others();
    const auto attempted = done_before + static_cast<std::size_t>(counters.read(kEnergiesDone));
    if (rank == 0) progress.finish(attempted);
    outcome.failures = gather_texts(world, worker.failures());
    outcome.stopped = attempted < outcome.total;
    outcome.out_of_time = outcome.stopped && counters.read(kOutOfTime) > 0;
    file->write_summary(add_timings(world, worker, wall.seconds(), ledger.timings),
                        outcome.failures);
    file->close();
  } catch (const std::exception&) {
    const Error error = current_error();
    if (size > 1) abort_job(world, counters, error);
    throw error;
  }
  std::size_t failed = 0;
  parallel::collectively(world, "", [&] {
    if (rank != 0) return;
    const io::Results results = io::read_results(io::part_file(options.output));
    outcome.done = results.count(io::Status::done);
    failed = results.count(io::Status::failed);
  });
  outcome.failed = failed;
  check_mpi(MPI_Bcast(&outcome.done, sizeof outcome.done, MPI_BYTE, 0, world));
  check_mpi(MPI_Bcast(&outcome.failed, sizeof outcome.failed, MPI_BYTE, 0, world));
  return outcome;
}

}  // namespace kedge::campaign
