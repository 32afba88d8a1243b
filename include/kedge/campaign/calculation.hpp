// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <filesystem>
#include <string>
#include <vector>

#include "kedge/campaign/run_campaign.hpp"
#include "kedge/io/input.hpp"
#include "kedge/io/results_file.hpp"
#include "kedge/structure/structure.hpp"

namespace kedge::campaign {

/// An input with everything it names read and checked; all that a run or a check starts from.
struct Calculation {
  io::Input input;
  structure::Structure structure;
  std::vector<int> sites;    ///< 0-based absorbers
  io::ResultsHeader header;  ///< what the result file will say of it
};

/// Reads an input file and its structure on rank 0 and makes the same Calculation on all ranks.
/// @throws Error{input} for anything wrong in the input: keys, structure, absorber, atoms too
/// close, a cluster radius that holds no neighbour, an edge without tabulated energy, nothing above
/// the cut, too many solves or grid points, and what check_atoms() finds
/// @note Collective on comm
[[nodiscard]] Calculation read_calculation(MPI_Comm comm, const std::filesystem::path& input_file,
                                           const std::vector<std::string>& overrides);

/// Number of atoms within the cluster radius about each absorber, itself included. @note Rank-local
[[nodiscard]] std::vector<int> cluster_sizes(const Calculation& calculation);

/// Solvers that are SiteCalculations on this structure, which must outlive them.
[[nodiscard]] SolverFactory site_calculations(const structure::Structure& structure);

}  // namespace kedge::campaign
