// SPDX-License-Identifier: BSD-3-Clause
/// Parallel efficiency of campaigns on many ranks, by a discrete-event simulation of what
/// run_campaign() does (docs/scaling.md). Usage: mpirun -np N schedule_simulation TIMINGS
/// [name=value ...] TIMINGS: a text file, seconds of one unit in each line, "set-up energy energy
/// ..." (campaign_efficiency writes one), used again
///   and again; or a result file, whose mean set-up and energy are taken.
/// Names, times in seconds: ranks=1,10,... spectra=180,... energies=97 (of each spectrum)
/// latency=2e-6 (of a message)
///   open=2e-5 (service of the file system for one rank that opens or closes the file) scale=1 (all
///   times of TIMINGS times this) scatter=0 (standard deviation of the logarithm of each time)
///   counter, write, header, read: instead of what is measured whole=0 (1: spectra from reduced
///   models, which are not split and are written at once; write is then the time of a spectrum)
/// Measured here, with N ranks on this machine: fetch-and-op on the shared counter, hyperslabs of
/// one energy, header and closing of the file, reading it back.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <queue>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "benchmark.hpp"
#include "kedge/campaign/shared_counters.hpp"
#include "kedge/campaign/work_plan.hpp"
#include "kedge/io/results_file.hpp"
#include "kedge/parallel/check.hpp"

namespace {

using namespace kedge;
using Clock = std::chrono::steady_clock;
using UnitTimings = std::vector<std::vector<double>>;  ///< set-up, then energies [s]

/// Costs beside the solves [s].
struct Costs {
  double latency = 2e-6;  ///< of a message between nodes, one way (assumed)
  double counter = 0.0;   ///< time that a fetch-and-op occupies the counter
  double write = 0.0;     ///< time that one energy, or a whole spectrum, occupies the file
  double open =
      2e-5;  ///< time that opening or closing on one rank occupies the file system (assumed)
  double header = 0.0;  ///< creating the file
  double read = 0.0;    ///< reading it back, for each energy
};

/// A server that serves one request after the other.
struct Server {
  double service = 0.0;
  double free_at = 0.0;
  double waited = 0.0;  ///< by all who asked

  double serve(double arrival) {
    const double start = std::max(arrival, free_at);
    waited += start - arrival;
    free_at = start + service;
    return free_at;
  }
};

struct Outcome {
  double efficiency = 0.0;
  // Parts of the time of all ranks, in per cent.
  double start_and_end = 0.0;
  double counter = 0.0;
  double file = 0.0;
  double repeated_setups = 0.0;  ///< of spectra that are split over several groups
  double idle = 0.0;             ///< no work left
};

/// What a unit takes; the same unit has the same times whoever takes it.
class Work {
 public:
  Work(UnitTimings timings, double scatter) : timings_(std::move(timings)), scatter_(scatter) {}

  [[nodiscard]] double setup(std::size_t spectrum) const {
    return timings_[spectrum % timings_.size()].front() * factor(spectrum, 0);
  }
  [[nodiscard]] double energy(std::size_t spectrum, std::size_t i) const {
    const auto& unit = timings_[spectrum % timings_.size()];
    return unit[1 + i % (unit.size() - 1)] * factor(spectrum, i + 1);
  }
  [[nodiscard]] double mean_energy() const {
    double sum = 0.0;
    std::size_t count = 0;
    for (const auto& unit : timings_) {
      for (std::size_t i = 1; i < unit.size(); ++i, ++count) sum += unit[i];
    }
    return sum / static_cast<double>(count);
  }

 private:
  [[nodiscard]] double factor(std::size_t spectrum, std::size_t step) const {
    if (scatter_ == 0.0) return 1.0;
    std::mt19937 random(static_cast<std::uint32_t>(spectrum * 100003 + step));
    std::normal_distribution<double> normal(0.0, scatter_);
    return std::exp(normal(random));
  }

