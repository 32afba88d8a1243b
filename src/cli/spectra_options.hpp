// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kedge/cli/command_line.hpp"
#include "kedge/core/log.hpp"
#include "kedge/io/results_file.hpp"
#include "kedge/measured/read_spectrum.hpp"
#include "kedge/spectrum/comparison.hpp"

/// Options of the commands that work on finished or measured spectra: one table declares them,
/// these functions take their texts apart. Every error names the option.
namespace kedge::cli {

struct SpectraOption {
  const char* name;
  const char* default_text;  ///< "" for none
  const char* meaning;
  bool is_flag = false;
};

/// Options of one command, in the order of its help.
[[nodiscard]] std::vector<SpectraOption> spectra_options(Command command);

/// True for commands that broaden raw spectra and take --set broadening.key=value.
[[nodiscard]] bool takes_broadening(Command command);

/// @throws Error{input} if a setting is none of [broadening]
void check_broadening_settings(const CommandLine& line);

[[nodiscard]] bool has(const CommandLine& line, const std::string& option);
/// For an option without which others would be ignored.
/// @throws Error{input} if one of these is given, its default apart, and `needed` is not there
void check_belongs(const CommandLine& line, const std::vector<std::string>& options,
                   const std::string& needed);
/// Text of an option, "" if absent.
[[nodiscard]] std::string text_of(const CommandLine& line, const std::string& option);
/// @throws Error{input} if it is no finite number
[[nodiscard]] std::optional<double> number_of(const CommandLine& line, const std::string& option);
/// "low:high" with low < high (or low <= high if `may_be_empty`).
[[nodiscard]] std::optional<spectrum::Window> window_of(const CommandLine& line,
                                                        const std::string& option,
                                                        bool may_be_empty = false);
/// "low:high,low:high,..."
[[nodiscard]] std::vector<spectrum::Window> windows_of(const CommandLine& line,
                                                       const std::string& option);
/// "1.5,2" or, with another separator, "1:0.5:3"
[[nodiscard]] std::vector<double> numbers_of(const CommandLine& line, const std::string& option,
                                             char separator);
/// "1,2,3", from 1 on
[[nodiscard]] std::vector<int> whole_numbers_of(const CommandLine& line, const std::string& option);
/// "xrs,xanes" taken apart at the commas
[[nodiscard]] std::vector<std::string> words_of(const CommandLine& line, const std::string& option);
/// "12=0.5,7=2" as pairs of numbers, in the order given
[[nodiscard]] std::vector<std::pair<double, double>> assignments_of(const CommandLine& line,
                                                                    const std::string& option);
/// --layout, --unit, --column, --error-column, --repeated
[[nodiscard]] measured::ReadOptions read_options(const CommandLine& line);

/// FILE without .h5 or .h5.part, in its folder, or --output (a folder: FILE's name in it): what
/// names of written files begin with.
/// @throws as check_folder()
[[nodiscard]] std::string output_stem(const CommandLine& line);
/// Before the work whose result goes there.
/// @throws Error{io} if the folder of the file is not there or cannot be written into
void check_folder(const std::filesystem::path& file);

/// Warns of the energies and sites that the spectra of a file lack: the first few, and how many
/// more.
void warn_of_gaps(const io::Results& results, const Log& log);

}  // namespace kedge::cli
