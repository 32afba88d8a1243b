// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kedge::cli {

enum class Command { run, check, info, broaden, plot, keys, help, version };

/// The command line, taken apart.
struct CommandLine {
  Command command = Command::help;
  std::filesystem::path file;         ///< INPUT or FILE.h5
  std::vector<std::string> settings;  ///< section.key=value of --set
  std::filesystem::path output;       ///< --output; empty: from the input
  bool resume = false;
  bool overwrite = false;
  bool dry_run = false;
  int plotted_case = 1;  ///< --case of plot, 1-based
  std::string help;      ///< text to print for Command::help
};

/// Takes the arguments apart (without the name of the program).
/// @throws Error{input} for an unknown command or option, a missing file name, or a command of a
/// later version
/// @note Rank-local
[[nodiscard]] CommandLine parse_command_line(const std::vector<std::string>& arguments);

}  // namespace kedge::cli
