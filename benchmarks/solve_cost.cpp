// SPDX-License-Identifier: BSD-3-Clause
/// Cost of one energy of one absorber: time per phase, unknowns, operations against the dgemm rate,
/// peak memory. Usage: solve_cost INPUT.ini SITE ENERGY[,ENERGY...] [section.key=value ...]   (SITE
/// 1-based, energies in eV from Fermi; with engine.kind = ms an empty list means the grid of the
/// input)
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "benchmark.hpp"
#include "kedge/campaign/calculation.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/site_calculation.hpp"
#include "kedge/core/error.hpp"
#include "kedge/fdm/forecast.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/memory.hpp"

namespace {

/// Multiple scattering: time and S of every q at each energy.
void run_scattering(kedge::campaign::SiteCalculation& site, const kedge::io::Input& input,
                    const std::vector<double>& energies, bool print) {
  const kedge::campaign::Forecast forecast = site.forecast();
  const auto& levels = site.levels();
  if (print) {
    fmt::print("order {}, V0 {:.3f} eV, core level from Fermi {:.3f} eV\n", forecast.unknowns,
               levels.v0_ev, levels.core_level_ev - levels.fermi_ev);
    fmt::print("{:>8} {:>8}  S (1/eV) of each q\n", "E (eV)", "s");
  }
  for (const double energy : energies) {
    const auto start = std::chrono::steady_clock::now();
    const auto result = site.solve(energy);
    if (!print) continue;
    fmt::print("{:>8.3f} {:>8.4f}", energy, kedge::benchmark::seconds_since(start));
    const auto orders = static_cast<std::size_t>(input.xrs.lmax) + 1;
    for (std::size_t q = 0; q < input.xrs.q_per_angstrom.size(); ++q) {
      double s = 0.0;
      for (std::size_t l = 0; l < orders; ++l) s += result.s[q * orders + l];
      fmt::print(" {:>12.5e}", s);
    }
    fmt::print("\n");
  }
}

void run(int argc, char** argv) {
  using namespace kedge;
  std::vector<std::string> overrides(argv + 4, argv + argc);
  const campaign::Calculation calculation =
      campaign::read_calculation(MPI_COMM_WORLD, argv[1], overrides);
  const campaign::CaseParameters parameters = campaign::cases(calculation.input).front();
  io::Input input = campaign::input_of_case(calculation.input, parameters);
  input.engine.energies = "direct";  // one energy is what is measured
  const std::vector<double> energies = benchmark::numbers(argv[3]);
  const bool print = parallel::rank(MPI_COMM_WORLD) == 0;
  if (print) fmt::print("dgemm {:.1f} Gflop/s\n", fdm::dgemm_rate() * 1e-9);
  auto start = std::chrono::steady_clock::now();
  campaign::SiteCalculation site(MPI_COMM_WORLD, input, calculation.structure,
                                 std::atoi(argv[2]) - 1, parameters);
  const double setup = benchmark::seconds_since(start);
  if (input.engine.kind == "ms") {
    if (print) fmt::print("set-up {:.2f} s\n", setup);
    run_scattering(site, input, energies.empty() ? input.energy.grid_ev : energies, print);
    return;
  }
  start = std::chrono::steady_clock::now();
  const fdm::FactorCost cost = site.engine().analyse(site.energy(energies.back()));
  const double analyse = benchmark::seconds_since(start);
  const campaign::Forecast forecast = site.forecast();
  if (print) {
    fmt::print("set-up {:.2f} s, symbolic factorisation {:.2f} s\n", setup, analyse);
    fmt::print("unknowns {}, projectors {}, factor entries {:.3g}, factor operations {:.3g}\n",
               site.engine().unknowns(), site.engine().projectors(), cost.entries, cost.flops);
    fmt::print("least independence of the projectors {:.3f}\n", site.engine().least_independence());
    fmt::print("forecast: {:.2f} s per solve, {:.2f} GB\n", forecast.seconds_per_solve,
               forecast.memory_per_rank_gb);
    fmt::print("{:>8} {:>8} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>8} {:>8} {:>10} {:>10}\n",
               "E (eV)", "columns", "pot", "border", "factor", "dense", "solve", "correct",
               "total s", "GB", "residual", "S (1/eV)");
  }
  double total = 0.0;
  for (const double energy : energies) {
    start = std::chrono::steady_clock::now();
    const campaign::EnergyResult result = site.solve(energy);
    const double seconds = benchmark::seconds_since(start);
    total += seconds;
    double s = 0.0;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(input.xrs.lmax); ++i) s += result.s[i];
    const auto& p = site.engine().profile();
    if (print) {
      fmt::print(
          "{:>8.2f} {:>8} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>7} {:>8.2f} {:>8.2f} "
          "{:>10.1e} {:>10.4e}\n",
          energy, p.border_columns, p.potential, p.border, p.factor, p.dense, p.solve,
          p.corrections, seconds, parallel::peak_memory_gb(), result.residual, s);
    }
  }
  if (print) {
    fmt::print("mean {:.2f} s per energy, peak {:.2f} GB\n",
               total / static_cast<double>(energies.size()), parallel::peak_memory_gb());
  }
}

}  // namespace

int main(int argc, char** argv) {
  return kedge::benchmark::run_main(
      argc, argv, 3, "solve_cost INPUT.ini SITE ENERGY[,ENERGY...] [section.key=value ...]", run);
}