  UnitTimings timings_;
  double scatter_;
};

/// How often the counter is asked for a stop while a reduced model is made, every 5 s in some 50.
constexpr double kSteps = 10.0;

/// One campaign on n_ranks groups of one rank. Every rank asks the counter before each energy and
/// after it, and writes between; or before and after a whole spectrum, and some times in it.
Outcome simulate(const Work& work, const Costs& costs, std::size_t n_ranks, std::size_t n_spectra,
                 std::size_t n_energies, bool whole) {
  const auto units =
      campaign::plan_work({n_spectra, 1, n_energies},
                          std::vector<io::Status>(n_spectra * n_energies), n_ranks, {}, whole);
  const auto ranks = static_cast<double>(n_ranks);
  const double tree = 2.0 * std::ceil(std::log2(std::max(ranks, 2.0))) * costs.latency;
  // Collective at the start: opening on every rank, the header, the ledger down the tree, the
  // window of the counters.
  const double start = costs.header + ranks * costs.open + 3.0 * tree;
  Server counter{costs.counter};
  Server file{costs.write};
  const double trip = 2.0 * costs.latency;
  const auto ask = [&](double time) { return counter.serve(time + costs.latency) + costs.latency; };

  // What a rank asks for at a time: each request is an event of its own, since a server must see
  // them in the order they come.
  enum class Step { stop_before_unit, next_unit, levels, stop_before_energy, energy, count };
  struct Rank {
    double time = 0.0;
    Step step = Step::stop_before_unit;
    std::size_t unit = 0;
    std::size_t done = 0;  ///< energies of it
  };
  const auto later = [](const Rank& a, const Rank& b) { return a.time > b.time; };
  std::priority_queue<Rank, std::vector<Rank>, decltype(later)> events(later);
  double useful = 0.0;
  double repeated = 0.0;
  double last = start;
  double ended = 0.0;  // sum over the ranks of the times they run out of work
  std::size_t next = 0;
  std::vector<bool> begun(n_spectra);
  for (std::size_t i = 0; i < n_ranks; ++i) events.push({start});
  while (!events.empty()) {
    Rank rank = events.top();
    events.pop();
    switch (rank.step) {
      case Step::stop_before_unit:
        rank.time = ask(rank.time);
        rank.step = Step::next_unit;
        break;
      case Step::next_unit: {
        rank.time = ask(rank.time);
        rank.unit = next++;
        rank.done = 0;
        if (rank.unit >= units.size()) {
          ended += rank.time;
          last = std::max(last, rank.time);
          continue;
        }
        const std::size_t spectrum = units[rank.unit].i_case;
        const double setup = work.setup(spectrum);
        (begun[spectrum] ? repeated : useful) += setup;
        begun[spectrum] = true;
        rank.time += setup;
        rank.step = Step::levels;
        break;
      }
      case Step::levels:
        rank.time = file.serve(rank.time);
        rank.step = Step::stop_before_energy;
        break;
      case Step::stop_before_energy: {
        const campaign::WorkUnit& unit = units[rank.unit];
        double seconds = work.energy(unit.i_case, unit.energies[rank.done++]);
        while (whole && rank.done < unit.energies.size()) {
          seconds += work.energy(unit.i_case, unit.energies[rank.done++]);
        }
        useful += seconds;
        rank.time = ask(rank.time) + seconds;
        if (whole) rank.time += kSteps * (trip + costs.counter);
        rank.step = Step::energy;
        break;
      }
      case Step::energy:
        rank.time = file.serve(rank.time);
        rank.step = Step::count;
        break;
      case Step::count:
        rank.time = ask(rank.time);
        rank.step = rank.done == units[rank.unit].energies.size() ? Step::stop_before_unit
                                                                  : Step::stop_before_energy;
        break;
    }
    events.push(rank);
  }
  // Collective at the end: barrier, failures, sums, closing on every rank; then rank 0 reads the
  // file while the others wait.
  const double end =
      5.0 * tree + ranks * costs.open + costs.read * static_cast<double>(n_spectra * n_energies);
  const double wall = last + end;
  const double total = ranks * wall;
  const auto pieces = static_cast<double>(
      whole ? units.size() : n_spectra * n_energies);  // solved and written one by one
  const double asked = (whole ? kSteps : 0.0) * pieces +
                       2.0 * (pieces + static_cast<double>(units.size())) + 2.0 * ranks;
  return {
      100.0 * useful / total,
      100.0 * (start + end) / wall,
      100.0 * (counter.waited + asked * (trip + costs.counter)) / total,
      100.0 * (file.waited + costs.write * (pieces + static_cast<double>(units.size()))) / total,
      100.0 * repeated / total,
      100.0 * (ranks * last - ended) / total};
}

/// Time that one fetch-and-op occupies the counter: all ranks at once, as fast as they can.
/// @note Collective on the world
double measure_counter() {
  constexpr int kTimes = 20000;
  campaign::SharedCounters counters(MPI_COMM_WORLD, 1);
  parallel::check_mpi(MPI_Barrier(MPI_COMM_WORLD));
  const auto start = Clock::now();
  for (int i = 0; i < kTimes; ++i) (void)counters.add(0, 1);
  parallel::check_mpi(MPI_Barrier(MPI_COMM_WORLD));
  return benchmark::seconds_since(start) / (kTimes * parallel::size(MPI_COMM_WORLD));
}

/// Header, writes and reading of a result file of this size. @note Collective on the world
void measure_file(Costs& costs, std::size_t n_spectra, std::size_t n_energies, bool whole) {
  const int rank = parallel::rank(MPI_COMM_WORLD);
  const auto size = static_cast<std::size_t>(parallel::size(MPI_COMM_WORLD));
  const std::filesystem::path file =
      "schedule_simulation.h5";  // in the folder of the job, where results would go
  io::ResultsHeader header;
  header.element = std::string("B");
  header.edge = std::string("K");
  for (std::size_t i = 0; i < n_energies; ++i) header.energy_ev.push_back(static_cast<double>(i));
  header.q_per_angstrom = {4.5};
  header.lmax = 3;
  header.cases = {{"absorber.screening", "electron", true, std::vector<double>(n_spectra, 1.0)}};
  header.sites = {{1, "B", "B1", {}, 1}};
  header.input_text = std::string("[xrs]\nq = 4.5\n");
  header.libraries = {{"none", "0"}};
  auto start = Clock::now();
  io::ResultsFile results(MPI_COMM_WORLD, file, header);
  costs.header = benchmark::seconds_since(start);
  parallel::check_mpi(MPI_Barrier(MPI_COMM_WORLD));
  start = Clock::now();
  const io::EnergyRecord record{io::Status::done, std::vector<double>(4, 1.0), 1.0, 1e-9};
  const std::vector<io::EnergyRecord> records(whole ? n_energies : 1, record);
  std::size_t written = 0;
  for (std::size_t i = 0; i < n_spectra; ++i) {
    for (std::size_t e = 0; e < n_energies; e += records.size()) {
      if (written++ % size == static_cast<std::size_t>(rank)) {
        results.write_energies(i, 0, e, records);
      }
    }
  }
  parallel::check_mpi(MPI_Barrier(MPI_COMM_WORLD));
  costs.write = benchmark::seconds_since(start) / static_cast<double>(written);
  results.close();
  if (rank == 0) {
    start = Clock::now();
    (void)io::read_results(io::part_file(file));
    costs.read = benchmark::seconds_since(start) / static_cast<double>(n_spectra * n_energies);
    std::filesystem::remove(io::part_file(file));
  }
}

UnitTimings read_timings(const std::string& name) {
  if (name.ends_with(".h5") || name.ends_with(".part")) {
    const io::Results results = io::read_results(name);
    const auto energies = static_cast<double>(results.count(io::Status::done));
    const double spectra = energies / static_cast<double>(results.header.energy_ev.size());
    return {{results.timings.setup_seconds / spectra, results.timings.solve_seconds / energies}};
  }
  std::ifstream file(name);
  if (!file) throw Error(ErrorKind::input, fmt::format("cannot read the timings '{}'", name));
  UnitTimings units;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream numbers(line);
    std::vector<double> unit;
    for (double seconds = 0.0; numbers >> seconds;) unit.push_back(seconds);
    const bool positive = std::ranges::all_of(unit, [](double seconds) { return seconds >= 0.0; });
    if (unit.size() < 2 || !numbers.eof() || !positive) {
      throw Error(
          ErrorKind::input,
          fmt::format(
              "'{}': found the line '{}', wanted seconds of a set-up and of one energy or more",
              name, line));
    }
    units.push_back(unit);
  }
  if (units.empty()) throw Error(ErrorKind::input, fmt::format("'{}' has no timings", name));
  return units;
}

