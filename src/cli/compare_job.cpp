// SPDX-License-Identifier: BSD-3-Clause
#include "compare_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/text_columns.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

namespace {

/// A measured file and the result file it stands behind on the command line.
struct DataFile {
  std::string name;
  std::size_t i_file = 0;
};

int background_degree(const std::string& name) {
  const std::vector<std::string> names = {"none", "constant", "linear", "quadratic", "cubic"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<int>(i) - 1;
  }
  throw Error(
      ErrorKind::input,
      fmt::format("--background {}: wanted none, constant, linear, quadratic or cubic", name));
}

void check_has_data(const std::vector<DataFile>& data,
                    const std::vector<campaign::OpenedResults>& opened) {
  if (!data.empty() && data.back().i_file + 1 == opened.size()) return;
  throw Error(
      ErrorKind::input,
      fmt::format("no measured file stands behind '{}'; wanted FILE.h5 DATA... FILE.h5 DATA...",
                  opened.back().file.string()));
}

/// FILE.h5 DATA... FILE.h5 DATA...: a result file takes the measured files that follow it.
std::vector<DataFile> open_files(const CommandLine& line,
                                 std::vector<campaign::OpenedResults>& opened) {
  opened.push_back(campaign::open_results(line.file, line.settings));
  std::vector<DataFile> data;
  for (const std::string& name : line.more_files) {
    if (!io::is_results(name)) {
      data.push_back({name, opened.size() - 1});
      continue;
    }
    check_has_data(data, opened);
    opened.push_back(campaign::open_results(name, line.settings));
  }
  check_has_data(data, opened);
  return data;
}

/// --own, each of them a key that some file sweeps.
std::vector<std::string> own_keys(const CommandLine& line,
                                  const std::vector<campaign::OpenedResults>& opened) {
  if (!has(line, "own")) return {};
  std::vector<std::string> keys = words_of(line, "own");
  for (const std::string& key : keys) {
    const bool known = std::any_of(opened.begin(), opened.end(), [&](const auto& one) {
      const auto& columns = one.results.header.cases;
      return std::any_of(columns.begin(), columns.end(),
                         [&](const auto& column) { return column.swept && column.key == key; });
    });
    if (!known) {
      throw Error(ErrorKind::input, fmt::format("--own {}: no file sweeps this key", key));
    }
  }
  return keys;
}

template <class T>
std::vector<T> one_for_each(const CommandLine& line, const std::string& option,
                            std::vector<T> values, std::size_t count) {
  if (values.size() == 1) values.assign(count, T(values.front()));
  if (values.size() != count) {
    throw Error(ErrorKind::input,
                fmt::format("--{} {}: {} values for {} measured files, wanted 1 or as many", option,
                            text_of(line, option), values.size(), count));
  }
  return values;
}

void read_data(CompareJob& job, const CommandLine& line, const std::vector<DataFile>& files) {
  const measured::ReadOptions options = read_options(line);
  const auto numbers = one_for_each(line, "q", whole_numbers_of(line, "q"), files.size());
  const auto kinds = one_for_each(line, "kind", words_of(line, "kind"), files.size());
  auto windows = windows_of(line, "window");
  if (!windows.empty()) windows = one_for_each(line, "window", windows, files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (kinds[i] != "xrs" && kinds[i] != "xanes") {
      throw Error(ErrorKind::input, fmt::format("--kind {}: wanted xrs or xanes", kinds[i]));
    }
    const std::size_t i_q =
        kinds[i] == "xanes" ? campaign::kAbsorption : static_cast<std::size_t>(numbers[i]) - 1;
    const campaign::OpenedResults& computed = job.opened[files[i].i_file];
    const std::size_t n_q = computed.results.header.q_per_angstrom.size();
    if (i_q != campaign::kAbsorption && i_q >= n_q) {
      throw Error(ErrorKind::input, fmt::format("--q {}: '{}' has momentum transfers 1 to {}",
                                                i_q + 1, computed.file.string(), n_q));
    }
    for (auto& spectrum : measured::read_spectra(files[i].name, options)) {
      job.data.push_back({std::move(spectrum), i_q, files[i].i_file});
      if (!windows.empty()) job.data.back().window = windows[i];
    }
  }
}

void check_mixture(const CompareJob& job, const CommandLine& line) {
  for (const char* option : {"own", "shared-shift"}) {
    if (line.given.count(option) == 0) continue;
    throw Error(
        ErrorKind::input,
        fmt::format("--{} would be ignored: --mixture fits one shift and no parameters", option));
  }
  if (job.settings.fit_width) {
    throw Error(ErrorKind::input,
                "--mixture fits no width; give the widths of the components by --set "
                "broadening.instrument");
  }
  if (job.opened.size() > 1) {
    throw Error(ErrorKind::input, "--mixture takes one result file; found more");
  }
}

/// --series, once it is known how many spectra the files hold.
void read_series(CompareJob& job, const CommandLine& line) {
  check_belongs(line, {"series-name"}, "series");
  job.series_name = text_of(line, "series-name");
  if (!has(line, "series")) return;
  if (job.mixture.empty()) {
    throw Error(ErrorKind::input, "--series belongs to --mixture, which is not given");
  }
  job.series = numbers_of(line, "series", ',');
  if (job.series.size() != job.data.size()) {
    throw Error(ErrorKind::input,
                fmt::format("--series {}: {} values for {} measured spectra, wanted as many",
                            text_of(line, "series"), job.series.size(), job.data.size()));
  }
}

}  // namespace

