// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "kedge/io/results_file.hpp"

namespace kedge::campaign {

/// Work that one group of ranks takes at a time: some energies of one site of one case. The set-up
/// of the site (atoms, potential, grid, symbolic factorisation) is paid once for each unit.
struct WorkUnit {
  std::size_t i_case = 0;
  std::size_t i_site = 0;
  std::vector<std::size_t> energies;  ///< indices, ascending
};

struct WorkShape {
  std::size_t n_cases = 0;
  std::size_t n_sites = 0;
  std::size_t n_energies = 0;
};

/// Cuts the energies that are not done into units for `n_groups` groups of ranks.
///
/// The energies of each (case, site) are dealt out to b units, where b makes the foreseen time of
/// the whole job shortest: ceil(pairs b / groups) rounds of (set-up + n/b energies), with a set-up
/// counted as long as one energy. Many pairs stay whole; one site on many ranks is split.
///
/// The units come largest first, the cost of one being (1 + its energies) times solve_costs: what
/// is taken last is then small, and the groups end at nearly the same time. Units of equal cost
/// stay in the order of cases and sites.
/// @param done  state of each energy, shape (case, site, energy); everything but Status::done and
/// Status::absent is planned
/// @param whole_spectra  never split a (case, site): its energies share one reduced model
/// @param solve_costs  foreseen time of one energy, shape (case, site), in any unit; empty: all
/// alike
/// @note Rank-local; the same on all ranks
[[nodiscard]] std::vector<WorkUnit> plan_work(const WorkShape& shape,
                                              const std::vector<io::Status>& done,
                                              std::size_t n_groups,
                                              const std::vector<double>& solve_costs = {},
                                              bool whole_spectra = false);

/// Units of one site whose cases are of one family, in the order of the cases: they are taken
/// together.
using UnitFamily = std::vector<WorkUnit>;

/// Puts the units of whole spectra together by site and family; the families come in the order of
/// their costs, largest first: that of one case with all its energies times family_cost(), since
/// the model is made whole whatever part of it is left to do.
/// @param family  of each case, as families() numbers them
/// @param solve_costs  as for plan_work()
/// @note Rank-local; the same on all ranks
[[nodiscard]] std::vector<UnitFamily> join_families(std::vector<WorkUnit> units,
                                                    const std::vector<std::size_t>& family,
                                                    const WorkShape& shape,
                                                    const std::vector<double>& solve_costs = {});

}  // namespace kedge::campaign
