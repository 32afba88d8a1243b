// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <functional>
#include <string>
#include <vector>

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

using Driver = std::function<int(MPI_Comm world, const CommandLine& line, const Log& log)>;

/// Runs the driver for each input of the command line, and each part of those that have parts, one
/// after the other; all are read and checked before. An input whose energies failed lets the others
/// go on, and its error is thrown at the end.
/// @throws Error{input} if two inputs have the same output file
[[nodiscard]] int drive_each(MPI_Comm world, const CommandLine& line, const Log& log,
                             const Driver& drive);

/// The input of a command line that has one, as it is given again: "FILE", "FILE --part C".
[[nodiscard]] std::string input_of(const CommandLine& line);

/// In quotes where a shell would not take it as it is.
[[nodiscard]] std::string shell_word(const std::string& text);

/// The same with --set and --output as they were given, for a shell.
[[nodiscard]] std::string input_with_options(const CommandLine& line);

/// Overrides of --set with --output as the last of them.
[[nodiscard]] std::vector<std::string> overrides(const CommandLine& line);

}  // namespace kedge::cli
