// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/forecast.hpp"

#include <chrono>

#include "kedge/parallel/communicator.hpp"

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
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, 2.0 * static_cast<double>(n) * n * n / seconds);
  }
  return best;
}

SolveForecast forecast(Engine& engine, int ranks) {
  // Fractions of the dgemm rate reached by MUMPS on these operators, measured by benchmarks/solve_cost.
  constexpr double kFactorEfficiency = 0.50;
  constexpr double kSolveEfficiency = 0.45;
  const FactorCost cost = engine.analyse();
  const double rate = dgemm_rate() * ranks;
  const double unknowns = engine.unknowns();

  SolveForecast out;
  double columns = 0.0;
  constexpr int samples = 5;
  for (int i = 0; i < samples; ++i) {
    const double fraction = static_cast<double>(i) / (samples - 1);
    const int here = engine.border_columns(fraction);
    columns += static_cast<double>(here) / samples;
    out.border_columns = std::max(out.border_columns, here);
  }
  const double solve = 4.0 * cost.entries * columns;
  const double shell = engine.shell_nodes();
  const double border = 8.0 * shell * columns * columns;
  out.seconds = cost.flops / (kFactorEfficiency * rate) + solve / (kSolveEfficiency * rate) + border / rate;
  // On top of what the process holds now: the factor; right-hand sides, solutions and MUMPS's copy of a block; columns of
  // the outer sphere, real and imaginary, and their parts in the making.
  const double blocks = 3.0 * 8.0 * kRightHandSides * unknowns;
  const double outer = 8.0 * shell * out.border_columns * 1.5;
  out.memory_per_rank_gb = parallel::resident_memory_gb() + cost.memory_per_rank_mb * 1e-3 + (blocks / ranks + outer) / 1e9;
  return out;
}

}  // namespace kedge::fdm
