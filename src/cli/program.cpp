// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/cli/program.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include "drivers.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/core/version.hpp"
#include "kedge/io/hdf5.hpp"
#include "kedge/io/input.hpp"
#include "kedge/io/libraries.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/memory.hpp"
#include "kedge/parallel/runtime.hpp"

namespace kedge::cli {

namespace {

std::string version_text() {
  std::string text = fmt::format("kedge {} ({})\n", kVersion, kGitCommit);
  for (const auto& [name, version] : io::libraries()) {
    text += fmt::format("  {:<8} {}\n", name, version);
  }
  return text;
}

int dispatch(MPI_Comm world, const CommandLine& line, const Log& log) {
  switch (line.command) {
    case Command::run:
      return line.dry_run ? drive_check(world, line, log) : drive_each(world, line, log, drive_run);
    case Command::check:
      return drive_check(world, line, log);
    case Command::info:
      return drive_info(world, line, log);
    case Command::broaden:
      return drive_broaden(world, line, log);
    case Command::plot:
      return drive_plot(world, line, log);
    case Command::text_export:
      return drive_export(world, line, log);
    case Command::compare:
      return drive_compare(world, line, log);
    case Command::reduce:
      return drive_reduce(world, line, log);
    case Command::peaks:
      return drive_peaks(world, line, log);
    case Command::report:
      return drive_report(world, line, log);
    case Command::keys:
      log.line(io::manual());
      return 0;
    case Command::help:
      log.line(line.help);
      return 0;
    case Command::version:
      log.line(version_text());
      return 0;
  }
  return exit_code(ErrorKind::internal);
}

/// True if every rank comes here within the time: then all have failed, and with the same error.
/// @note Collective on comm, if all come
bool all_ranks_come(MPI_Comm comm, std::chrono::milliseconds limit) {
  MPI_Request request = MPI_REQUEST_NULL;
  if (MPI_Ibarrier(comm, &request) != MPI_SUCCESS) return false;
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    int here = 0;
    if (MPI_Test(&request, &here, MPI_STATUS_IGNORE) != MPI_SUCCESS) return false;
    if (here != 0) return true;
    if (std::chrono::steady_clock::now() - start > limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// One line on stderr, whatever a message quotes from a broken file.
void print(const Error& error) {
  constexpr std::size_t kLongest = 1500;  // bytes
  const std::string line = fmt::format("kedge: {}: {}", name(error.kind()), error.what());
  (void)std::fprintf(stderr, "%s\n", one_line(line, kLongest).c_str());
  (void)std::fflush(stderr);
}

/// Prints the error once and gives the exit code; ends the job if only some ranks failed, since the
/// others would wait for ever.
int fail(MPI_Comm failures, const Error& error) {
  const int code = exit_code(error.kind());
  const bool together = all_ranks_come(failures, std::chrono::seconds(2));
  if (!together || parallel::rank(failures) == 0) print(error);
  if (!together) (void)MPI_Abort(MPI_COMM_WORLD, code);
  return code;
}

}  // namespace

std::vector<std::string> overrides(const CommandLine& line) {
  std::vector<std::string> all = line.settings;
  if (!line.output.empty()) all.push_back("output.file=" + line.output.string());
  return all;
}

int run_program(int argc, char** argv) {
  parallel::use_large_pages(argv);
  try {
    io::hdf5::start();
    const parallel::Runtime runtime(argc, argv);
    const auto world = parallel::Communicator::duplicate(MPI_COMM_WORLD);
    // Of its own, so that a barrier of failing ranks meets no collective of the ranks that go on.
    const auto failures = parallel::Communicator::duplicate(MPI_COMM_WORLD);
    try {
      const Log log(parallel::rank(world.get()) == 0 ? stdout : nullptr);
      const int code = dispatch(world.get(), parse_command_line({argv + 1, argv + argc}), log);
      parallel::collectively(world.get(), "", [] {
        if (std::ferror(stdout) == 0) return;
        throw Error(ErrorKind::io,
                    "not all could be written to the standard output (is its disk full?); what "
                    "went to files is whole");
      });
      return code;
    } catch (const std::exception&) {
      return fail(failures.get(), current_error());
    }
  } catch (const std::exception&) {
    const Error error = current_error();
    print(error);
    return exit_code(error.kind());
  }
}

}  // namespace kedge::cli
