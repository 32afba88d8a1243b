// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compare_job.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/text_columns.hpp"
#include "kedge/report/fit_figures.hpp"

namespace kedge::cli {

namespace {

/// Spectra that follow a parameter smoothly are missed by less than 0.1 %. Where 4 % were missed,
/// on too coarse a grid of energies, a displacement was off by the spacing of the cases, and chi2
/// at 1e4 counts told nothing of it.
constexpr double kMissedTooFar = 0.03;

/// Cases of a ranking that are printed; all are in the table that is written.
constexpr std::size_t kPrinted = 30;

/// Numbers of the cases, "3" or "3+1".
std::string numbers_of_cases(const campaign::JointCase& cases) {
  std::string text;
  for (const std::size_t i_case : cases) {
    text += fmt::format("{}{}", text.empty() ? "" : "+", i_case + 1);
  }
  return text;
}

std::string name_of_cases(const CompareJob& job, const campaign::JointCase& cases) {
  std::string text;
  for (std::size_t f = 0; f < cases.size(); ++f) {
    const std::string name = campaign::case_name(job.opened[f].results.header, cases[f]);
    if (name.empty() ||
        (f > 0 && name == campaign::case_name(job.opened[0].results.header, cases[0]))) {
      continue;
    }
    text += (text.empty() ? "" : "; ") + name;
  }
  return text;
}

void print_case(const CompareJob& job, std::size_t rank, const campaign::RankedCase& ranked,
                const Log& log) {
  const auto& fit = ranked.fit;
  for (std::size_t t = 0; t < job.data.size(); ++t) {
    const auto& target = fit.targets[t];
    const auto& m = target.metrics;
    const std::string head = t == 0
                                 ? fmt::format("  {:>4}  {:>4}  {:>11.4g}", rank,
                                               numbers_of_cases(ranked.cases), fit.reduced_chi2())
                                 : std::string(25, ' ');
    log.line(
        fmt::format("{}  {:>8.5f}  {:>15}  {:>10}  {:>11.4e} +- {:.1e}  {:>7.4f}  {:>8.4f}  "
                    "{:>7.4f}  {:>6.3f}  {:>6.3f}  {}",
                    head, m.r_factor, with_error(target.shift_ev, 3),
                    job.settings.fit_width ? fmt::format("{:.2f}", fit.width_ev.value) : "-",
                    target.scale.value, target.scale.sigma, m.pearson, m.spearman, m.cosine, m.d1,
                    m.d2, t == 0 ? name_of_cases(job, ranked.cases) : job.data[t].spectrum.name));
  }
}

void print_ranking(const CompareJob& job, const campaign::Ranking& ranking, const Log& log) {
  log.line("\nCases by chi2; +- one standard deviation");
  log.line(
      "  rank  case  chi2/degree  R-factor       shift (eV)  width (eV)           scale"
      "              Pearson  Spearman   cosine  D1 (%)  D2 (%)");
  std::size_t rank = 0;
  for (const auto& ranked : ranking.cases) {
    if (++rank > kPrinted) break;
    print_case(job, rank, ranked, log);
  }
  if (ranking.cases.size() > kPrinted) {
    log.line(
        fmt::format("  and {} more, in {}_compare.dat", ranking.cases.size() - kPrinted, job.stem));
  }
}

/// Warnings about the fit of the best case.
std::vector<std::string> fit_warnings(const CompareJob& job, const measured::CurveFit& fit) {
  std::vector<std::string> warnings;
  if (fit.shift_at_limit) {
    warnings.emplace_back("the best shift is an end of the search; widen --shift");
  }
  if (!fit.converged) warnings.emplace_back("the fit of the best case did not converge");
  for (std::size_t t = 0; t < job.data.size(); ++t) {
    const std::string& name = job.data[t].spectrum.name;
    if (fit.targets[t].scale.value <= 0.0) {
      warnings.push_back(fmt::format(
          "{}: the best scale is not positive; nothing computed is seen in this window", name));
    }
    if (fit.targets[t].points_beyond == 0) continue;
    warnings.push_back(
        fmt::format("{}: {} points lie above the last computed energy, where the spectrum was "
                    "continued by its last "
                    "value; narrow --window",
                    name, fit.targets[t].points_beyond));
  }
  return warnings;
}

/// Why the cases of a file fill no grid to interpolate on, of texts for instance; empty if they do.
std::string no_interpolation(const CompareJob& job) {
  for (const auto& opened : job.opened) {
    try {
      (void)campaign::sweep_grid(opened.results.header);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::input) throw;
      return error.what();
    }
  }
  return "";
}

void print_best(const CompareJob& job, const campaign::BestParameters& best, const Log& log) {
  log.line("\nBest values between the cases (spectra interpolated; 95 % interval)");
  for (std::size_t d = 0; d < best.keys.size(); ++d) {
    const double interpolation = best.interpolation_error[d];
    log.line(fmt::format(
        "  {} = {:.4f} +- {:.4f} {}   (standard deviation {:.4f}, interpolation {})", best.keys[d],
        best.fit.parameters[d].value, report::kConfidence95 * best.sigma(d), best.units[d],
        best.fit.parameters[d].sigma,
        std::isfinite(interpolation) ? fmt::format("{:.4f}", interpolation)
                                     : "unknown, two cases"));
  }
  for (std::size_t t = 0; t < job.data.size(); ++t) {
    const auto& target = best.fit.targets[t];
    log.line(fmt::format(
        "  shift {} eV (standard deviation), chi2/degree {:.4g}, R-factor {:.5f}{}",
        with_error({target.shift_ev.value, best.shift_sigma_ev(t)}, 3), best.fit.reduced_chi2(),
        target.metrics.r_factor, job.data.size() > 1 ? "  " + job.data[t].spectrum.name : ""));
  }
  for (std::size_t d = 0; d < best.keys.size(); ++d) {
    if (!std::isfinite(best.missed[d])) continue;
    log.line(fmt::format("  without the case nearest in {} the interpolation misses it by {:.1f} %",
                         best.keys[d], 100.0 * best.missed[d]));
  }
}

/// Warnings about the best values between the cases.
std::vector<std::string> best_warnings(const campaign::BestParameters& best) {
  std::vector<std::string> warnings;
  for (std::size_t d = 0; d < best.keys.size(); ++d) {
    if (!(best.missed[d] > kMissedTooFar)) continue;
    warnings.push_back(
        fmt::format("the spectra change in steps or too fast along {}: the best values and their "
                    "intervals cannot be "
                    "trusted; compute a finer sweep",
                    best.keys[d]));
  }
  if (best.fit.parameter_outside) {
    warnings.emplace_back("a best value lies outside the values computed: extend the sweep");
  }
  if (best.fit.reduced_chi2() > 2.0 && best.fit.errors_known) {
    warnings.push_back(
        fmt::format("chi2/degree is {:.3g}: the model does not describe the data within their "
                    "errors; the intervals "
                    "are widened by its root, but tell nothing of what the model lacks",
                    best.fit.reduced_chi2()));
  }
  return warnings;
}

/// A parameter that is a number; of those common to several files the first.
struct NumberColumn {
  std::string name;
  std::string units;
  std::size_t i_file = 0;
  const io::CaseColumn* column = nullptr;
};

std::vector<NumberColumn> number_columns(const CompareJob& job,
                                         const std::vector<campaign::ComparedFile>& files) {
  std::vector<NumberColumn> columns;
  for (std::size_t f = 0; f < job.opened.size(); ++f) {
    for (const auto& column : job.opened[f].results.header.cases) {
      const std::string name = campaign::shared_name(files, f, column.key);
      const bool there = std::any_of(columns.begin(), columns.end(),
                                     [&](const auto& one) { return one.name == name; });
      if (column.texts.empty() && !there) columns.push_back({name, column.units, f, &column});
    }
  }
  return columns;
}

std::vector<std::string> about_table(const CompareJob& job) {
  std::vector<std::string> about;
  for (const auto& opened : job.opened) {
    about.push_back(fmt::format("cases of {} against measured spectra, best first",
                                opened.file.filename().string()));
    about.push_back(campaign::describe(opened.settings));
  }
  for (std::size_t t = 0; t < job.data.size() && job.data.size() > 1; ++t) {
    about.push_back(fmt::format("spectrum {}: {}, case of {}", t + 1, job.data[t].spectrum.name,
                                job.opened[job.data[t].i_file].file.filename().string()));
  }
  return about;
}

std::string table_text(const CompareJob& job, const std::vector<campaign::ComparedFile>& files,
                       const campaign::Ranking& ranking) {
  std::vector<io::TextColumn> table = {{"rank", "", {}},          {"case", "", {}},
                                       {"spectrum", "", {}},      {"chi2_per_degree", "", {}},
                                       {"r_factor", "", {}},      {"shift", "eV", {}},
                                       {"shift_sigma", "eV", {}}, {"width", "eV", {}},
                                       {"width_sigma", "eV", {}}, {"scale", "", {}},
                                       {"scale_sigma", "", {}},   {"pearson", "", {}},
                                       {"spearman", "", {}},      {"cosine", "", {}},
                                       {"d1", "percent", {}},     {"d2", "percent", {}}};
  const auto columns = number_columns(job, files);
  for (const auto& column : columns) table.push_back({column.name, column.units, {}});
  double rank = 0.0;
  for (const auto& ranked : ranking.cases) {
    rank += 1.0;
    const auto& fit = ranked.fit;
    for (std::size_t t = 0; t < job.data.size(); ++t) {
      const auto& target = fit.targets[t];
      const auto& m = target.metrics;
      std::vector<double> row = {rank,
                                 static_cast<double>(ranked.cases[job.data[t].i_file] + 1),
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
  return io::columns_text(about_table(job), table);
}

void draw(const CompareJob& job, const campaign::RankedCase& best, const Log& log) {
  for (std::size_t t = 0; t < job.data.size(); ++t) {
    const std::size_t i_file = job.data[t].i_file;
    const std::size_t i_case = best.cases[i_file];
    const std::string name = campaign::case_name(job.opened[i_file].results.header, i_case);
    const auto plot =
        report::fit_figure(best.fit.targets[t],
                           fmt::format("{} and case {}{}", job.data[t].spectrum.name, i_case + 1,
                                       name.empty() ? "" : " (" + name + ")"),
                           job.settings.background_degree >= 0);
    save(job, job.data.size() == 1 ? "_compare.svg" : fmt::format("_compare_{}.svg", t + 1),
         io::svg(plot), log);
  }
}

}  // namespace

std::vector<campaign::ComparedFile> compared_files(const CompareJob& job) {
  std::vector<campaign::ComparedFile> files;
  for (const auto& opened : job.opened) {
    files.push_back({campaign::CaseCurves(opened), job.own_keys});
  }
  return files;
}

report::FittedCases fitted_cases(const CompareJob& job,
                                 std::vector<campaign::ComparedFile>& files) {
  report::FittedCases found;
  found.data = job.data;
  found.settings = job.settings;
  found.about = about_data(job);
  found.ranking = campaign::rank_cases(files, job.data, job.settings, job.shared);
  found.warnings = found.ranking.notes;
  const auto add = [&](const std::vector<std::string>& more) {
    found.warnings.insert(found.warnings.end(), more.begin(), more.end());
  };
  add(fit_warnings(job, found.ranking.cases.front().fit));
  if (const std::string reason = no_interpolation(job); !reason.empty()) {
    add({reason});
    return found;
  }
  found.best = campaign::best_parameters(files, job.data, job.settings, found.ranking, job.shared);
  if (found.best) add(best_warnings(*found.best));
  return found;
}

void compare_cases(const CompareJob& job, const Log& log) {
  auto files = compared_files(job);
  const report::FittedCases found = fitted_cases(job, files);
  print_data(job, log);
  print_ranking(job, found.ranking, log);
  if (found.best) print_best(job, *found.best, log);
  for (const std::string& warning : found.warnings) log.warning(warning);
  save(job, "_compare.dat", table_text(job, files, found.ranking), log);
  draw(job, found.ranking.cases.front(), log);
}

}  // namespace kedge::cli
