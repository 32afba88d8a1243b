// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

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

void draw_weights(const CompareJob& job, const measured::MixtureSeries& result,
                  const campaign::Components& components, const Log& log) {
  io::Plot plot;
  plot.title = "Fractions of " + job.mixture;
  plot.x_label = "Measured spectrum, in the order given";
  plot.y_label = "Fraction";
  for (std::size_t k = 0; k < components.labels.size(); ++k) {
    io::PlotCurve curve{components.labels[k], {}, {}, false};
    for (std::size_t j = 0; j < result.spectra.size(); ++j) {
      curve.x.push_back(static_cast<double>(j + 1));
      curve.y.push_back(result.spectra[j].fractions[k].value);
    }
    plot.curves.push_back(std::move(curve));
  }
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
  log.line(fmt::format("\nMixture of {}; shift {} eV for all; fractions +- one standard deviation",
                       job.mixture, with_error(result.shift_ev, 3)));
  if (result.shift_at_limit) log.warning("the best shift is an end of the search; widen --shift");
  std::vector<io::TextColumn> table = {{"spectrum", "", {}}, {"chi2_per_degree", "", {}}};
  for (const std::string& label : components.labels) {
    table.push_back({label, "", {}});
    table.push_back({label + "_sigma", "", {}});
  }
  std::vector<std::string> about = {
      fmt::format("fractions of {} in measured spectra", job.mixture)};
  for (std::size_t j = 0; j < result.spectra.size(); ++j) {
    const auto& fit = result.spectra[j];
    log.line(fmt::format("{}: chi2/degree {:.4g}, R-factor {:.5f}", series[j]->name,
                         fit.fit.chi2 / fit.degrees, fit.fit.metrics.r_factor));
    about.push_back(fmt::format("spectrum {}: {}", j + 1, series[j]->name));
    table[0].values.push_back(static_cast<double>(j + 1));
    table[1].values.push_back(fit.fit.chi2 / fit.degrees);
    for (std::size_t k = 0; k < components.labels.size(); ++k) {
      table[2 + 2 * k].values.push_back(fit.fractions[k].value);
      table[3 + 2 * k].values.push_back(fit.fractions[k].sigma);
      if (fit.fractions[k].value <= 0.0) continue;
      log.line(fmt::format("  {:<16} {}", components.labels[k], with_error(fit.fractions[k], 4)));
    }
    const auto plot = report::fit_figure(
        fit.fit, fmt::format("{} as a mixture of {}", series[j]->name, job.mixture),
        job.settings.background_degree >= 0);
    save(job, fmt::format("_mixture_{}.svg", j + 1), io::svg(plot), log);
  }
  save(job, "_mixture.dat", io::columns_text(about, table), log);
  if (series.size() > 1) draw_weights(job, result, components, log);
}

}  // namespace kedge::cli
