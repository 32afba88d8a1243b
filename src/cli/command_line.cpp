// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/cli/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <sstream>

#include "kedge/core/error.hpp"

namespace kedge::cli {

namespace {

namespace options = boost::program_options;

/// One command: what it takes and what it does. Commands of a later version have no `command` of
/// their own.
struct Entry {
  const char* name;
  const char* operand;
  const char* meaning;
  Command command;
  bool available;
};

constexpr Entry kCommands[] = {
    {"run", "INPUT", "compute the spectra of an input file", Command::run, true},
    {"check", "INPUT", "validate everything; cases, sites, memory and time foreseen",
     Command::check, true},
    {"info", "FILE.h5", "what a result file holds, what is done, what is missing", Command::info,
     true},
    {"broaden", "FILE.h5", "broaden and sum the raw spectra again, no new solve", Command::broaden,
     true},
    {"plot", "FILE.h5", "figures (SVG) next to the file", Command::plot, true},
    {"keys", "", "manual of every input key", Command::keys, true},
    {"compare", "FILE.h5 DATA", "rank cases against a measured spectrum", Command::help, false},
    {"report", "FILE.h5", "one self-contained HTML page", Command::help, false},
    {"export", "FILE.h5", "text columns, XDI", Command::help, false},
    {"reduce", "DATA", "measured x-ray Raman data to a normalised spectrum", Command::help, false},
};

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorKind::input, message + "; see kedge --help");
}

const Entry* find(const std::string& name) {
  const auto* entry = std::find_if(std::begin(kCommands), std::end(kCommands),
                                   [&](const Entry& known) { return known.name == name; });
  return entry == std::end(kCommands) ? nullptr : entry;
}

options::options_description options_of(Command command) {
  options::options_description known("Options");
  auto add = known.add_options();
  add("help", "this text");
  if (command == Command::run || command == Command::check || command == Command::broaden) {
    add("set", options::value<std::vector<std::string>>(),
        "section.key=value: change one key of the input, may be repeated");
  }
  if (command == Command::run || command == Command::check) {
    add("output", options::value<std::string>(), "result file, instead of output.file");
  }
  if (command == Command::plot) {
    add("case", options::value<int>()->default_value(1),
        "number of the case in the figures of sites and angular momenta");
  }
  if (command == Command::run) {
    add("resume", "go on with FILE.h5.part, or with the failed energies of FILE.h5");
    add("overwrite", "replace an existing result file");
    add("dry-run", "only check, as kedge check");
  }
  return known;
}

std::string general_help() {
  std::string text =
      "kedge: x-ray Raman and absorption near-edge spectra by finite differences\n\n"
      "Usage: kedge COMMAND [options], or mpirun -np N kedge run INPUT\n\n";
  for (const Entry& entry : kCommands) {
    text += fmt::format("  kedge {:<20} {}{}\n", fmt::format("{} {}", entry.name, entry.operand),
                        entry.meaning, entry.available ? "" : " (not available yet)");
  }
  return text +
         "\nkedge COMMAND --help lists the options of a command; kedge --version tells the "
         "version.\n"
         "Exit codes: 0 done; 2 input error; 3 file or disk; 4 numerical failure; 5 library or "
         "MPI;\n"
         "6 internal error; 75 stopped on request, resume to go on.\n";
}

std::string help_of(const Entry& entry) {
  std::ostringstream text;
  text << fmt::format("Usage: kedge {} {} [options]\n{}\n\n", entry.name, entry.operand,
                      entry.meaning)
       << options_of(entry.command);
  return text.str();
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  if (arguments.empty()) refuse("no command");
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    line.help = general_help();
    return line;
  }
  if (name == "--version" || name == "version") {
    line.command = Command::version;
    return line;
  }
  const Entry* entry = find(name);
  if (entry == nullptr) refuse(fmt::format("unknown command '{}'", name));
  if (!entry->available) {
    refuse(fmt::format("the command '{}' is not available yet in this version", name));
  }
  options::options_description known = options_of(entry->command);
  known.add_options()("file", options::value<std::vector<std::string>>());
  known.add_options()("version", "");
  options::positional_options_description positional;
  positional.add("file", -1);
  options::variables_map given;
  try {
    using namespace options::command_line_style;
    const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
    options::store(options::command_line_parser(rest)
                       .options(known)
                       .positional(positional)
                       .style(unix_style & ~allow_guessing)
                       .run(),
                   given);
  } catch (const options::error& error) {
    refuse(fmt::format("kedge {}: {}", name, error.what()));
  }
  if (given.count("help") > 0) {
    line.help = help_of(*entry);
    return line;
  }
  if (given.count("version") > 0) {
    line.command = Command::version;
    return line;
  }
  line.command = entry->command;
  const auto files = given.count("file") > 0 ? given["file"].as<std::vector<std::string>>()
                                             : std::vector<std::string>();
  const std::size_t wanted = entry->operand[0] == '\0' ? 0 : 1;
  if (files.size() != wanted) {
    refuse(wanted == 0 ? fmt::format("kedge {} takes no file", name)
                       : fmt::format("kedge {} takes one file ({}), found {}", name, entry->operand,
                                     files.size()));
  }
  if (wanted == 1) line.file = files.front();
  if (given.count("set") > 0) line.settings = given["set"].as<std::vector<std::string>>();
  if (given.count("output") > 0) {
    line.output = given["output"].as<std::string>();
    if (line.output.empty()) refuse("--output wants the name of a file, found none");
  }
  if (given.count("case") > 0) line.plotted_case = given["case"].as<int>();
  line.resume = given.count("resume") > 0;
  line.overwrite = given.count("overwrite") > 0;
  line.dry_run = given.count("dry-run") > 0;
  if (line.resume && line.overwrite) refuse("--resume and --overwrite exclude each other");
  return line;
}

}  // namespace kedge::cli
