// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <optional>

#include "cases_to_draw.hpp"
#include "compare_job.hpp"
#include "drivers.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/text_columns.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/report/page.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

namespace {

/// Names of --data, which may have blanks in them.
std::vector<std::string> data_files(const CommandLine& line) {
  std::vector<std::string> files(1);
  for (const char c : text_of(line, "data")) {
    if (c == ',') {
      files.emplace_back();
    } else {
      files.back() += c;
    }
  }
  for (const std::string& file : files) {
    if (!io::is_results(file)) continue;
    throw Error(ErrorKind::input,
                fmt::format("--data {0}: a result file, wanted a measured spectrum "
                            "({0}:/entry/data for the spectrum inside)",
                            file));
  }
  return files;
}

/// Every other option of the report is about measured data.
std::vector<std::string> options_of_data() {
  std::vector<std::string> names;
  for (const SpectraOption& option : spectra_options(Command::report)) {
    const std::string name = option.name;
    if (name != "output" && name != "data" && name != "draw") names.push_back(name);
  }
  return names;
}

std::string page_name(const CommandLine& line) {
  if (!has(line, "output")) return output_stem(line) + ".html";
  check_folder(text_of(line, "output"));
  return text_of(line, "output");
}

void write_page(const CommandLine& line, const std::string& file,
                const campaign::OpenedResults& opened, const report::FittedCases* fitted,
                const Log& log) {
  const std::size_t i_case = campaign::case_index(opened.results.header, line.plotted_case);
  warn_of_gaps(opened.results, log);
  const auto drawn = cases_to_draw(line, opened.results.header, i_case, fitted, log);
  io::write_text(file, report::page(opened, i_case, drawn, fitted));
  log.line(file);
}

}  // namespace

int drive_report(MPI_Comm world, const CommandLine& line, const Log& log) {
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    check_belongs(line, options_of_data(), "data");
    const std::string page = page_name(line);
    if (!has(line, "data")) {
      write_page(line, page, campaign::open_results(line.file, {}), nullptr, log);
      return;
    }
    CommandLine compared = line;
    compared.more_files = data_files(line);
    const CompareJob job = read_compare_job(compared);
    auto files = compared_files(job);
    const report::FittedCases fitted = fitted_cases(job, files);
    for (const std::string& warning : fitted.warnings) log.warning(warning);
    write_page(line, page, job.opened.front(), &fitted, log);
  });
  return 0;
}

}  // namespace kedge::cli
