// SPDX-License-Identifier: BSD-3-Clause
/// Parallel efficiency of a campaign: on one rank and on all ranks in turn, the ratio of the times,
/// and the largest difference of the results, which ought to be none. Usage: mpirun -np N
/// campaign_efficiency INPUT.ini REPEATS TIMINGS.txt [section.key=value ...] "busy": the part of
/// the time that the ranks of the second run spend in set-ups and solves. "cpu": processor time of
/// the first run over that of the second, both in set-ups and solves. Their product is the
/// efficiency on cores that nobody else uses; on a machine that is shared with others the ratio of
/// the times says more about the others. TIMINGS.txt: seconds of each unit in the last run on one
/// rank, "set-up energy energy ...", for schedule_simulation. The campaign alone is timed, from the
/// first to the last collective step; reading the input is not, nor broadening.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "benchmark.hpp"
#include "kedge/campaign/calculation.hpp"
#include "kedge/campaign/run_campaign.hpp"
#include "kedge/parallel/check.hpp"

namespace {

using namespace kedge;
using parallel::check_mpi;
using Clock = std::chrono::steady_clock;

using UnitTimings =
    std::vector<std::vector<double>>;  ///< of each unit: set-up, then its energies [s]

/// Times of one step after the other.
struct Steps {
  UnitTimings units;
  double cpu_seconds = 0.0;  ///< processor time in all of them

  /// Runs a step, which belongs to the last unit.
  template <class Step>
  auto timed(Step step) {
    const auto start = Clock::now();
    const double cpu_start = processor_time();
    auto result = step();
    units.back().push_back(benchmark::seconds_since(start));
    cpu_seconds += processor_time() - cpu_start;
    return result;
  }

 private:
  static double processor_time() {
    timespec time{};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }
};

/// A solver that notes how long each step takes.
class TimedSolver : public campaign::SiteSolver {
 public:
  TimedSolver(std::unique_ptr<campaign::SiteSolver> solver, Steps& steps)
      : solver_(std::move(solver)), steps_(steps) {}
  [[nodiscard]] campaign::SiteLevels levels() const override { return solver_->levels(); }
  [[nodiscard]] std::vector<double> dos() const override { return solver_->dos(); }
  [[nodiscard]] campaign::EnergyResult solve(double energy_rel_fermi_ev) override {
    return steps_.timed([&] { return solver_->solve(energy_rel_fermi_ev); });
  }
  [[nodiscard]] bool at_hand(double energy_rel_fermi_ev) const override {
    return solver_->at_hand(energy_rel_fermi_ev);
  }
  void between_steps(std::function<void()> call) override {
    solver_->between_steps(std::move(call));
  }

 private:
  std::unique_ptr<campaign::SiteSolver> solver_;
  Steps& steps_;
};

struct Run {
  double seconds = 0.0;
  io::Results results;  ///< on rank 0
  Steps steps;          ///< of this rank
};

/// The campaign on the first `ranks` ranks; the others sleep, so that they take no core. @note
/// Collective on the world
Run run_on(int ranks, const campaign::Calculation& calculation, const std::filesystem::path& file) {
  const int rank = parallel::rank(MPI_COMM_WORLD);
  const auto some = parallel::Communicator::split(MPI_COMM_WORLD, rank < ranks ? 0 : 1, rank);
  Run run;
  if (rank < ranks) {
    const auto real = campaign::site_calculations(calculation);
    const auto make = [&](MPI_Comm group, const std::vector<campaign::CaseInput>& cases, int site) {
      run.steps.units.emplace_back();
      auto solvers = run.steps.timed([&] { return real(group, cases, site); });
      for (auto& solver : solvers) {
        solver = std::make_unique<TimedSolver>(std::move(solver), run.steps);
      }
      return solvers;
    };
    const auto start = Clock::now();
    const auto outcome = campaign::run_campaign(
        some.get(), calculation.input, calculation.sites, calculation.header, make,
        {file, false, true, campaign::solve_costs(calculation)}, Log(nullptr));
    run.seconds = benchmark::seconds_since(start);
    if (outcome.done != outcome.total) {
      throw Error(ErrorKind::numerical, "some energies failed, so that the times mean nothing");
    }
    if (rank == 0) run.results = io::read_results(io::part_file(file));
  }
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Ibarrier(MPI_COMM_WORLD, &request));
  for (int here = 0; here == 0;) {
    check_mpi(MPI_Test(&request, &here, MPI_STATUS_IGNORE));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return run;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) largest = std::max(largest, std::abs(a[i] - b[i]) / std::abs(a[i]));
  }
  return largest;
}

