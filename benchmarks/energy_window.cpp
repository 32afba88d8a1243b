// SPDX-License-Identifier: BSD-3-Clause
/// A window of energies by the reduced model against direct solves: time, basis, error.
/// Usage: energy_window INPUT.ini SITE ENERGY[,ENERGY...] [section.key=value ...] [solves=4]
/// [bands=1] [states=45] [nodes=9] [cell=0] [tolerance=0.01] (SITE 1-based; the energies, in eV
/// from the Fermi level, are solved directly as well; the model covers energy.grid). Errors are
/// those of the trace of rho, relative to its largest value in the window; "bounded" says whether
/// the estimate of the model holds.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "benchmark.hpp"
#include "kedge/campaign/calculation.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/site_calculation.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/engine.hpp"
#include "kedge/parallel/memory.hpp"

namespace {

using namespace kedge;

void run(int argc, char** argv) {
  std::vector<std::string> overrides;
  fdm::WindowSettings settings;
  for (int i = 4; i < argc; ++i) {
    if (std::string(argv[i]).starts_with("tolerance=")) {
      settings = fdm::window_settings(std::atof(argv[i] + 10));
    }
  }
  for (int i = 4; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("solves=")) {
      settings.solves = std::atoi(word.c_str() + 7);
    } else if (word.starts_with("bands=")) {
      settings.band_scale = std::atof(word.c_str() + 6);
    } else if (word.starts_with("states=")) {
      settings.states = std::atof(word.c_str() + 7);
    } else if (word.starts_with("nodes=")) {
      settings.nodes = std::atoi(word.c_str() + 6);
    } else if (word.starts_with("tolerance=")) {
      continue;
    } else if (word.starts_with("cell=")) {
      settings.widest_cell = hartree_from_ev(std::atof(word.c_str() + 5));
    } else {
      overrides.push_back(word);
    }
  }
  const campaign::Calculation calculation =
      campaign::read_calculation(MPI_COMM_WORLD, argv[1], overrides);
  const campaign::CaseParameters parameters = campaign::cases(calculation.input).front();
  const io::Input input = campaign::input_of_case(calculation.input, parameters);
  auto start = std::chrono::steady_clock::now();
  campaign::SiteCalculation site(MPI_COMM_WORLD, input, calculation.structure,
                                 std::atoi(argv[2]) - 1, parameters);
  const double setup = benchmark::seconds_since(start);
  const double fermi = site.levels().fermi_ev;
  const std::vector<double> direct = benchmark::numbers(argv[3]);
  std::vector<double> grid = input.energy.grid_ev;
  grid.insert(grid.end(), direct.begin(), direct.end());
  std::sort(grid.begin(), grid.end());
  grid.erase(std::unique(grid.begin(), grid.end()), grid.end());
  // Next to the level outside a campaign solves each energy as it is.
  std::erase_if(grid, [&](double e) {
    return !fdm::in_reach_of_window(*site.potential(), hartree_from_ev(fermi + e));
  });
  std::vector<double> energies;
  for (const double e : grid) energies.push_back(hartree_from_ev(fermi + e));

  start = std::chrono::steady_clock::now();
  const fdm::WindowResult window = site.engine().solve_window(energies, settings);
  const double reduced = benchmark::seconds_since(start);
  const auto& report = window.report;
  const bool print = parallel::rank(MPI_COMM_WORLD) == 0;
  double largest = 0.0;
  for (const auto& a : window.amplitudes) largest = std::max(largest, a.rho.trace());
  if (print) {
    fmt::print(
        "set-up {:.2f} s; {} energies in {:.2f} s ({} models): basis {:.2f} ({} snapshots, {} "
        "columns), outer waves {:.2f}, "
        "{} bands: atoms at {} nodes {:.2f}, projections {:.2f}, {:.2f} ({} columns), small "
        "problems {:.2f} s, "
        "largest estimate {:.1e}, peak {:.2f} GB\n",
        setup, energies.size(), reduced, report.models, report.basis_seconds, report.snapshots,
        report.columns, report.outer_seconds, report.bands, report.nodes, report.data_seconds,
        report.project_seconds, report.band_seconds, report.band_columns, report.solve_seconds,
        *std::max_element(window.error.begin(), window.error.end()), parallel::peak_memory_gb());
    std::vector<std::size_t> order(energies.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, std::greater{}, [&](std::size_t i) { return window.error[i]; });
    fmt::print("largest estimates:");
    for (std::size_t i = 0; i < std::min<std::size_t>(5, order.size()); ++i) {
      fmt::print(" {:.1e} at {:.2f} eV", window.error[order[i]], grid[order[i]]);
    }
    fmt::print("\n{:>8} {:>12} {:>12} {:>10} {:>10} {:>8} {:>8}\n", "E (eV)", "direct", "reduced",
               "error", "estimate", "bounded", "s");
  }
  double seconds = 0.0;
  for (const double e : direct) {
    start = std::chrono::steady_clock::now();
    const auto exact = site.engine().solve(hartree_from_ev(fermi + e));
    const double one = benchmark::seconds_since(start);
    seconds += one;
    const auto i = static_cast<std::size_t>(std::find(grid.begin(), grid.end(), e) - grid.begin());
    if (i == grid.size()) {
      throw Error(ErrorKind::input, fmt::format("{} eV is too near to the level outside", e));
    }
    const double model = window.amplitudes[i].rho.trace();
    const double error = (model - exact.rho.trace()) / largest;
    if (print) {
      fmt::print("{:>8.2f} {:>12.5e} {:>12.5e} {:>10.1e} {:>10.1e} {:>8} {:>8.2f}\n", e,
                 exact.rho.trace(), model, error, window.error[i],
                 std::abs(error) <= window.error[i] ? "yes" : "no", one);
    }
  }
  if (print && !direct.empty()) {
    const double mean = seconds / static_cast<double>(direct.size());
    fmt::print("direct {:.2f} s an energy; {} energies direct / reduced = {:.1f}\n", mean,
               energies.size(), mean * static_cast<double>(energies.size()) / reduced);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return kedge::benchmark::run_main(
      argc, argv, 3,
      "energy_window INPUT.ini SITE ENERGY[,ENERGY...] [section.key=value ...] [solves=4] "
      "[bands=1] [states=45] [nodes=9] [cell=0] [tolerance=0.01]",
      run);
}
