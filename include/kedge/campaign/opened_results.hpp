// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kedge/io/input.hpp"
#include "kedge/io/results_file.hpp"
#include "kedge/spectrum/broadening.hpp"

namespace kedge::campaign {

/// A result file with what its spectra are broadened with: the start of everything that needs no
/// solve.
struct OpenedResults {
  std::filesystem::path file;
  io::Results results;
  spectrum::BroadeningSettings settings;
};

/// Reads a result file. The widths are those of its input, changed by the settings with which it
/// was broadened last, changed by `overrides` (section.key=value of [broadening]).
/// @throws Error{io} or Error{input}, see read_results and parse_input   @note Rank-local
[[nodiscard]] OpenedResults open_results(const std::filesystem::path& file,
                                         const std::vector<std::string>& overrides);

/// Index of a case given by its number from 1 on. @throws Error{input} if there is no such case
[[nodiscard]] std::size_t case_index(const io::ResultsHeader& header, int number);

}  // namespace kedge::campaign
