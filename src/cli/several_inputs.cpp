// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>

#include "drivers.hpp"
#include "kedge/campaign/calculation.hpp"
#include "kedge/core/error.hpp"

namespace kedge::cli {

namespace {

/// The command line with one of its inputs at a time.
std::vector<CommandLine> one_by_one(const CommandLine& line) {
  std::vector<CommandLine> lines = {line};
  for (const std::string& file : line.more_files) {
    lines.push_back(line);
    lines.back().file = file;
  }
  return lines;
}

/// A slip in the last input is found before the first is computed.
/// @throws Error{input} for a wrong input, or two that write one file   @note Collective on world
void check_all(MPI_Comm world, const std::vector<CommandLine>& lines) {
  std::map<std::filesystem::path, std::filesystem::path> input_of;
  for (const CommandLine& line : lines) {
    try {
      const auto output =
          campaign::read_calculation(world, line.file, overrides(line)).input.output.file;
      const auto [other, is_new] =
          input_of.emplace(std::filesystem::absolute(output).lexically_normal(), line.file);
      if (!is_new) {
        throw Error(
            ErrorKind::input,
            fmt::format("output.file = {} is that of '{}' too; wanted a file for each input",
                        output.string(), other->second.string()));
      }
    } catch (Error& error) {
      error.add_context(fmt::format("input '{}'", line.file.string()));
      throw;
    }
  }
}

}  // namespace

int drive_each(MPI_Comm world, const CommandLine& line, const Log& log, const Driver& drive) {
  const std::vector<CommandLine> lines = one_by_one(line);
  if (lines.size() == 1) return drive(world, line, log);
  check_all(world, lines);
  std::exception_ptr failure;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    log.line(fmt::format("{}Input {} of {}: {}", i == 0 ? "" : "\n", i + 1, lines.size(),
                         lines[i].file.string()));
    try {
      (void)drive(world, lines[i], log);
    } catch (Error& error) {
      if (error.kind() != ErrorKind::numerical) throw;
      // Some energies failed; the other inputs have nothing to do with them.
      log.warning(error.what());
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
  return 0;
}

}  // namespace kedge::cli
