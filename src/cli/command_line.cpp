// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/cli/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <sstream>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/core/text_file.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

namespace {

namespace options = boost::program_options;

constexpr int kMany = -1;

/// One command: what it takes and what it does.
struct Entry {
  const char* name;
  const char* operand;
  const char* meaning;
  Command command;
  int files;  ///< number of files it takes, kMany for one or more
};

constexpr Entry kCommands[] = {
    {"run", "INPUT...", "compute the spectra of input files", Command::run, kMany},
    {"check", "INPUT...", "validate everything; cases, sites, memory and time foreseen",
     Command::check, kMany},
    {"info", "FILE.h5", "what a result file holds, what is done, what is missing", Command::info,
     1},
    {"broaden", "FILE.h5", "broaden and sum the raw spectra again, no new solve", Command::broaden,
     1},
    {"plot", "FILE.h5", "figures (SVG) next to the file", Command::plot, 1},
    {"peaks", "FILE.h5", "peaks of each site against the distance to other atoms", Command::peaks,
     1},
    {"export", "FILE.h5", "text columns, XDI", Command::text_export, 1},
    {"compare", "FILE.h5 DATA... [FILE.h5 DATA...]", "fit and rank cases against measured spectra",
     Command::compare, kMany},
    {"reduce", "DATA...", "measured x-ray Raman data to a normalised spectrum", Command::reduce,
     kMany},
    {"report", "FILE.h5", "one self-contained HTML page", Command::report, 1},
    {"keys", "", "manual of every input key", Command::keys, 0},
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
  if (command == Command::run || command == Command::check || takes_broadening(command)) {
    add("set", options::value<std::vector<std::string>>(),
        takes_broadening(command)
            ? "broadening.key=value: other widths than those of the input, may be repeated"
            : "section.key=value: change one key of the input, may be repeated");
  }
  if (command == Command::run || command == Command::check) {
    add("output", options::value<std::string>(), "result file, instead of output.file");
    add("part", options::value<std::string>(), "this part of an input that has several");
  }
  if (command == Command::plot || command == Command::report || command == Command::peaks ||
      command == Command::compare) {
    add("case", options::value<int>()->default_value(1),
        "number of the case wherever single sites or angular momenta are shown");
  }
  for (const SpectraOption& option : spectra_options(command)) {
    if (option.is_flag) {
      add(option.name, option.meaning);
    } else if (option.default_text[0] == '\0') {
      add(option.name, options::value<std::string>(), option.meaning);
    } else {
      add(option.name, options::value<std::string>()->default_value(option.default_text),
          option.meaning);
    }
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
    text += fmt::format("  kedge {:<23} {}\n", fmt::format("{} {}", entry.name, entry.operand),
                        entry.meaning);
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

/// @throws Error{input} for options that the command does not have, or a recipe that cannot be read
options::variables_map read_options(const Entry& entry, const std::vector<std::string>& rest) {
  options::options_description known = options_of(entry.command);
  known.add_options()("file", options::value<std::vector<std::string>>());
  known.add_options()("version", "");
  options::positional_options_description positional;
  positional.add("file", -1);
  options::variables_map given;
  try {
    using namespace options::command_line_style;
    options::store(options::command_line_parser(rest)
                       .options(known)
                       .positional(positional)
                       .style(unix_style & ~allow_guessing)
                       .run(),
                   given);
    if (given.count("recipe") > 0) {
      const std::string recipe = given["recipe"].as<std::string>();
      std::string text = read_text_file(recipe, "recipe");
      if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
      std::istringstream stream(text);
      // What the command line gave stays: only what is not there yet is stored.
      options::store(options::parse_config_file(stream, known), given);
    }
  } catch (const options::error& error) {
    refuse(fmt::format("kedge {}: {}", entry.name, error.what()));
  }
  return given;
}

/// The files of a command line. @throws Error{input} if it has fewer or more than the command takes
std::vector<std::string> files_of(const Entry& entry, const options::variables_map& given) {
  auto files = given.count("file") > 0 ? given["file"].as<std::vector<std::string>>()
                                       : std::vector<std::string>();
  const auto fewest = static_cast<std::size_t>(entry.command == Command::compare ? 2
                                               : entry.files == kMany            ? 1
                                                                                 : entry.files);
  if (files.size() < fewest || (entry.files != kMany && files.size() > fewest)) {
    refuse(fewest == 0 ? fmt::format("kedge {} takes no file", entry.name)
           : entry.files == kMany
               ? fmt::format("kedge {} takes {}, found {} file{}", entry.name, entry.operand,
                             files.size(), files.size() == 1 ? "" : "s")
               : fmt::format("kedge {} takes one file ({}), found {}", entry.name, entry.operand,
                             files.size()));
  }
  return files;
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
  const options::variables_map given =
      read_options(*entry, {arguments.begin() + 1, arguments.end()});
  if (given.count("help") > 0) {
    line.help = help_of(*entry);
    return line;
  }
  if (given.count("version") > 0) {
    line.command = Command::version;
    return line;
  }
  line.command = entry->command;
  const std::vector<std::string> files = files_of(*entry, given);
  if (!files.empty()) {
    line.file = files.front();
    line.more_files.assign(files.begin() + 1, files.end());
  }
  for (const SpectraOption& option : spectra_options(line.command)) {
    if (given.count(option.name) == 0) continue;
    line.options[option.name] = option.is_flag ? "yes" : given[option.name].as<std::string>();
    if (!given[option.name].defaulted()) line.given.insert(option.name);
  }
  if (given.count("set") > 0) line.settings = given["set"].as<std::vector<std::string>>();
  if (given.count("output") > 0 && line.options.count("output") == 0) {
    line.output = given["output"].as<std::string>();
    if (line.output.empty()) refuse("--output wants the name of a file, found none");
    const bool has_inputs = line.command == Command::run || line.command == Command::check;
    if (has_inputs && !line.more_files.empty()) {
      refuse(
          fmt::format("--output names one file, found {} inputs; set output.file in each of them",
                      files.size()));
    }
  }
  if (given.count("part") > 0) {
    line.part = given["part"].as<std::string>();
    if (line.part.empty()) refuse("--part wants the name of a part, found none");
  }
  if (given.count("case") > 0) line.plotted_case = given["case"].as<int>();
  line.resume = given.count("resume") > 0;
  line.overwrite = given.count("overwrite") > 0;
  line.dry_run = given.count("dry-run") > 0;
  if (line.resume && line.overwrite) refuse("--resume and --overwrite exclude each other");
  return line;
}

}  // namespace kedge::cli
