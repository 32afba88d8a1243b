// SPDX-License-Identifier: BSD-3-Clause
#include "compare_job.hpp"
#include "drivers.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

int drive_compare(MPI_Comm world, const CommandLine& line, const Log& log) {
  check_broadening_settings(line);
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    const CompareJob job = read_compare_job(line);
    for (const auto& opened : job.opened) warn_of_gaps(opened.results, log);
    if (job.mixture.empty()) {
      compare_cases(job, log);
    } else {
      compare_mixture(job, log);
    }
  });
  return 0;
}

}  // namespace kedge::cli
