// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <cmath>

#include "drivers.hpp"
#include "kedge/campaign/rank_cases.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/svg_plot.hpp"
#include "kedge/io/text_columns.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

namespace {

/// 95 % of a normal distribution lie within this many standard deviations.
constexpr double kConfidence95 = 1.959964;

int background_degree(const std::string& name) {
  const std::vector<std::string> names = {"none", "constant", "linear", "quadratic", "cubic"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<int>(i) - 1;
  }
  throw Error(
      ErrorKind::input,
      fmt::format("--background {}: wanted none, constant, linear, quadratic or cubic", name));
}

std::string with_error(const measured::Estimate& estimate, int decimals) {
  if (!std::isfinite(estimate.sigma)) return fmt::format("{:.{}f} held", estimate.value, decimals);
  return fmt::format("{:.{}f} +- {:.{}f}", estimate.value, decimals, estimate.sigma, decimals);
}

class Comparer {
 public:
  Comparer(const CommandLine& line, const Log& log)
      : log_(log), stem_(output_stem(line)), mixture_(text_of(line, "mixture")) {
    if (!mixture_.empty() && mixture_ != "sites" && mixture_ != "cases") {
      throw Error(ErrorKind::input, fmt::format("--mixture {}: wanted sites or cases", mixture_));
    }
    settings_.window = window_of(line, "window");
    const auto shift = window_of(line, "shift", true);
    settings_.lowest_shift_ev = shift->low;
    settings_.highest_shift_ev = shift->high;
    settings_.fit_width = has(line, "width");
    settings_.background_degree = background_degree(text_of(line, "background"));
    if (!mixture_.empty() && settings_.fit_width) {
      throw Error(ErrorKind::input,
                  "--mixture fits no width; give the widths of the components by "
                  "--set broadening.instrument");
    }
    read_data(line);
    opened_ = campaign::open_results(line.file, line.settings);
    i_case_ = campaign::case_index(opened_.results.header, line.plotted_case);
  }

  void compare() const {
    if (mixture_.empty()) {
      rank();
    } else {
      mix();
    }
  }

 private:
  void read_data(const CommandLine& line) {
    const measured::ReadOptions options = read_options(line);
    const auto numbers = whole_numbers_of(line, "q");
    if (numbers.size() != 1 && numbers.size() != line.more_files.size()) {
      throw Error(ErrorKind::input,
                  fmt::format("--q {}: {} numbers for {} measured files, wanted 1 or as many",
                              text_of(line, "q"), numbers.size(), line.more_files.size()));
    }
    for (std::size_t i = 0; i < line.more_files.size(); ++i) {
      const int q = numbers.size() == 1 ? numbers.front() : numbers[i];
      for (auto& spectrum : measured::read_spectra(line.more_files[i], options)) {
        data_.push_back({std::move(spectrum), static_cast<std::size_t>(q) - 1});
      }
    }
  }

  void print_data() const {
    log_.line(fmt::format("Broadening: {}", campaign::describe(opened_.settings)));
    if (const std::string sites = campaign::describe(opened_.results); !sites.empty()) {
      log_.line("Sites (kedge broaden): " + sites);
    }
    for (const auto& one : data_) {
      const auto& spectrum = one.spectrum;
      log_.line(fmt::format(
          "Measured: {}, {} points from {:g} to {:g} eV, errors {}, q number {}", spectrum.name,
          spectrum.size(), spectrum.energy_ev.front(), spectrum.energy_ev.back(),
          spectrum.error.empty() ? "unknown (taken equal, from the residuals)" : "from the file",
          one.i_q + 1));
      for (const std::string& note : spectrum.notes) log_.line("  " + note);
    }
  }

