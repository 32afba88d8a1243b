// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "kedge/campaign/run_campaign.hpp"
#include "kedge/io/input.hpp"
#include "kedge/io/results_file.hpp"
#include "kedge/structure/structure.hpp"

namespace kedge::campaign {

/// An input with everything it names read and checked; all that a run or a check starts from.
///
/// Cases may differ in structure, and so in the places of the absorbers. An absorber is followed by
/// its atom number: it is the same atom in every case, wherever a swap or displacement puts it, and
/// it is absent from the cases whose vacancy takes it out. In a crystal whose symmetry an edit
/// lowers, the absorbers are those that are inequivalent in at least one case.
struct Calculation {
  io::Input input;
  structure::Structure structure;  ///< of the first case
  std::vector<int> sites;          ///< 0-based absorbers in the first structure file or frame
  std::vector<structure::Structure> structures;  ///< by CaseParameters::i_structure
  /// 0-based absorbers of each structure, in the order of `sites`; -1: absent.
  std::vector<std::vector<int>> sites_of_structure;
  io::ResultsHeader header;  ///< what the result file will say of it
};

/// Reads an input file, or a part of it, and its structure on rank 0 and makes the same Calculation
/// on all ranks.
/// @param part  empty: of an input without parts
/// @throws Error{input} for anything wrong in the input: keys, structure, absorber, atoms too
/// close in any case, a cluster radius that holds no neighbour, an edge without tabulated energy,
/// nothing above the cut, too many solves or grid points, and what check_atoms() finds
/// @note Collective on comm
[[nodiscard]] Calculation read_calculation(MPI_Comm comm, const std::filesystem::path& input_file,
                                           const std::vector<std::string>& overrides,
                                           const std::string& part = "");

/// Names of the parts of an input file, none where it is an input by itself. @note Collective on
/// comm
[[nodiscard]] std::vector<std::string> read_parts(MPI_Comm comm,
                                                  const std::filesystem::path& input_file);

/// Number of atoms within the cluster radius about each absorber of one case, itself included; 0
/// for an absent one.
/// @note Rank-local
[[nodiscard]] std::vector<int> cluster_sizes(const Calculation& calculation,
                                             std::size_t i_case = 0);

/// About the volume of the sphere that holds the cluster's atoms with their spheres, of each
/// absorber of one case [bohr^3]; 0 for an absent one.
/// @note Rank-local
[[nodiscard]] std::vector<double> grid_volumes(const Calculation& calculation, std::size_t i_case);

/// The case that takes most memory, of its input; which case it is if they differ in nothing that
/// counts does not matter.
[[nodiscard]] std::size_t largest_case(const Calculation& calculation);

/// How long one energy is foreseen to take, relative to the others, for the order of the work;
/// shape (case, site), 0 for an absent site. Finite differences: n^2 for the factors of n nodes and
/// n^(4/3) for each column of the border, some 9 of an atom and 300 of the outer sphere at 5
/// Angstrom, weighed as benchmarks/solve_cost measures them. Multiple scattering: the cube of the
/// number of atoms. @note Rank-local; the same on all ranks
[[nodiscard]] std::vector<double> solve_costs(const Calculation& calculation);

/// Solvers that are SiteCalculations on the structures of this calculation, which must outlive
/// them.
[[nodiscard]] SolverFactory site_calculations(const Calculation& calculation);

}  // namespace kedge::campaign
