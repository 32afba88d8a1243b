// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <string_view>

#include "drivers.hpp"
#include "kedge/campaign/calculation.hpp"
#include "kedge/campaign/stop_request.hpp"
#include "kedge/core/error.hpp"

namespace kedge::cli {

namespace {

/// The command line with one of its inputs, or one of their parts, at a time. @note Collective on
/// world
std::vector<CommandLine> one_by_one(MPI_Comm world, const CommandLine& line) {
  std::vector<std::filesystem::path> files = {line.file};
  files.insert(files.end(), line.more_files.begin(), line.more_files.end());
  std::vector<CommandLine> lines;
  for (const std::filesystem::path& file : files) {
    CommandLine one = line;
    one.file = file;
    std::vector<std::string> parts = {line.part};
    if (line.part.empty()) {
      if (auto found = campaign::read_parts(world, file); !found.empty()) parts = std::move(found);
    }
    for (std::string& part : parts) {
      one.part = std::move(part);
      lines.push_back(one);
    }
  }
  for (CommandLine& one : lines) one.one_of_several = lines.size() > 1;
  return lines;
}

/// A slip in the last input is found before the first is computed.
/// @throws Error{input} for a wrong input, or two that write one file   @note Collective on world
void check_all(MPI_Comm world, const std::vector<CommandLine>& lines) {
  std::map<std::filesystem::path, std::string> written_by;
  for (const CommandLine& line : lines) {
    try {
      const auto output = campaign::read_calculation(world, line.file, overrides(line), line.part)
                              .input.output.file;
      const auto [other, is_new] =
          written_by.emplace(std::filesystem::absolute(output).lexically_normal(), input_of(line));
      if (!is_new) {
        throw Error(
            ErrorKind::input,
            fmt::format("output.file = {} is that of '{}' too; wanted a file for each input",
                        output.string(), other->second));
      }
    } catch (Error& error) {
      error.add_context(fmt::format("input '{}'", input_of(line)));
      throw;
    }
  }
}

}  // namespace

std::string shell_word(const std::string& text) {
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_./=:,+@%-").find(c) != std::string_view::npos;
  });
  if (plain && !text.empty()) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string input_of(const CommandLine& line) {
  return line.file.string() + (line.part.empty() ? "" : " --part " + line.part);
}

std::string input_with_options(const CommandLine& line) {
  std::string out = shell_word(line.file.string());
  if (!line.part.empty()) out += " --part " + shell_word(line.part);
  for (const std::string& setting : line.settings) out += " --set " + shell_word(setting);
  if (!line.output.empty()) out += " --output " + shell_word(line.output.string());
  return out;
}

int drive_each(MPI_Comm world, const CommandLine& line, const Log& log, const Driver& drive) {
  const std::vector<CommandLine> lines = one_by_one(world, line);
  if (lines.size() == 1) return drive(world, lines.front(), log);
  check_all(world, lines);
  std::optional<campaign::StopRequest> stop;  // asked for while one input ends: for the next too
  if (line.command == Command::run) stop.emplace();
  std::exception_ptr failure;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    log.line(fmt::format("{}Input {} of {}: {}", i == 0 ? "" : "\n", i + 1, lines.size(),
                         input_of(lines[i])));
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
