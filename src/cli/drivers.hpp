// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include "kedge/cli/command_line.hpp"
#include "kedge/core/log.hpp"

/// One driver for each command. All are collective on world, return the exit code of the program,
/// and throw the same Error on all ranks. The log is active on rank 0.
namespace kedge::cli {

[[nodiscard]] int drive_run(MPI_Comm world, const CommandLine& line, const Log& log);
[[nodiscard]] int drive_check(MPI_Comm world, const CommandLine& line, const Log& log);
[[nodiscard]] int drive_info(MPI_Comm world, const CommandLine& line, const Log& log);
[[nodiscard]] int drive_broaden(MPI_Comm world, const CommandLine& line, const Log& log);
[[nodiscard]] int drive_plot(MPI_Comm world, const CommandLine& line, const Log& log);
[[nodiscard]] int drive_export(MPI_Comm world, const CommandLine& line, const Log& log);
[[nodiscard]] int drive_compare(MPI_Comm world, const CommandLine& line, const Log& log);
[[nodiscard]] int drive_reduce(MPI_Comm world, const CommandLine& line, const Log& log);
[[nodiscard]] int drive_peaks(MPI_Comm world, const CommandLine& line, const Log& log);
[[nodiscard]] int drive_report(MPI_Comm world, const CommandLine& line, const Log& log);

/// Overrides of --set with --output as the last of them.
[[nodiscard]] std::vector<std::string> overrides(const CommandLine& line);

}  // namespace kedge::cli
