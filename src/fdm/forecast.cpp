// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/forecast.hpp"

#include <chrono>

#include "kedge/parallel/memory.hpp"

namespace kedge::fdm {

double dgemm_rate() {
  constexpr Eigen::Index n = 900;
  const Eigen::MatrixXd a = Eigen::MatrixXd::Constant(n, n, 0.5);
  const Eigen::MatrixXd b = Eigen::MatrixXd::Constant(n, n, 0.25);
  Eigen::MatrixXd c(n, n);
  double best = 0.0;
  for (int repeat = 0; repeat < 4; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    c.noalias() = a * b;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, 2.0 * static_cast<double>(n) * n * n / seconds);
  }
  return best;
}

SolveForecast forecast(Engine& engine, int ranks) {
  // Fractions of the dgemm rate reached by MUMPS on these operators, in single precision, measured
  // by benchmarks/solve_cost.
  constexpr double kFactorEfficiency = 0.52;
  constexpr double kSolveEfficiency = 0.20;
  constexpr double kSolves = 3.4;  // the first and its corrections
  constexpr double kPerProjector =
      9e7;  // operations in whose time the waves of the atoms and of the outer sphere are made
  const double rate = dgemm_rate() * ranks;

  // Border columns and with them the cost grow with energy: the bottom of the window has fewest,
  // the top most.
  const FactorCost least = engine.analyse(engine.lowest_energy());
  const FactorCost most = engine.analyse(engine.highest_energy());
  SolveForecast out;
  out.border_columns = engine.border_columns(1.0);
  const double solve = kSolves * 4.0 * engine.sources() * (least.entries + most.entries);
  out.seconds =
      0.5 * ((least.flops + most.flops) / kFactorEfficiency + solve / kSolveEfficiency) / rate +
      kPerProjector * engine.projectors() / rate;
  // On top of what the process holds now: the factor; solutions and what they leave, complex, and
  // those of a part of the columns in their corrections; columns of the outer sphere, real and
  // imaginary, and their parts in the making.
  const double vectors = 5.0 * 16.0 * engine.sources() * engine.unknowns();
  const double outer = 1.5 * 8.0 * engine.shell_nodes() * out.border_columns;
  out.memory_per_rank_gb = parallel::resident_memory_gb() + most.memory_per_rank_mb * 1e-3 +
                           (vectors / ranks + outer) / 1e9;
  return out;
}

}  // namespace kedge::fdm
