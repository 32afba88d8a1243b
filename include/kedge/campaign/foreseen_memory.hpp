// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include "kedge/io/input.hpp"

/// Memory of a solve, foreseen from radius and spacing alone: before a set-up that may take
/// minutes.
namespace kedge::campaign {

/// Nodes of the grid within the cluster radius; 0 for engine.kind = ms, which has no grid.
[[nodiscard]] double foreseen_nodes(const io::Input& input);

/// Memory of one solve [GB], over all its ranks: c n^(4/3) for n nodes, the growth of the factors
/// of a nested dissection in three dimensions. c is fitted to the forecasts of kedge check, which
/// it meets within 10 % from 100 000 to 500 000 nodes; at 30 000, where memory matters little, it
/// is up to 30 % low. 0 for engine.kind = ms: not foreseen.
[[nodiscard]] double foreseen_memory_gb(const io::Input& input);

/// Compares what the groups of ranks on each machine will hold with its memory.
/// @param[in] ranks_per_solve  ranks of a group
/// @throws Error{input} if it does not fit, with the number of ranks that would
/// @note Collective on world
void check_memory(MPI_Comm world, const io::Input& input, int ranks_per_solve);

}  // namespace kedge::campaign