CompareJob read_compare_job(const CommandLine& line) {
  CompareJob job;
  job.stem = output_stem(line);
  job.mixture = text_of(line, "mixture");
  if (!job.mixture.empty() && job.mixture != "sites" && job.mixture != "cases") {
    throw Error(ErrorKind::input, fmt::format("--mixture {}: wanted sites or cases", job.mixture));
  }
  if (has(line, "shared-shift")) {
    job.shared = campaign::shared_shift(text_of(line, "shared-shift"));
  }
  const auto shift = window_of(line, "shift", true);
  constexpr double kFarthestEv = 1000.0;  // a scan over more takes long and finds nothing
  if (std::max(std::abs(shift->low), std::abs(shift->high)) > kFarthestEv) {
    throw Error(ErrorKind::input, fmt::format("--shift {}: wanted shifts from -{:g} to {:g} eV",
                                              text_of(line, "shift"), kFarthestEv, kFarthestEv));
  }
  job.settings.lowest_shift_ev = shift->low;
  job.settings.highest_shift_ev = shift->high;
  job.settings.fit_width = has(line, "width");
  job.settings.background_degree = background_degree(text_of(line, "background"));
  const auto files = open_files(line, job.opened);
  job.own_keys = own_keys(line, job.opened);
  if (!job.mixture.empty()) check_mixture(job, line);
  read_data(job, line, files);
  read_series(job, line);
  job.i_case = campaign::case_index(job.opened.front().results.header, line.plotted_case);
  return job;
}

double q_of(const CompareJob& job, const campaign::MeasuredSpectrum& one) {
  return job.opened[one.i_file].results.header.q_per_angstrom[one.i_q];
}

std::vector<std::string> about_data(const CompareJob& job) {
  std::vector<std::string> lines;
  for (const auto& one : job.data) {
    const auto& spectrum = one.spectrum;
    lines.push_back(fmt::format(
        "Measured: {}, {} points from {:g} to {:g} eV, errors {}, {}{}", spectrum.name,
        spectrum.size(), spectrum.energy_ev.front(), spectrum.energy_ev.back(),
        spectrum.error.empty() ? "unknown (taken equal, from the residuals)" : "from the file",
        one.i_q == campaign::kAbsorption ? std::string("absorption")
                                         : fmt::format("q = {:g} 1/Angstrom", q_of(job, one)),
        job.opened.size() > 1 ? ", of " + job.opened[one.i_file].file.filename().string() : ""));
    for (const std::string& note : spectrum.notes) lines.push_back("  " + note);
  }
  return lines;
}

void print_data(const CompareJob& job, const Log& log) {
  const bool several = job.opened.size() > 1;
  for (const auto& opened : job.opened) {
    if (several) {
      const auto& header = opened.results.header;
      log.line(fmt::format("{}: {} {} edge", opened.file.string(), header.element, header.edge));
    }
    log.line(fmt::format("Broadening: {}", campaign::describe(opened.settings)));
    if (const std::string sites = campaign::describe(opened.results); !sites.empty()) {
      log.line("Sites (kedge broaden): " + sites);
    }
  }
  for (const std::string& about : about_data(job)) log.line(about);
}

std::string with_error(const measured::Estimate& estimate, int decimals) {
  if (!std::isfinite(estimate.sigma)) return fmt::format("{:.{}f} held", estimate.value, decimals);
  return fmt::format("{:.{}f} +- {:.{}f}", estimate.value, decimals, estimate.sigma, decimals);
}

void save(const CompareJob& job, const std::string& end, const std::string& text, const Log& log) {
  io::write_text(job.stem + end, text);
  log.line(job.stem + end);
}

}  // namespace kedge::cli
