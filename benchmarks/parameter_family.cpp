// SPDX-License-Identifier: BSD-3-Clause
/// A family of cases (screening, dilatorb) of one site by one reduced model: time against the first
/// case alone, and the error of chosen cases against models of their own. Usage: parameter_family
/// INPUT.ini SITE CASE[,CASE...] [section.key=value ...] (SITE and CASE 1-based; the cases are
/// solved alone as well, the first before the family). Differences are those of the sum of S over l
/// at the first q, relative to its largest value.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "benchmark.hpp"
#include "kedge/campaign/calculation.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/site_family.hpp"
#include "kedge/parallel/memory.hpp"

namespace {

using namespace kedge;

struct Curve {
  std::vector<double> s;
  std::vector<double> estimate;
};

Curve curve(campaign::SiteFamily& family, std::size_t i, const io::Input& input) {
  Curve out;
  for (const double e : input.energy.grid_ev) {
    const campaign::EnergyResult one = family.solve(i, e);
    out.s.push_back(std::accumulate(one.s.begin(), one.s.begin() + input.xrs.lmax + 1, 0.0));
    out.estimate.push_back(one.residual);
  }
  return out;
}

std::string parts_of(const fdm::WindowReport& r) {
  return fmt::format(
      "basis {:.1f} ({} snapshots, {} columns), outer waves {:.1f}, {} bands: atoms at {} nodes "
      "{:.1f}, projections {:.1f}, {:.1f} ({} columns), solved {:.1f}",
      r.basis_seconds, r.snapshots, r.columns, r.outer_seconds, r.bands, r.nodes, r.data_seconds,
      r.project_seconds, r.band_seconds, r.band_columns, r.solve_seconds);
}

void run(int argc, char** argv) {
  const std::vector<std::string> overrides(argv + 4, argv + argc);
  const campaign::Calculation calculation =
      campaign::read_calculation(MPI_COMM_WORLD, argv[1], overrides);
  const int site = std::atoi(argv[2]) - 1;
  std::vector<campaign::CaseInput> all;
  for (const campaign::CaseParameters& parameters : campaign::cases(calculation.input)) {
    all.push_back({campaign::input_of_case(calculation.input, parameters), parameters});
  }
  const bool print = parallel::rank(MPI_COMM_WORLD) == 0;
  std::vector<std::size_t> chosen;
  for (const double c : benchmark::numbers(argv[3])) {
    chosen.push_back(static_cast<std::size_t>(c) - 1);
  }

  double alone = 0.0;
  std::vector<Curve> own;
  for (const std::size_t i : chosen) {
    const auto start = std::chrono::steady_clock::now();
    campaign::SiteFamily one(MPI_COMM_WORLD, {all.at(i)}, calculation.structure, site);
    const double setup = benchmark::seconds_since(start);
    own.push_back(curve(one, 0, all[i].input));
    const double seconds = benchmark::seconds_since(start);
    if (own.size() == 1) alone = seconds;
    const auto& r = one.report();
    if (print) {
      fmt::print("case {} alone: {:.1f} s ({} models), set-up {:.1f}, {}\n", i + 1, seconds,
                 r.models, setup, parts_of(r));
      (void)std::fflush(stdout);
    }
  }

  const auto start = std::chrono::steady_clock::now();
  campaign::SiteFamily family(MPI_COMM_WORLD, all, calculation.structure, site);
  const double setup = benchmark::seconds_since(start);
  std::vector<Curve> curves;
  int own_models = 0;
  std::string estimates;  // largest of each
  for (std::size_t i = 0; i < all.size(); ++i) {
    curves.push_back(curve(family, i, all[i].input));
    own_models += family.report().models - 1;
    estimates += fmt::format(" {:.1e}", std::ranges::max(curves.back().estimate));
  }
  const double together = benchmark::seconds_since(start);
  const auto& r = family.report();
  if (!print) return;
  fmt::print("{} cases: {:.1f} s, set-up {:.1f}, {}\n", all.size(), together, setup, parts_of(r));
  fmt::print("largest estimates{}; {} models of single cases\n", estimates, own_models);
  fmt::print("together / case {} alone = {:.2f}; peak {:.2f} GB\n", chosen.front() + 1,
             together / alone, parallel::peak_memory_gb());
  fmt::print("{:>6} {:>10} {:>10} {:>10} {:>12}\n", "case", "largest", "at (eV)", "estimate",
             "unbounded");
  for (std::size_t c = 0; c < chosen.size(); ++c) {
    const Curve& f = curves[chosen[c]];
    const double most = *std::max_element(own[c].s.begin(), own[c].s.end());
    std::size_t worst = 0;
    int unbounded = 0;
    for (std::size_t e = 0; e < f.s.size(); ++e) {
      const double difference = std::abs(f.s[e] - own[c].s[e]) / most;
      if (difference > std::abs(f.s[worst] - own[c].s[worst]) / most) worst = e;
      if (difference > f.estimate[e] + own[c].estimate[e]) ++unbounded;
    }
    fmt::print("{:>6} {:>10.1e} {:>10.2f} {:>10.1e} {:>5} of {:>4}\n", chosen[c] + 1,
               std::abs(f.s[worst] - own[c].s[worst]) / most,
               all[chosen[c]].input.energy.grid_ev[worst],
               *std::max_element(f.estimate.begin(), f.estimate.end()), unbounded, f.s.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  return kedge::benchmark::run_main(
      argc, argv, 3, "parameter_family INPUT.ini SITE CASE[,CASE...] [section.key=value ...]", run);
}
