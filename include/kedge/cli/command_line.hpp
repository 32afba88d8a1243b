// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace kedge::cli {

enum class Command {
  run,
  check,
  info,
  broaden,
  plot,
  peaks,
  report,
  text_export,
  compare,
  reduce,
  keys,
  help,
  version
};

/// The command line, taken apart.
struct CommandLine {
  Command command = Command::help;
  std::filesystem::path file;  ///< INPUT, FILE.h5, or the first of several inputs or measured files
  std::vector<std::string> more_files;  ///< inputs or measured files after `file`
  std::string part;                     ///< --part: of the inputs; empty: all
  std::vector<std::string> settings;    ///< section.key=value of --set
  std::filesystem::path output;         ///< --output; empty: from the input
  bool one_of_several = false;          ///< inputs of the command: each is run by itself
  bool resume = false;
  bool overwrite = false;
  bool dry_run = false;
  int plotted_case = 1;  ///< --case, 1-based
  /// Options of the commands that work on spectra, as written: "window" -> "186:205". An option
  /// that was not given has its default, or is absent if it has none; a flag is "yes".
  std::map<std::string, std::string> options;
  std::set<std::string> given;  ///< those of `options` that do not merely have their default
  std::string help;             ///< text to print for Command::help
};

/// Takes the arguments apart (without the name of the program).
/// @throws Error{input} for an unknown command or option, a missing file name, or a command of a
/// later version
/// @note Rank-local
[[nodiscard]] CommandLine parse_command_line(const std::vector<std::string>& arguments);

}  // namespace kedge::cli
