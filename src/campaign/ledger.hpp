// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <string>
#include <vector>

#include "kedge/campaign/run_campaign.hpp"
#include "kedge/io/input.hpp"
#include "kedge/io/results_file.hpp"

namespace kedge::campaign {

/// What is in the file before this run computes anything.
struct Ledger {
  std::vector<io::Status> done;  ///< (case, site, energy)
  io::TimingsRecord timings;     ///< of the runs before
  std::string begun_by;          ///< commit of the kedge that began the file; on rank 0
};

/// Prepares FILE.h5.part for this run and tells what it holds already.
/// @param[out] goes_on  true if there is a file to go on with
/// @throws Error{input} if that is of another input or structure, Error{io} if it cannot be read or
/// a new one not written
/// @note Collective on world
[[nodiscard]] Ledger prepare_file(MPI_Comm world, const io::Input& input,
                                  const io::ResultsHeader& header, const CampaignOptions& options,
                                  bool& goes_on);

}  // namespace kedge::campaign
