// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/work_plan.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "kedge/campaign/site_family.hpp"

namespace kedge::campaign {

namespace {

std::size_t divide_up(std::size_t a, std::size_t b) {
  return (a + b - 1) / b;
}

/// Number of units per pair with the shortest foreseen time; see plan_work(). Fewer units win a
/// tie.
std::size_t best_split(std::size_t n_pairs, std::size_t n_energies, std::size_t n_groups) {
  constexpr std::size_t kSetup = 1;  // in energies: measured set-ups take 2-4 s, energies about 3 s
  std::size_t best = 1;
  std::size_t best_time = 0;
  for (std::size_t split = 1; split <= std::min(n_energies, 4 * n_groups); ++split) {
    const std::size_t rounds = divide_up(n_pairs * split, n_groups);
    const std::size_t time = rounds * (kSetup + divide_up(n_energies, split));
    if (split == 1 || time < best_time) {
      best = split;
      best_time = time;
    }
  }
  return best;
}

/// Foreseen time of a unit that solves so many energies.
double cost(const WorkUnit& unit, std::size_t n_energies, std::size_t n_sites,
            const std::vector<double>& solve_costs) {
  const double of_solve =
      solve_costs.empty() ? 1.0 : solve_costs[unit.i_case * n_sites + unit.i_site];
  return of_solve * static_cast<double>(1 + n_energies);
}

template <class Unit>
std::vector<Unit> largest_first(std::vector<Unit> units, const std::vector<double>& costs) {
  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Every rank sorts for itself, so equal costs must not change places.
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });
  std::vector<Unit> sorted;
  for (const std::size_t i : order) sorted.push_back(std::move(units[i]));
  return sorted;
}

}  // namespace

std::vector<WorkUnit> plan_work(const WorkShape& shape, const std::vector<io::Status>& done,
                                std::size_t n_groups, const std::vector<double>& solve_costs,
                                bool whole_spectra) {
  std::vector<WorkUnit> pairs;
  std::size_t longest = 0;
  for (std::size_t i_case = 0; i_case < shape.n_cases; ++i_case) {
    for (std::size_t i_site = 0; i_site < shape.n_sites; ++i_site) {
      WorkUnit pair{i_case, i_site, {}};
      for (std::size_t i = 0; i < shape.n_energies; ++i) {
        const std::size_t index = (i_case * shape.n_sites + i_site) * shape.n_energies + i;
        if (done[index] != io::Status::done && done[index] != io::Status::absent) {
          pair.energies.push_back(i);
        }
      }
      longest = std::max(longest, pair.energies.size());
      if (!pair.energies.empty()) pairs.push_back(std::move(pair));
    }
  }
  if (pairs.empty()) return {};

  const std::size_t split =
      whole_spectra ? 1 : best_split(pairs.size(), longest, std::max<std::size_t>(n_groups, 1));
  std::vector<WorkUnit> units;
  for (const WorkUnit& pair : pairs) {
    // Every split-th energy: the units of a pair then cost the same even if high energies take
    // longer.
    for (std::size_t first = 0; first < std::min(split, pair.energies.size()); ++first) {
      WorkUnit unit{pair.i_case, pair.i_site, {}};
      for (std::size_t i = first; i < pair.energies.size(); i += split) {
        unit.energies.push_back(pair.energies[i]);
      }
      units.push_back(std::move(unit));
    }
  }
  std::vector<double> costs;
  for (const WorkUnit& unit : units) {
    costs.push_back(cost(unit, unit.energies.size(), shape.n_sites, solve_costs));
  }
  return largest_first(std::move(units), costs);
}

std::vector<UnitFamily> join_families(std::vector<WorkUnit> units,
                                      const std::vector<std::size_t>& family,
                                      const WorkShape& shape,
                                      const std::vector<double>& solve_costs) {
  std::map<std::pair<std::size_t, std::size_t>, UnitFamily> joined;  // by family and site
  for (WorkUnit& unit : units) {
    joined[{family[unit.i_case], unit.i_site}].push_back(std::move(unit));
  }
  std::vector<UnitFamily> all;
  std::vector<double> costs;
  for (auto& entry : joined) {
    UnitFamily& one = entry.second;
    std::ranges::sort(one, {}, &WorkUnit::i_case);
    // The model is that of all energies of all cases of the family, whatever is left to do.
    const auto members = std::ranges::count(family, entry.first.first);
    costs.push_back(family_cost(static_cast<int>(members)) *
                    cost(one.front(), shape.n_energies, shape.n_sites, solve_costs));
    all.push_back(std::move(one));
  }
  return largest_first(std::move(all), costs);
}

}  // namespace kedge::campaign
