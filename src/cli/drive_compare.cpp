// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
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
    shared_ = campaign::shared_shift(text_of(line, "shared-shift"));
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
    read_data(line, open_files(line));
    if (!mixture_.empty() && opened_.size() > 1) {
      throw Error(ErrorKind::input, "--mixture takes one result file; found more");
    }
    i_case_ = campaign::case_index(opened_.front().results.header, line.plotted_case);
  }

  void compare() {
    if (mixture_.empty()) {
      rank();
    } else {
      mix();
    }
  }

 private:
  /// A measured file and the result file it stands behind on the command line.
  struct DataFile {
    std::string name;
    std::size_t i_file = 0;
  };

  /// FILE.h5 DATA... FILE.h5 DATA...: a result file takes the measured files that follow it.
  std::vector<DataFile> open_files(const CommandLine& line) {
    opened_.push_back(campaign::open_results(line.file, line.settings));
    std::vector<DataFile> data;
    for (const std::string& name : line.more_files) {
      if (!io::is_results(name)) {
        data.push_back({name, opened_.size() - 1});
        continue;
      }
      check_has_data(data);
      opened_.push_back(campaign::open_results(name, line.settings));
    }
    check_has_data(data);
    for (const auto& opened : opened_) files_.push_back({campaign::CaseCurves(opened), own_keys(line)});
    return data;
  }

  void check_has_data(const std::vector<DataFile>& data) const {
    if (!data.empty() && data.back().i_file + 1 == opened_.size()) return;
    throw Error(ErrorKind::input,
                fmt::format("no measured file stands behind '{}'; wanted FILE.h5 DATA... FILE.h5 DATA...",
                            opened_.back().file.string()));
  }

  /// --own, each of them a key that some file sweeps.
  std::vector<std::string> own_keys(const CommandLine& line) const {
    if (!has(line, "own")) return {};
    std::vector<std::string> keys = words_of(line, "own");
    for (const std::string& key : keys) {
      const bool known = std::any_of(opened_.begin(), opened_.end(), [&](const auto& opened) {
        const auto& columns = opened.results.header.cases;
        return std::any_of(columns.begin(), columns.end(), [&](const auto& one) { return one.swept && one.key == key; });
      });
      if (!known) throw Error(ErrorKind::input, fmt::format("--own {}: no file sweeps this key", key));
    }
    return keys;
  }

  void read_data(const CommandLine& line, const std::vector<DataFile>& files) {
    const measured::ReadOptions options = read_options(line);
    const auto numbers = one_for_each(line, "q", whole_numbers_of(line, "q"), files.size());
    const auto kinds = one_for_each(line, "kind", words_of(line, "kind"), files.size());
    auto windows = windows_of(line, "window");
    if (!windows.empty()) windows = one_for_each(line, "window", windows, files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (kinds[i] != "xrs" && kinds[i] != "xanes") {
        throw Error(ErrorKind::input, fmt::format("--kind {}: wanted xrs or xanes", kinds[i]));
      }
      const std::size_t i_q = kinds[i] == "xanes" ? campaign::kAbsorption : static_cast<std::size_t>(numbers[i]) - 1;
      for (auto& spectrum : measured::read_spectra(files[i].name, options)) {
        data_.push_back({std::move(spectrum), i_q, files[i].i_file});
        if (!windows.empty()) data_.back().window = windows[i];
      }
    }
    if (!windows.empty()) settings_.window = windows.front();  // all that a mixture knows
  }

  template <class T>
  static std::vector<T> one_for_each(const CommandLine& line, const std::string& option, std::vector<T> values,
                                     std::size_t count) {
    if (values.size() == 1) values.assign(count, T(values.front()));
    if (values.size() != count) {
      throw Error(ErrorKind::input, fmt::format("--{} {}: {} values for {} measured files, wanted 1 or as many", option,
                                                text_of(line, option), values.size(), count));
    }
    return values;
  }

  void print_data() const {
    for (const auto& opened : opened_) {
      if (opened_.size() > 1) {
        log_.line(fmt::format("{}: {} {} edge", opened.file.string(), opened.results.header.element,
                              opened.results.header.edge));
      }
      log_.line(fmt::format("Broadening: {}", campaign::describe(opened.settings)));
      if (const std::string sites = campaign::describe(opened.results); !sites.empty()) {
        log_.line("Sites (kedge broaden): " + sites);
      }
    }
    for (const auto& one : data_) {
      const auto& spectrum = one.spectrum;
      log_.line(fmt::format(
          "Measured: {}, {} points from {:g} to {:g} eV, errors {}, {}{}", spectrum.name,
          spectrum.size(), spectrum.energy_ev.front(), spectrum.energy_ev.back(),
          spectrum.error.empty() ? "unknown (taken equal, from the residuals)" : "from the file",
          one.i_q == campaign::kAbsorption ? std::string("absorption") : fmt::format("q number {}", one.i_q + 1),
          opened_.size() > 1 ? ", of " + opened_[one.i_file].file.filename().string() : ""));
      for (const std::string& note : spectrum.notes) log_.line("  " + note);
    }
  }

  void rank() {
    const auto ranking = campaign::rank_cases(files_, data_, settings_, shared_);
    print_data();
    for (const std::string& note : ranking.notes) log_.warning(note);
    log_.line("\nCases by chi2; +- one standard deviation");
    log_.line(
        "  rank  case  chi2/degree  R-factor       shift (eV)  width (eV)           scale"
        "              Pearson  Spearman   cosine  D1 (%)  D2 (%)");
    std::size_t rank = 0;
    for (const auto& ranked : ranking.cases) print_case(++rank, ranked);
    warn(ranking.cases.front().fit);
    print_best(ranking);
    write_table(ranking);
    draw(ranking.cases.front());
  }

  /// Numbers of the cases, "3" or "3+1".
  [[nodiscard]] static std::string numbers_of_cases(const campaign::JointCase& cases) {
    std::string text;
    for (const std::size_t i_case : cases) text += fmt::format("{}{}", text.empty() ? "" : "+", i_case + 1);
    return text;
  }

  [[nodiscard]] std::string name_of_cases(const campaign::JointCase& cases) const {
    std::string text;
    for (std::size_t f = 0; f < cases.size(); ++f) {
      const std::string name = campaign::case_name(opened_[f].results.header, cases[f]);
      if (name.empty() || (f > 0 && name == campaign::case_name(opened_[0].results.header, cases[0]))) continue;
      text += (text.empty() ? "" : "; ") + name;
    }
    return text;
  }

  void print_case(std::size_t rank, const campaign::RankedCase& ranked) const {
    for (std::size_t t = 0; t < data_.size(); ++t) {
      const auto& fit = ranked.fit;
      const auto& target = fit.targets[t];
      const auto& m = target.metrics;
      const std::string head = t == 0 ? fmt::format("  {:>4}  {:>4}  {:>11.4g}", rank,
                                                    numbers_of_cases(ranked.cases), fit.reduced_chi2())
                                      : std::string(25, ' ');
      log_.line(fmt::format(
          "{}  {:>8.5f}  {:>15}  {:>10}  {:>11.4e} +- {:.1e}  {:>7.4f}  {:>8.4f}  {:>7.4f}  "
          "{:>6.3f}  {:>6.3f}  {}",
          head, m.r_factor, with_error(target.shift_ev, 3),
          settings_.fit_width ? fmt::format("{:.2f}", fit.width_ev.value) : "-", target.scale.value,
          target.scale.sigma, m.pearson, m.spearman, m.cosine, m.d1, m.d2,
          t == 0 ? name_of_cases(ranked.cases)
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

  /// False, and a warning, if the cases of a file fill no grid to interpolate on: of texts, for instance.
  [[nodiscard]] bool can_interpolate() const {
    for (const auto& opened : opened_) {
      try {
        (void)campaign::sweep_grid(opened.results.header);
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::input) throw;
        log_.warning(error.what());
        return false;
      }
    }
    return true;
  }

  void print_best(const campaign::Ranking& ranking) {
    if (!can_interpolate()) return;
    const auto best = campaign::best_parameters(files_, data_, settings_, ranking, shared_);
    if (!best) return;
    log_.line("\nBest values between the cases (spectra interpolated; 95 % interval)");
    for (std::size_t d = 0; d < best->keys.size(); ++d) {
      const double interpolation = best->interpolation_error[d];
      log_.line(fmt::format(
          "  {} = {:.4f} +- {:.4f} {}   (standard deviation {:.4f}, interpolation {})",
          best->keys[d], best->fit.parameters[d].value, kConfidence95 * best->sigma(d),
          best->units[d], best->fit.parameters[d].sigma,
          std::isfinite(interpolation) ? fmt::format("{:.4f}", interpolation)
                                       : "unknown, two cases"));
    }
    for (std::size_t t = 0; t < data_.size(); ++t) {
      const auto& target = best->fit.targets[t];
      log_.line(fmt::format("  shift {} eV (standard deviation), chi2/degree {:.4g}, R-factor {:.5f}{}",
                            with_error({target.shift_ev.value, best->shift_sigma_ev(t)}, 3),
                            best->fit.reduced_chi2(), target.metrics.r_factor,
                            data_.size() > 1 ? "  " + data_[t].spectrum.name : ""));
    }
    for (std::size_t d = 0; d < best->keys.size(); ++d) {
      if (!std::isfinite(best->missed[d])) continue;
      log_.line(
          fmt::format("  without the case nearest in {} the interpolation misses it by {:.1f} %",
                      best->keys[d], 100.0 * best->missed[d]));
      // A spectrum off by a tenth at twice the spacing is no small correction any more.
      if (best->missed[d] > 0.1) {
        log_.warning(
            fmt::format("the spectra change in steps or too fast along {}: the best values "
                        "and their intervals cannot be trusted; compute a finer sweep",
                        best->keys[d]));
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
    const auto columns = number_columns();
    for (const auto& column : columns) table.push_back({column.name, column.units, {}});
    double rank = 0.0;
    for (const auto& ranked : ranking.cases) {
      rank += 1.0;
      for (std::size_t t = 0; t < data_.size(); ++t) {
        const auto& fit = ranked.fit;
        const auto& target = fit.targets[t];
        const auto& m = target.metrics;
        std::vector<double> row = {rank,
                                   static_cast<double>(ranked.cases[data_[t].i_file] + 1),
                                   static_cast<double>(t + 1),
                                   fit.reduced_chi2(),
                                   m.r_factor,
                                   target.shift_ev.value,
                                   target.shift_ev.sigma,
                                   fit.width_ev.value,
                                   fit.width_ev.sigma,
                                   target.scale.value,
                                   target.scale.sigma,
                                   m.pearson,
                                   m.spearman,
                                   m.cosine,
                                   m.d1,
                                   m.d2};
        for (const auto& column : columns) {
          row.push_back(column.column->values[ranked.cases[column.i_file]]);
        }
        for (std::size_t c = 0; c < row.size(); ++c) table[c].values.push_back(row[c]);
      }
    }
    save("_compare.dat",
         io::columns_text(about_table(), table));
  }

  [[nodiscard]] std::vector<std::string> about_table() const {
    std::vector<std::string> about;
    for (const auto& opened : opened_) {
      about.push_back(fmt::format("cases of {} against measured spectra, best first", opened.file.filename().string()));
      about.push_back(campaign::describe(opened.settings));
    }
    for (std::size_t t = 0; t < data_.size() && data_.size() > 1; ++t) {
      about.push_back(fmt::format("spectrum {}: {}, case of {}", t + 1, data_[t].spectrum.name,
                                  opened_[data_[t].i_file].file.filename().string()));
    }
    return about;
  }

  /// Parameters that are numbers, a common one once; the number of the case tells the others.
  struct NumberColumn {
    std::string name;
    std::string units;
    std::size_t i_file = 0;
    const io::CaseColumn* column = nullptr;
  };
  [[nodiscard]] std::vector<NumberColumn> number_columns() const {
    std::vector<NumberColumn> columns;
    for (std::size_t f = 0; f < opened_.size(); ++f) {
      for (const auto& column : opened_[f].results.header.cases) {
        const std::string name = campaign::shared_name(files_, f, column.key);
        const bool there = std::any_of(columns.begin(), columns.end(), [&](const auto& one) { return one.name == name; });
        if (column.texts.empty() && !there) columns.push_back({name, column.units, f, &column});
      }
    }
    return columns;
  }

  /// Measured, computed, background, and the difference below.
  void draw_fit(const measured::TargetFit& fit, const std::string& title,
                const std::string& file) const {
    io::Plot plot;
    plot.title = title;
    plot.x_label = "Energy (eV)";
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
      const std::size_t i_file = data_[t].i_file;
      const std::size_t i_case = best.cases[i_file];
      const std::string name = campaign::case_name(opened_[i_file].results.header, i_case);
      draw_fit(best.fit.targets[t],
               fmt::format("{} and case {}{}", data_[t].spectrum.name, i_case + 1,
                           name.empty() ? "" : " (" + name + ")"),
               data_.size() == 1 ? "_compare.svg" : fmt::format("_compare_{}.svg", t + 1));
    }
  }

  void mix() const {
    const std::size_t i_q = data_.front().i_q;
    std::vector<const measured::Spectrum*> series;
    for (const auto& one : data_) {
      const bool there = i_q == campaign::kAbsorption || i_q < opened_.front().results.header.q_per_angstrom.size();
      if (one.i_q != i_q || !there) {
        throw Error(ErrorKind::input, "--mixture wants one momentum transfer of the file (--q), or absorption alone");
      }
      series.push_back(&one.spectrum);
    }
    const auto components = mixture_ == "sites" ? campaign::site_components(opened_.front(), i_case_, i_q)
                                                : campaign::case_components(opened_.front(), i_q);
    if (components.curves.empty()) {
      throw Error(ErrorKind::input,
                  fmt::format("'{}' has no spectrum to mix", opened_.front().file.string()));
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
  campaign::SharedShift shared_ = campaign::SharedShift::file;
  std::vector<campaign::OpenedResults> opened_;   ///< files_ refer to them
  std::vector<campaign::ComparedFile> files_;
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