/// Settings of the command line.
std::map<std::string, std::string> settings(int argc, char** argv) {
  std::map<std::string, std::string> values = {{"ranks", "1,10,100,1000,10000,100000"},
                                               {"spectra", "180,5000,100000"},
                                               {"energies", "97"},
                                               {"latency", "2e-6"},
                                               {"open", "2e-5"},
                                               {"scale", "1"},
                                               {"scatter", "0"},
                                               {"whole", "0"},
                                               {"counter", ""},
                                               {"write", ""},
                                               {"header", ""},
                                               {"read", ""}};
  for (int i = 2; i < argc; ++i) {
    const std::string text = argv[i];
    const auto value = values.find(text.substr(0, text.find('=')));
    if (value == values.end() || text.find('=') == std::string::npos) {
      throw Error(ErrorKind::input, fmt::format("unknown setting \"{}\"", text));
    }
    value->second = text.substr(text.find('=') + 1);
  }
  return values;
}

void run(int argc, char** argv) {
  const auto values = settings(argc, argv);
  const auto number = [&](const char* name) { return benchmark::numbers(values.at(name)).at(0); };
  UnitTimings timings = read_timings(argv[1]);
  for (auto& unit : timings) {
    for (double& seconds : unit) seconds *= number("scale");
  }
  const Work work(std::move(timings), number("scatter"));
  const auto n_energies = static_cast<std::size_t>(number("energies"));

  Costs costs;
  costs.counter = measure_counter();
  const bool whole = number("whole") != 0.0;
  measure_file(costs, 180, n_energies, whole);
  if (parallel::rank(MPI_COMM_WORLD) != 0) return;
  const std::pair<const char*, double&> given[] = {
      {"latency", costs.latency}, {"open", costs.open},     {"counter", costs.counter},
      {"write", costs.write},     {"header", costs.header}, {"read", costs.read}};
  for (const auto& [name, cost] : given) {
    if (!values.at(name).empty()) cost = number(name);
  }
  fmt::print("assumed: message {:.2g} s, open or close on one rank {:.2g} s\n", costs.latency,
             costs.open);
  const char* piece = whole ? "spectrum" : "energy";
  fmt::print(
      "measured unless given: counter {:.2g} s, one {} to the file {:.2g} s, header {:.2g} s, read "
      "back {:.2g} s an energy\n",
      costs.counter, piece, costs.write, costs.header, costs.read);
  const double seconds = work.mean_energy() * (whole ? static_cast<double>(n_energies) : 1.0);
  fmt::print(
      "one {} {:.3g} s, so that the counter is full at {:.2g} ranks and the file at {:.2g}\n\n",
      piece, seconds, seconds / ((2.0 + (whole ? kSteps : 0.0)) * costs.counter),
      seconds / costs.write);
  fmt::print("{:>8} {:>8} {:>11} {:>10} {:>8} {:>6} {:>9} {:>6}   (% of the time of all ranks)\n",
             "spectra", "ranks", "efficiency", "start+end", "counter", "file", "set-ups", "idle");
  for (const double spectra : benchmark::numbers(values.at("spectra"))) {
    for (const double ranks : benchmark::numbers(values.at("ranks"))) {
      const Outcome o = simulate(work, costs, static_cast<std::size_t>(ranks),
                                 static_cast<std::size_t>(spectra), n_energies, whole);
      fmt::print("{:>8} {:>8} {:>11.1f} {:>10.1f} {:>8.1f} {:>6.1f} {:>9.1f} {:>6.1f}\n", spectra,
                 ranks, o.efficiency, o.start_and_end, o.counter, o.file, o.repeated_setups,
                 o.idle);
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  return kedge::benchmark::run_main(
      argc, argv, 1, "mpirun -np N schedule_simulation TIMINGS [name=value ...]", run);
}
