// SPDX-License-Identifier: BSD-3-Clause
#include "spectra_options.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <system_error>

#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"

namespace kedge::cli {

namespace {

[[noreturn]] void refuse(const std::string& option, const std::string& text,
                         const std::string& wanted) {
  throw Error(ErrorKind::input, fmt::format("--{} {}: wanted {}", option, text, wanted));
}

std::optional<double> number(const std::string& text) {
  double value = 0.0;
  const char* begin = text.c_str() + (text[0] == '+' ? 1 : 0);
  const auto [end, code] = std::from_chars(begin, text.c_str() + text.size(), value);
  if (code != std::errc() || *end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::vector<std::string> parts(const std::string& text, char separator) {
  std::vector<std::string> result(1);
  for (const char c : text) {
    if (c == separator) {
      result.emplace_back();
    } else if (c != ' ') {
      result.back() += c;
    }
  }
  return result;
}

spectrum::Window window(const std::string& option, const std::string& text, bool may_be_empty) {
  const auto ends = parts(text, ':');
  const auto low = ends.size() == 2 ? number(ends[0]) : std::nullopt;
  const auto high = ends.size() == 2 ? number(ends[1]) : std::nullopt;
  if (!low || !high || *low > *high || (*low == *high && !may_be_empty)) {
    refuse(option, text, "low:high with low < high, in eV");
  }
  return {*low, *high};
}

const std::vector<SpectraOption> kReading = {
    {"layout", "single", "columns of DATA: single, counts, interleaved or blocked"},
    {"unit", "auto", "of the energies of DATA: eV, keV, or auto (the header, else eV)"},
    {"column", "", "number of the intensity column, if not 2"},
    {"error-column", "", "number of the error column, if not 3 of 3"},
    {"repeated", "refuse", "energies that stand twice: refuse or average"},
};

const std::vector<SpectraOption> kFitting = {
    {"window", "", "energies compared, low:high [eV of DATA]; one for all DATA or one for each"},
    {"shift", "-5:5", "shifts of the computed axis, low:high [eV]"},
    {"width", "", "fit the width of one more Gaussian", true},
    {"background", "none",
     "fitted under the spectrum: none, constant, linear, "
     "quadratic, cubic"},
    {"q", "1", "number of the momentum transfer of each DATA: 1 or 1,2,..."},
    {"kind", "xrs", "what each DATA is: xrs (x-ray Raman) or xanes (absorption), or xrs,xanes,..."},
};

const SpectraOption kDraw = {
    "draw", "",
    "cases in the figures of several cases: numbers 1,2,... or all, instead of 40 at most"};

}  // namespace

std::vector<SpectraOption> spectra_options(Command command) {
  std::vector<SpectraOption> options;
  switch (command) {
    case Command::broaden:
      options = {
          {"site-weight", "",
           "weights of sites in the sum, ATOM=WEIGHT,... (numbers of atoms as in kedge info)"},
          {"site-shift", "", "shifts of sites on the loss axis, ATOM=EV,..."},
          {"site-table", "", "file with lines: atom, weight, shift [eV]"}};
      break;
    case Command::text_export:
      options = {{"format", "columns", "columns, xdi or both"},
                 {"output", "",
                  "what the names of the files begin with, instead of FILE, or their folder"},
                 {"raw", "", "the spectra before broadening as well", true}};
      break;
    case Command::compare:
      options = kFitting;
      options.insert(
          options.end(),
          {{"shared-shift", "file",
            "measured spectra that have one shift: all, those of one file, or spectrum (none)"},
           {"own", "", "swept keys that are not common to the result files, KEY,..."},
           {"mixture", "", "non-negative weights instead of single cases: sites or cases"},
           {"series", "",
            "what the mixtures are drawn and listed against, a number for each measured "
            "spectrum: 0,0.5,2"},
           {"series-name", "series", "name of these numbers: \"milling time (h)\""},
           {"output", "",
            "what the names of the files begin with, instead of FILE, or their folder"}});
      options.insert(options.end(), kReading.begin(), kReading.end());
      break;
    case Command::reduce:
      options = {
          {"axis", "loss", "energies of DATA: loss, or incident at fixed analysers"},
          {"elastic", "",
           "scan over the elastic line, columns as in DATA, or energies of the line "
           "for each analyser: 9690.1,9690.3 [eV]"},
          {"analyser-energy", "",
           "of the scattered beam, for w2/w1 and q, if no elastic line tells "
           "it [eV]"},
          {"angle", "", "between the beams, for q [degrees]"},
          {"average", "", "all DATA are one measurement: average them", true},
          {"rebin", "", "first:step:last of the loss axis [eV]"},
          {"background", "linear",
           "none, constant, linear, polynomial2 to polynomial6, pearson7, compton:FORMULA (of free "
           "atoms), or a file with its curve"},
          {"background-window", "", "where it is fitted: low:high,low:high,... [eV]"},
          {"normalise", "area", "area, step or none"},
          {"window", "", "where it is normalised: low:high [eV]"},
          {"subtract", "", "measured file whose reduced spectrum is taken off"},
          {"output", "",
           "what the names of the files begin with, instead of DATA, or their folder"},
          {"recipe", "", "file with lines option = value, the same as above without dashes"}};
      options.insert(options.end(), kReading.begin(), kReading.end());
      break;
    case Command::peaks:
      options = {{"to", "", "element or atom number the distance is measured to"},
                 {"prominence", "0.05", "smallest peak, as a part of the largest height"},
                 {"output", "",
                  "what the names of the files begin with, instead of FILE, or their folder"}};
      break;
    case Command::plot:
      options = {kDraw,
                 {"output", "",
                  "what the names of the files begin with, instead of FILE, or their folder"}};
      break;
    case Command::report:
      options = {kDraw,
                 {"data", "", "measured spectra DATA[,DATA...] that the cases are fitted to"},
                 {"output", "", "HTML file, instead of FILE.html"}};
      options.insert(options.end(), kFitting.begin(), kFitting.end());
      options.insert(options.end(), kReading.begin(), kReading.end());
      break;
    default:
      break;
  }
  return options;
}

bool takes_broadening(Command command) {
  return command == Command::broaden || command == Command::compare ||
         command == Command::text_export || command == Command::peaks;
}

void check_broadening_settings(const CommandLine& line) {
  for (const std::string& setting : line.settings) {
    if (setting.rfind("broadening.", 0) == 0) continue;
    throw Error(
        ErrorKind::input,
        fmt::format("--set {}: only keys of [broadening] can change without a new solve", setting));
  }
}

bool has(const CommandLine& line, const std::string& option) {
  return line.options.count(option) > 0;
}

void check_belongs(const CommandLine& line, const std::vector<std::string>& options,
                   const std::string& needed) {
  if (has(line, needed)) return;
  for (const std::string& option : options) {
    if (line.given.count(option) == 0) continue;
    throw Error(ErrorKind::input,
                fmt::format("--{} belongs to --{}, which is not given", option, needed));
  }
}

std::string text_of(const CommandLine& line, const std::string& option) {
  const auto found = line.options.find(option);
  return found == line.options.end() ? "" : found->second;
}

std::optional<double> number_of(const CommandLine& line, const std::string& option) {
  if (!has(line, option)) return std::nullopt;
  const std::string text = text_of(line, option);
  const auto value = number(text);
  if (!value) refuse(option, text, "a number");
  return value;
}

std::optional<spectrum::Window> window_of(const CommandLine& line, const std::string& option,
                                          bool may_be_empty) {
  if (!has(line, option)) return std::nullopt;
  return window(option, text_of(line, option), may_be_empty);
}

std::vector<spectrum::Window> windows_of(const CommandLine& line, const std::string& option) {
  std::vector<spectrum::Window> windows;
  if (!has(line, option)) return windows;
  for (const std::string& part : parts(text_of(line, option), ',')) {
    windows.push_back(window(option, part, false));
  }
  return windows;
}

std::vector<double> numbers_of(const CommandLine& line, const std::string& option, char separator) {
  std::vector<double> numbers;
  const std::string text = text_of(line, option);
  for (const std::string& part : parts(text, separator)) {
    const auto value = number(part);
    if (!value) refuse(option, text, fmt::format("numbers separated by '{}'", separator));
    numbers.push_back(*value);
  }
  return numbers;
}

std::vector<int> whole_numbers_of(const CommandLine& line, const std::string& option) {
  std::vector<int> numbers;
  const std::string text = text_of(line, option);
  for (const std::string& part : parts(text, ',')) {
    const auto value = number(part);
    if (!value || *value != std::floor(*value) || *value < 1.0 || *value > 1e6) {
      refuse(option, text, "whole numbers from 1 on, separated by commas");
    }
    numbers.push_back(static_cast<int>(*value));
  }
  return numbers;
}

std::vector<std::string> words_of(const CommandLine& line, const std::string& option) {
  return parts(text_of(line, option), ',');
}

std::vector<std::pair<double, double>> assignments_of(const CommandLine& line,
                                                      const std::string& option) {
  std::vector<std::pair<double, double>> pairs;
  const std::string text = text_of(line, option);
  for (const std::string& part : parts(text, ',')) {
    const auto sides = parts(part, '=');
    const auto left = sides.size() == 2 ? number(sides[0]) : std::nullopt;
    const auto right = sides.size() == 2 ? number(sides[1]) : std::nullopt;
    if (!left || !right) refuse(option, text, "ATOM=NUMBER, several separated by commas");
    pairs.emplace_back(*left, *right);
  }
  return pairs;
}

measured::ReadOptions read_options(const CommandLine& line) {
  measured::ReadOptions options;
  options.layout = measured::layout(text_of(line, "layout"));
  options.unit = text_of(line, "unit");
  if (has(line, "column")) options.intensity_column = whole_numbers_of(line, "column").front();
  if (has(line, "error-column")) {
    options.error_column = whole_numbers_of(line, "error-column").front();
  }
  if (options.layout != measured::Layout::single) {
    for (const char* option : {"column", "error-column"}) {
      if (!has(line, option)) continue;
      throw Error(ErrorKind::input,
                  fmt::format("--{} belongs to --layout single; --layout {} takes all columns",
                              option, text_of(line, "layout")));
    }
  }
  const std::string repeated = text_of(line, "repeated");
  if (repeated != "refuse" && repeated != "average") {
    refuse("repeated", repeated, "refuse or average");
  }
  options.average_repeated = repeated == "average";
  return options;
}

std::string output_stem(const CommandLine& line) {
  std::filesystem::path name = line.file.stem();  // of FILE.h5 and of FILE.h5.part alike
  if (name.extension() == ".h5") name = name.stem();
  std::error_code ignored;
  if (has(line, "output")) {
    std::filesystem::path output = text_of(line, "output");
    if (output.empty()) refuse("output", "\"\"", "a name");
    if (std::filesystem::is_directory(output, ignored)) output /= name;
    check_folder(output);
    return output.string();
  }
  if (std::filesystem::exists(line.file, ignored)) {
    check_folder(line.file);  // else opening it tells more
  }
  return (line.file.parent_path() / name).string();
}

void check_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    throw Error(ErrorKind::io, fmt::format("cannot write '{}': there is no folder '{}'",
                                           file.string(), folder.string()));
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    throw Error(ErrorKind::io,
                fmt::format("cannot write into folder '{}': {}; --output names another place",
                            folder.string(), std::generic_category().message(errno)));
  }
}

void warn_of_gaps(const io::Results& results, const Log& log) {
  constexpr std::size_t kMost = 5;
  const std::vector<std::string> notes = campaign::notes_on_gaps(results);
  for (std::size_t i = 0; i < std::min(kMost, notes.size()); ++i) log.warning(notes[i]);
  if (notes.size() > kMost) {
    log.warning(fmt::format("{} more sites like these; kedge info tells all of them",
                            notes.size() - kMost));
  }
}

}  // namespace kedge::cli
