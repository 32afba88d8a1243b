// SPDX-License-Identifier: BSD-3-Clause
/// A window of energies by the reduced model against direct solves: time, basis, error.
/// Usage: energy_reduction INPUT.ini SITE TOLERANCE ENERGY[,ENERGY...] [section.key=value ...]   (SITE 1-based; the energies, in eV from the Fermi
/// level, are solved directly as well; the model covers energy.grid). Errors are those of the trace of rho, relative to its largest
/// value in the window; "bounded" says whether the estimate stored with the model holds.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "benchmark.hpp"
#include "kedge/campaign/calculation.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/site_calculation.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/engine.hpp"

namespace {

using namespace kedge;

void run(int argc, char** argv) {
  const campaign::Calculation calculation =
      campaign::read_calculation(MPI_COMM_WORLD, argv[1], std::vector<std::string>(argv + 5, argv + argc));
  const campaign::CaseParameters parameters = campaign::cases(calculation.input).front();
  const io::Input input = campaign::input_of_case(calculation.input, parameters);
  auto start = std::chrono::steady_clock::now();
  campaign::SiteCalculation site(MPI_COMM_WORLD, input, calculation.structure, std::atoi(argv[2]) - 1, parameters);
  const double setup = benchmark::seconds_since(start);
  const double fermi = site.levels().fermi_ev;
  const std::vector<double> direct = benchmark::numbers(argv[4]);
  std::vector<double> grid = input.energy.grid_ev;
  grid.insert(grid.end(), direct.begin(), direct.end());
  std::sort(grid.begin(), grid.end());
  grid.erase(std::unique(grid.begin(), grid.end()), grid.end());
  std::vector<double> energies;
  for (const double e : grid) energies.push_back(hartree_from_ev(fermi + e));

  start = std::chrono::steady_clock::now();
  fdm::ReductionSettings settings;
  settings.tolerance = std::atof(argv[3]);
  const fdm::ReducedWindow window = site.engine().solve(energies, std::vector<double>(energies.size(), 0.0), settings);
  const double reduced = benchmark::seconds_since(start);
  const auto& report = window.report;
  const bool print = parallel::rank(MPI_COMM_WORLD) == 0;
  double largest = 0.0;
  for (const auto& a : window.amplitudes) largest = std::max(largest, a.rho.trace());
  if (print) {
    fmt::print("set-up {:.2f} s; {} energies in {:.2f} s: nodes {:.2f} ({}), factor {:.2f}, basis {:.2f} s ({} columns, {} snapshots), "
               "residual {:.1e}, estimate {:.1e}\n",
               setup, energies.size(), reduced, report.setup_seconds, report.nodes, report.factor_seconds, report.basis_seconds,
               report.basis_columns, report.snapshots, report.residual, report.estimate);
    fmt::print("{:>8} {:>12} {:>12} {:>10} {:>8} {:>8}\n", "E (eV)", "direct", "reduced", "error", "bounded", "s");
  }
  double seconds = 0.0;
  for (const double e : direct) {
    start = std::chrono::steady_clock::now();
    const auto exact = site.engine().solve(hartree_from_ev(fermi + e));
    const double one = benchmark::seconds_since(start);
    seconds += one;
    const auto i = static_cast<std::size_t>(std::find(grid.begin(), grid.end(), e) - grid.begin());
    const double model = window.amplitudes[i].rho.trace();
    const double error = (model - exact.rho.trace()) / largest;
    if (print) {
      fmt::print("{:>8.2f} {:>12.5e} {:>12.5e} {:>10.1e} {:>8} {:>8.2f}\n", e, exact.rho.trace(), model, error,
                 std::abs(error) <= report.estimate ? "yes" : "no", one);
    }
  }
  if (print && !direct.empty()) {
    const double mean = seconds / static_cast<double>(direct.size());
    fmt::print("direct {:.2f} s an energy; {} energies direct / reduced = {:.1f}\n", mean, energies.size(),
               mean * static_cast<double>(energies.size()) / reduced);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return kedge::benchmark::run_main(argc, argv, 4,
                                    "energy_reduction INPUT.ini SITE TOLERANCE ENERGY[,ENERGY...] [section.key=value ...]", run);
}
