// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/foreseen_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/parallel/check.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/memory.hpp"

namespace kedge::campaign {

namespace {

// What is left of the memory of a solve where the entries of its factor lie on a disk: 0.63 of 2 GB
// (crystal at 8 Angstrom), 0.77 of 0.44 GB (molecule at 5).
constexpr double kWithoutEntries = 0.7;

int ranks_of_this_machine(MPI_Comm world) {
  MPI_Comm machine = MPI_COMM_NULL;
  parallel::check_mpi(MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine));
  const int ranks = parallel::size(machine);
  parallel::check_mpi(MPI_Comm_free(&machine));
  return ranks;
}

}  // namespace

double foreseen_nodes(const io::Input& input) {
  if (input.engine.kind != "fdm") return 0.0;
  const double steps =
      std::max(input.structure.radius_angstrom, input.engine.outer_radius_angstrom) /
      input.engine.spacing_angstrom;
  return 4.0 / 3.0 * kPi * steps * steps * steps;
}

double foreseen_memory_gb(const io::Input& input) {
  double bytes = 330.0;
  if (input.engine.order == 6) bytes = 580.0;
  if (input.engine.order == 8) bytes = 900.0;
  if (!input.parallel.scratch.empty()) bytes *= kWithoutEntries;
  return 1e-9 * bytes * std::pow(foreseen_nodes(input), 4.0 / 3.0);
}

void check_memory(MPI_Comm world, const io::Input& input, int ranks_per_solve) {
  // The forecast is no exact one: what it puts a little above the memory may still fit.
  constexpr double kTolerance = 1.2;
  const double of_one_rank = foreseen_memory_gb(input) / ranks_per_solve;
  const int ranks = ranks_of_this_machine(world);
  const double found = parallel::machine_memory_gb();
  parallel::collectively(world, "", [&] {
    if (ranks * of_one_rank <= kTolerance * found) return;
    const int fitting = std::max(0, static_cast<int>(found / of_one_rank));
    throw Error(
        ErrorKind::input,
        fmt::format(
            "structure.radius = {:g} Angstrom with engine.spacing = {:g} Angstrom and order {} "
            "takes about {:.3g} "
            "GB for one solve, and {} rank{} here with {} for each solve about {:.3g} GB; this "
            "machine has {:.3g} GB; "
            "{}",
            input.structure.radius_angstrom, input.engine.spacing_angstrom, input.engine.order,
            foreseen_memory_gb(input), ranks, ranks == 1 ? "" : "s", ranks_per_solve,
            ranks * of_one_rank, found,
            fitting > 0
                ? fmt::format(
                      "start at most {} rank{} on each machine, or take a smaller radius or a "
                      "larger spacing",
                      fitting, fitting == 1 ? "" : "s")
                : "take a smaller radius or a larger spacing, or spread each solve over several "
                  "machines "
                  "with parallel.ranks_per_solve"));
  });
}

}  // namespace kedge::campaign