  void rank() const {
    campaign::CaseCurves curves(opened_);
    const auto ranking = campaign::rank_cases(curves, data_, settings_);
    print_data();
    for (const std::string& note : ranking.notes) log_.warning(note);
    log_.line("\nCases by chi2; +- one standard deviation");
    log_.line(
        "  rank  case  chi2/degree  R-factor       shift (eV)  width (eV)           scale"
        "              Pearson  Spearman   cosine  D1 (%)  D2 (%)");
    std::size_t rank = 0;
    for (const auto& ranked : ranking.cases) print_case(++rank, ranked);
    warn(ranking.cases.front().fit);
    print_best(curves, ranking);
    write_table(ranking);
    draw(ranking.cases.front());
  }

  void print_case(std::size_t rank, const campaign::RankedCase& ranked) const {
    for (std::size_t t = 0; t < data_.size(); ++t) {
      const auto& fit = ranked.fit;
      const auto& target = fit.targets[t];
      const auto& m = target.metrics;
      const std::string head = t == 0 ? fmt::format("  {:>4}  {:>4}  {:>11.4g}", rank,
                                                    ranked.i_case + 1, fit.reduced_chi2())
                                      : std::string(25, ' ');
      log_.line(fmt::format(
          "{}  {:>8.5f}  {:>15}  {:>10}  {:>11.4e} +- {:.1e}  {:>7.4f}  {:>8.4f}  {:>7.4f}  "
          "{:>6.3f}  {:>6.3f}  {}",
          head, m.r_factor, with_error(fit.shift_ev, 3),
          settings_.fit_width ? fmt::format("{:.2f}", fit.width_ev.value) : "-", target.scale.value,
          target.scale.sigma, m.pearson, m.spearman, m.cosine, m.d1, m.d2,
          t == 0 ? campaign::case_name(opened_.results.header, ranked.i_case)
                 : data_[t].spectrum.name));
    }
  }

  void warn(const measured::CurveFit& fit) const {
    if (fit.shift_at_limit) log_.warning("the best shift is an end of the search; widen --shift");
    if (!fit.converged) log_.warning("the fit of the best case did not converge");
    for (std::size_t t = 0; t < data_.size(); ++t) {
      if (fit.targets[t].scale.value <= 0.0) {
        log_.warning(
            fmt::format("{}: the best scale is not positive; nothing computed is seen in "
                        "this window",
                        data_[t].spectrum.name));
      }
      if (fit.targets[t].points_beyond == 0) continue;
      log_.warning(
          fmt::format("{}: {} points lie above the last computed energy, where the "
                      "spectrum was continued by its last value; narrow --window",
                      data_[t].spectrum.name, fit.targets[t].points_beyond));
    }
  }

  void print_best(campaign::CaseCurves& curves, const campaign::Ranking& ranking) const {
    const auto best = campaign::best_parameters(curves, data_, settings_, ranking);
    if (!best) return;
    log_.line("\nBest values between the cases (spectra interpolated; 95 % interval)");
    for (std::size_t d = 0; d < best->grid.keys.size(); ++d) {
      const double interpolation = best->interpolation_error[d];
      log_.line(fmt::format(
          "  {} = {:.4f} +- {:.4f} {}   (standard deviation {:.4f}, interpolation {})",
          best->grid.keys[d], best->fit.parameters[d].value, kConfidence95 * best->sigma(d),
          best->grid.units[d], best->fit.parameters[d].sigma,
          std::isfinite(interpolation) ? fmt::format("{:.4f}", interpolation)
                                       : "unknown, two cases"));
    }
    log_.line(fmt::format("  shift {} eV (standard deviation), chi2/degree {:.4g}, R-factor {:.5f}",
                          with_error({best->fit.shift_ev.value, best->shift_sigma_ev()}, 3),
                          best->fit.reduced_chi2(), best->fit.targets.front().metrics.r_factor));
    for (std::size_t d = 0; d < best->grid.keys.size(); ++d) {
      if (!std::isfinite(best->missed[d])) continue;
      log_.line(
          fmt::format("  without the case nearest in {} the interpolation misses it by {:.1f} %",
                      best->grid.keys[d], 100.0 * best->missed[d]));
      // A spectrum off by a tenth at twice the spacing is no small correction any more.
      if (best->missed[d] > 0.1) {
        log_.warning(
            fmt::format("the spectra change in steps or too fast along {}: the best values "
                        "and their intervals cannot be trusted; compute a finer sweep",
                        best->grid.keys[d]));
      }
    }
    if (best->fit.parameter_outside) {
      log_.warning("a best value lies outside the values computed: extend the sweep");
    }
    if (best->fit.reduced_chi2() > 2.0 && best->fit.errors_known) {
      log_.warning(
          fmt::format("chi2/degree is {:.3g}: the model does not describe the data within "
                      "their errors; the intervals are widened by its root, but tell "
                      "nothing of what the model lacks",
                      best->fit.reduced_chi2()));
    }
  }

