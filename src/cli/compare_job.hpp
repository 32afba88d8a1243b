// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kedge/campaign/rank_cases.hpp"
#include "kedge/cli/command_line.hpp"
#include "kedge/core/log.hpp"
#include "kedge/report/fitted_cases.hpp"

/// Parts of kedge compare: what is compared, the ranking of cases, the mixture. Rank-local.
namespace kedge::cli {

/// What the command line of kedge compare names, read and checked.
struct CompareJob {
  std::vector<campaign::OpenedResults> opened;
  std::vector<std::string> own_keys;  ///< --own
  std::vector<campaign::MeasuredSpectrum> data;
  measured::FitSettings settings;
  campaign::SharedShift shared = campaign::SharedShift::file;
  std::string mixture;         ///< "", "sites" or "cases"
  std::vector<double> series;  ///< --series, one for each of data; empty: not given
  std::string series_name;
  std::size_t i_case = 0;
  std::string stem;  ///< what the names of written files begin with
};

/// @throws Error{input} for options that contradict each other or the files, Error{io} for files
/// that cannot be read
[[nodiscard]] CompareJob read_compare_job(const CommandLine& line);

/// A line for each measured spectrum: its points, and what was done to them.
[[nodiscard]] std::vector<std::string> about_data(const CompareJob& job);

/// Prints what is compared with what: files, widths, weights of sites, measured spectra.
void print_data(const CompareJob& job, const Log& log);

/// The result files in the form in which they are fitted; they refer to `job`.
[[nodiscard]] std::vector<campaign::ComparedFile> compared_files(const CompareJob& job);

/// Fits and ranks the cases, alone and, where they are numbers, interpolated.
[[nodiscard]] report::FittedCases fitted_cases(const CompareJob& job,
                                               std::vector<campaign::ComparedFile>& files);

/// Prints what fitted_cases() finds; writes table and figures.
void compare_cases(const CompareJob& job, const Log& log);

/// Fits the measured spectra as mixtures; writes table and figures.
void compare_mixture(const CompareJob& job, const Log& log);

/// "0.432 +- 0.011", or "0.432 held" for a number that was not fitted.
[[nodiscard]] std::string with_error(const measured::Estimate& estimate, int decimals);

/// Writes stem + end and tells it.
void save(const CompareJob& job, const std::string& end, const std::string& text, const Log& log);

}  // namespace kedge::cli
