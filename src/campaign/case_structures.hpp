// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "kedge/campaign/calculation.hpp"
#include "kedge/campaign/site_calculation.hpp"

namespace kedge::campaign {

/// A structure file as text, and the structures in it.
struct StructureFile {
  std::filesystem::path path;
  std::string text;
  std::vector<structure::Structure> frames;
};

/// Text of a file read on rank 0, on all ranks. @note Collective on comm
std::string read_once(MPI_Comm comm, const std::function<std::string()>& read);

/// The structure files of an input. structure.frame = all becomes the list of the frames there are.
/// @throws Error{input}   @note Collective on comm
std::vector<StructureFile> read_structures(MPI_Comm comm, io::Input& input);

/// Builds the structure of every case and finds its absorbers: fills in structure, sites,
/// structures and sites_of_structure.
/// @param all  cases(calculation.input)
/// @throws Error{input} naming the case   @note Rank-local
void build_structures(Calculation& calculation, const std::vector<StructureFile>& files,
                      const std::vector<CaseParameters>& all);

/// "case 3 (structure.swap = 1<->4)", for messages.
std::string describe(const CaseParameters& parameters, std::size_t i_case);

}  // namespace kedge::campaign