  void write_table(const campaign::Ranking& ranking) const {
    std::vector<io::TextColumn> table = {{"rank", "", {}},          {"case", "", {}},
                                         {"spectrum", "", {}},      {"chi2_per_degree", "", {}},
                                         {"r_factor", "", {}},      {"shift", "eV", {}},
                                         {"shift_sigma", "eV", {}}, {"width", "eV", {}},
                                         {"width_sigma", "eV", {}}, {"scale", "", {}},
                                         {"scale_sigma", "", {}},   {"pearson", "", {}},
                                         {"spearman", "", {}},      {"cosine", "", {}},
                                         {"d1", "percent", {}},     {"d2", "percent", {}}};
    std::vector<io::CaseColumn> columns;  // of numbers; the number of the case tells the others
    for (const auto& column : opened_.results.header.cases) {
      if (column.texts.empty()) columns.push_back(column);
    }
    for (const auto& column : columns) table.push_back({column.key, column.units, {}});
    double rank = 0.0;
    for (const auto& ranked : ranking.cases) {
      rank += 1.0;
      for (std::size_t t = 0; t < data_.size(); ++t) {
        const auto& fit = ranked.fit;
        const auto& target = fit.targets[t];
        const auto& m = target.metrics;
        std::vector<double> row = {rank,
                                   static_cast<double>(ranked.i_case + 1),
                                   static_cast<double>(t + 1),
                                   fit.reduced_chi2(),
                                   m.r_factor,
                                   fit.shift_ev.value,
                                   fit.shift_ev.sigma,
                                   fit.width_ev.value,
                                   fit.width_ev.sigma,
                                   target.scale.value,
                                   target.scale.sigma,
                                   m.pearson,
                                   m.spearman,
                                   m.cosine,
                                   m.d1,
                                   m.d2};
        for (const auto& column : columns) row.push_back(column.values[ranked.i_case]);
        for (std::size_t c = 0; c < row.size(); ++c) table[c].values.push_back(row[c]);
      }
    }
    save("_compare.dat",
         io::columns_text({fmt::format("cases of {} against measured spectra, best first",
                                       opened_.file.filename().string()),
                           campaign::describe(opened_.settings)},
                          table));
  }

  /// Measured, computed, background, and the difference below.
  void draw_fit(const measured::TargetFit& fit, const std::string& title,
                const std::string& file) const {
    io::Plot plot;
    plot.title = title;
    plot.x_label = "Energy loss (eV)";
    plot.y_label = "Intensity";
    plot.curves.push_back({"measured", fit.energy_ev, fit.measured, true});
    plot.curves.push_back({"computed", fit.energy_ev, fit.model, false});
    if (settings_.background_degree >= 0) {
      plot.curves.push_back({"background", fit.energy_ev, fit.background_curve, false});
    }
    std::vector<double> difference;
    for (std::size_t i = 0; i < fit.model.size(); ++i) {
      difference.push_back(fit.measured[i] - fit.model[i]);
    }
    plot.curves.push_back({"measured - computed", fit.energy_ev, difference, false});
    save(file, io::svg(plot));
  }

