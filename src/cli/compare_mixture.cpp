// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <cmath>

#include "compare_job.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/text_columns.hpp"
#include "kedge/report/fit_figures.hpp"

namespace kedge::cli {

namespace {

/// The measured spectra, all of one momentum transfer of the file or all absorption, in one window.
std::vector<const measured::Spectrum*> series_of(const CompareJob& job) {
  const std::size_t i_q = job.data.front().i_q;
  const bool there =
      i_q == campaign::kAbsorption || i_q < job.opened.front().results.header.q_per_angstrom.size();
  std::vector<const measured::Spectrum*> series;
  for (const auto& one : job.data) {
    if (one.i_q != i_q || !there) {
      throw Error(ErrorKind::input,
                  "--mixture wants one momentum transfer of the file (--q), or absorption alone");
    }
    const auto& window = job.data.front().window;
    if (window && (one.window->low != window->low || one.window->high != window->high)) {
      throw Error(ErrorKind::input,
                  "--mixture wants one --window for all measured spectra; found several");
    }
    series.push_back(&one.spectrum);
  }
  return series;
}

/// One row for each measured spectrum: number, place in the series, chi2, fractions with errors.
std::string table_text(const CompareJob& job, const measured::MixtureSeries& result,
                       const campaign::Components& components) {
  std::vector<std::string> about = {
      fmt::format("fractions of {} of {} in measured spectra; shift {} eV for all", job.mixture,
                  job.opened.front().file.filename().string(), with_error(result.shift_ev, 3)),
      campaign::describe(job.opened.front().settings),
      "sigma: one standard deviation; of a fraction held at zero, what it would be if free"};
  std::vector<io::TextColumn> table = {{"spectrum", "", {}}};
  if (!job.series.empty()) table.push_back({job.series_name, "", job.series});
  table.push_back({"chi2_per_degree", "", {}});
  const std::size_t before = table.size();
  for (std::size_t k = 0; k < components.labels.size(); ++k) {
    table.push_back({components.labels[k], "", {}});
    table.push_back({components.labels[k] + "_sigma", "", {}});
    about.push_back(fmt::format("{}: {}", components.labels[k], components.legends[k]));
  }
  for (std::size_t j = 0; j < result.spectra.size(); ++j) {
    const auto& fit = result.spectra[j];
    about.push_back(fmt::format("spectrum {}: {}", j + 1, job.data[j].spectrum.name));
    table.front().values.push_back(static_cast<double>(j + 1));
    table[before - 1].values.push_back(fit.fit.chi2 / fit.degrees);
    for (std::size_t k = 0; k < components.labels.size(); ++k) {
      table[before + 2 * k].values.push_back(fit.fractions[k].value);
      table[before + 1 + 2 * k].values.push_back(fit.fractions[k].sigma);
    }
  }
  return io::columns_text(about, table);
}

void print(const CompareJob& job, const measured::MixtureSeries& result,
           const campaign::Components& components, const Log& log) {
  log.line(fmt::format("\nMixture of {}; shift {} eV for all; fractions +- one standard deviation",
                       job.mixture, with_error(result.shift_ev, 3)));
  if (result.shift_at_limit) log.warning("the best shift is an end of the search; widen --shift");
  for (std::size_t j = 0; j < result.spectra.size(); ++j) {
    const auto& fit = result.spectra[j];
    log.line(fmt::format(
        "{}{}: chi2/degree {:.4g}, R-factor {:.5f}", job.data[j].spectrum.name,
        job.series.empty() ? "" : fmt::format(", {} = {:g}", job.series_name, job.series[j]),
        fit.fit.chi2 / fit.degrees, fit.fit.metrics.r_factor));
    for (std::size_t k = 0; k < components.labels.size(); ++k) {
      const measured::Estimate& fraction = fit.fractions[k];
      if (fraction.value <= 0.0) continue;
      log.line(fmt::format("  {:<16} {}   {}", components.labels[k], with_error(fraction, 4),
                           components.legends[k]));
    }
    std::string alike;
    for (std::size_t k = 0; k < components.labels.size(); ++k) {
      if (std::isnan(fit.fractions[k].sigma)) alike += "  " + components.labels[k];
    }
    if (!alike.empty()) {
      log.line("  not told apart from these, so that only their sum means something:" + alike);
    }
  }
}

void draw(const CompareJob& job, const measured::MixtureSeries& result,
          const campaign::Components& components, const Log& log) {
  for (std::size_t j = 0; j < result.spectra.size(); ++j) {
    const std::string title =
        fmt::format("{} as a mixture of {}", job.data[j].spectrum.name, job.mixture);
    save(job, fmt::format("_mixture_{}.svg", j + 1),
         io::svg(
             report::fit_figure(result.spectra[j].fit, title, job.settings.background_degree >= 0)),
         log);
  }
  if (result.spectra.size() < 2) return;
  std::vector<double> along = job.series;
  for (std::size_t j = along.size(); j < result.spectra.size(); ++j) {
    along.push_back(static_cast<double>(j + 1));
  }
  io::Plot plot = report::fractions_figure(result, components.legends, along);
  plot.title =
      fmt::format("{}: fractions of {}", job.opened.front().results.header.title, job.mixture);
  plot.x_label = job.series.empty() ? "Measured spectrum, in the order given" : job.series_name;
  save(job, "_mixture.svg", io::svg(plot), log);
}

}  // namespace

void compare_mixture(const CompareJob& job, const Log& log) {
  const auto series = series_of(job);
  const auto& opened = job.opened.front();
  const std::size_t i_q = job.data.front().i_q;
  const auto components = job.mixture == "sites"
                              ? campaign::site_components(opened, job.i_case, i_q)
                              : campaign::case_components(opened, i_q);
  if (components.curves.empty()) {
    throw Error(ErrorKind::input, fmt::format("'{}' has no spectrum to mix", opened.file.string()));
  }
  measured::FitSettings settings = job.settings;
  settings.window = job.data.front().window;
  const auto result = measured::fit_mixture(series, components.curves, settings);
  print_data(job, log);
  print(job, result, components, log);
  save(job, "_mixture.dat", table_text(job, result, components), log);
  draw(job, result, components, log);
}

}  // namespace kedge::cli