double seconds_in(const UnitTimings& units) {
  double sum = 0.0;
  for (const auto& unit : units) sum = std::accumulate(unit.begin(), unit.end(), sum);
  return sum;
}

/// The name of a new folder, the same on all ranks.
std::filesystem::path make_folder() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "kedge-efficiency-XXXXXX").string();
  if (parallel::rank(MPI_COMM_WORLD) == 0) pattern = mkdtemp(pattern.data());
  return parallel::broadcast(MPI_COMM_WORLD, pattern);
}

void write_timings(const std::string& name, const UnitTimings& units) {
  std::ofstream file(name);
  file << "# seconds of each unit of work: set-up, then each energy\n";
  for (const auto& unit : units) {
    for (const double seconds : unit) file << fmt::format("{:.4f} ", seconds);
    file << '\n';
  }
  if (!file.flush()) throw Error(ErrorKind::io, fmt::format("cannot write '{}'", name));
}

void run(int argc, char** argv) {
  const campaign::Calculation calculation =
      campaign::read_calculation(MPI_COMM_WORLD, argv[1], {argv + 4, argv + argc});
  const int size = parallel::size(MPI_COMM_WORLD);
  const bool print = parallel::rank(MPI_COMM_WORLD) == 0;
  const auto folder = make_folder();
  if (print) {
    fmt::print("{} cases x {} sites x {} energies\n", calculation.header.n_cases(),
               calculation.header.sites.size(), calculation.header.energy_ev.size());
    fmt::print("{:>10} {:>10} {:>11} {:>8} {:>8} {:>11} {:>19}\n", "1 rank (s)",
               fmt::format("{} (s)", size), "efficiency", "busy", "cpu", "busy x cpu",
               "largest difference");
  }
  for (int repeat = 0; repeat < std::atoi(argv[2]); ++repeat) {
    const Run one = run_on(1, calculation, folder / "one.h5");
    const Run all = run_on(size, calculation, folder / "all.h5");
    double sums[] = {seconds_in(all.steps.units), all.steps.cpu_seconds};
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD));
    const auto [busy, cpu] = sums;
    if (!print) continue;
    const double difference = std::max(largest_difference(one.results.s, all.results.s),
                                       largest_difference(one.results.xanes, all.results.xanes));
    const double of_time = busy / (size * all.seconds);
    const double of_cpu = one.steps.cpu_seconds / cpu;
    fmt::print("{:>10.2f} {:>10.2f} {:>9.1f} % {:>6.1f} % {:>6.1f} % {:>9.1f} % {:>19.1e}\n",
               one.seconds, all.seconds, 100.0 * one.seconds / (size * all.seconds),
               100.0 * of_time, 100.0 * of_cpu, 100.0 * of_time * of_cpu, difference);
    std::fflush(stdout);
    write_timings(argv[3], one.steps.units);
  }
  std::error_code ignored;
  if (print) std::filesystem::remove_all(folder, ignored);
}

}  // namespace

int main(int argc, char** argv) {
  return kedge::benchmark::run_main(
      argc, argv, 3,
      "mpirun -np N campaign_efficiency INPUT.ini REPEATS TIMINGS.txt [section.key=value ...]",
      run);
}