  void draw(const campaign::RankedCase& best) const {
    for (std::size_t t = 0; t < data_.size(); ++t) {
      const std::string name = campaign::case_name(opened_.results.header, best.i_case);
      draw_fit(best.fit.targets[t],
               fmt::format("{} and case {}{}", data_[t].spectrum.name, best.i_case + 1,
                           name.empty() ? "" : " (" + name + ")"),
               data_.size() == 1 ? "_compare.svg" : fmt::format("_compare_{}.svg", t + 1));
    }
  }

  void mix() const {
    const std::size_t i_q = data_.front().i_q;
    std::vector<const measured::Spectrum*> series;
    for (const auto& one : data_) {
      if (one.i_q != i_q || i_q >= opened_.results.header.q_per_angstrom.size()) {
        throw Error(ErrorKind::input, "--mixture wants one momentum transfer of the file (--q)");
      }
      series.push_back(&one.spectrum);
    }
    const auto components = mixture_ == "sites" ? campaign::site_components(opened_, i_case_, i_q)
                                                : campaign::case_components(opened_, i_q);
    if (components.curves.empty()) {
      throw Error(ErrorKind::input,
                  fmt::format("'{}' has no spectrum to mix", opened_.file.string()));
    }
    const auto result = measured::fit_mixture(series, components.curves, settings_);
    print_data();
    log_.line(
        fmt::format("\nMixture of {}; shift {} eV for all; fractions +- one standard deviation",
                    mixture_, with_error(result.shift_ev, 3)));
    if (result.shift_at_limit)
      log_.warning("the best shift is an end of the search; widen --shift");
    std::vector<io::TextColumn> table = {{"spectrum", "", {}}, {"chi2_per_degree", "", {}}};
    for (const std::string& label : components.labels) {
      table.push_back({label, "", {}});
      table.push_back({label + "_sigma", "", {}});
    }
    std::vector<std::string> about = {fmt::format("fractions of {} in measured spectra", mixture_)};
    for (std::size_t j = 0; j < result.spectra.size(); ++j) {
      const auto& fit = result.spectra[j];
      log_.line(fmt::format("{}: chi2/degree {:.4g}, R-factor {:.5f}", series[j]->name,
                            fit.fit.chi2 / fit.degrees, fit.fit.metrics.r_factor));
      about.push_back(fmt::format("spectrum {}: {}", j + 1, series[j]->name));
      table[0].values.push_back(static_cast<double>(j + 1));
      table[1].values.push_back(fit.fit.chi2 / fit.degrees);
      for (std::size_t k = 0; k < components.labels.size(); ++k) {
        table[2 + 2 * k].values.push_back(fit.fractions[k].value);
        table[3 + 2 * k].values.push_back(fit.fractions[k].sigma);
        if (fit.fractions[k].value <= 0.0) continue;
        log_.line(
            fmt::format("  {:<16} {}", components.labels[k], with_error(fit.fractions[k], 4)));
      }
      draw_fit(fit.fit, fmt::format("{} as a mixture of {}", series[j]->name, mixture_),
               fmt::format("_mixture_{}.svg", j + 1));
    }
    save("_mixture.dat", io::columns_text(about, table));
    if (series.size() > 1) draw_weights(result, components);
  }

  void draw_weights(const measured::MixtureSeries& result,
                    const campaign::Components& components) const {
    io::Plot plot;
    plot.title = "Fractions of " + mixture_;
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
    save("_mixture.svg", io::svg(plot));
  }

  void save(const std::string& end, const std::string& text) const {
    io::write_text(stem_ + end, text);
    log_.line(stem_ + end);
  }

  const Log& log_;
  std::string stem_;
  std::string mixture_;
  measured::FitSettings settings_;
  std::vector<campaign::MeasuredSpectrum> data_;
  campaign::OpenedResults opened_;
  std::size_t i_case_ = 0;
};

}  // namespace

int drive_compare(MPI_Comm world, const CommandLine& line, const Log& log) {
  check_broadening_settings(line);
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) == 0) Comparer(line, log).compare();
  });
  return 0;
}

}  // namespace kedge::cli
