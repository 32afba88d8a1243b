// SPDX-License-Identifier: BSD-3-Clause
#include "comparison_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "html.hpp"
#include "kedge/core/text.hpp"
#include "kedge/report/figures.hpp"

namespace kedge::report {

namespace {

std::string with_error(const measured::Estimate& estimate, int decimals) {
  if (!std::isfinite(estimate.sigma)) return fmt::format("{:.{}f} held", estimate.value, decimals);
  return fmt::format("{:.{}f} ± {:.{}f}", estimate.value, decimals, estimate.sigma, decimals);
}

/// Leaves out the columns of a table that `wanted` denies.
std::vector<std::string> chosen(const std::vector<std::string>& cells,
                                const std::vector<bool>& wanted) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (wanted[i]) result.push_back(cells[i]);
  }
  return result;
}

std::string ranking_table(const campaign::OpenedResults& opened,
                          const std::vector<std::size_t>& drawn, const FittedCases& fitted) {
  const bool several = fitted.data.size() > 1;
  const std::vector<bool> wanted = {
      true, true, several, true, true, true, fitted.settings.fit_width,
      true, true, true,    true, true};
  const auto heads = chosen({"rank", "case", "spectrum", "χ²/degree", "R-factor", "shift (eV)",
                             "width (eV)", "scale", "Pearson", "Spearman", "D1 (%)", "D2 (%)"},
                            wanted);
  std::vector<std::vector<std::string>> rows;
  int rank = 0;
  for (const campaign::RankedCase& ranked : fitted.ranking.cases) {
    ++rank;
    const std::size_t i_case = ranked.cases.front();
    const auto among_drawn = std::find(drawn.begin(), drawn.end(), i_case);
    const std::string colour = among_drawn == drawn.end()
                                   ? ""
                                   : swatch(static_cast<std::size_t>(among_drawn - drawn.begin()));
    for (std::size_t t = 0; t < fitted.data.size(); ++t) {
      const measured::TargetFit& target = ranked.fit.targets[t];
      const measured::Metrics& m = target.metrics;
      rows.push_back(chosen(
          {fmt::format("{}", rank), colour + markup(case_label(opened.results.header, i_case)),
           markup(fitted.data[t].spectrum.name), fmt::format("{:.4g}", ranked.fit.reduced_chi2()),
           fmt::format("{:.5f}", m.r_factor), with_error(target.shift_ev, 3),
           with_error(ranked.fit.width_ev, 2),
           fmt::format("{:.4g} ± {:.1g}", target.scale.value, target.scale.sigma),
           fmt::format("{:.4f}", m.pearson), fmt::format("{:.4f}", m.spearman),
           fmt::format("{:.2f}", m.d1), fmt::format("{:.2f}", m.d2)},
          wanted));
    }
  }
  return html_table(heads, rows, 1) + "<p>Best case first; ± one standard deviation.</p>\n";
}

std::string best_table(const FittedCases& fitted) {
  if (!fitted.best) return "";
  const campaign::BestParameters& best = *fitted.best;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t d = 0; d < best.keys.size(); ++d) {
    rows.push_back({markup(best.keys[d]),
                    fmt::format("{:.4f} ± {:.4f} {}", best.fit.parameters[d].value,
                                kConfidence95 * best.sigma(d), markup(best.units[d])),
                    fmt::format("{:.4f}", best.fit.parameters[d].sigma),
                    std::isfinite(best.interpolation_error[d])
                        ? fmt::format("{:.4f}", best.interpolation_error[d])
                        : "unknown, two cases"});
  }
  return fmt::format(
             "<h3>Best values between the cases</h3>\n<p>χ²/degree {:.4g}; spectra "
             "interpolated.</p>\n",
             best.fit.reduced_chi2()) +
         html_table({"parameter", "value, 95 % interval", "standard deviation", "interpolation"},
                    rows);
}

}  // namespace

std::string comparison_section(const campaign::OpenedResults& opened,
                               const std::vector<std::size_t>& drawn, const FittedCases& fitted) {
  std::string out = "<p>";
  for (const std::string& line : fitted.about) out += markup(line) + "<br>\n";
  out += "</p>\n";
  for (const std::string& warning : fitted.warnings) {
    out += "<p class=\"warning\">" + markup(warning) + "</p>\n";
  }
  return out + ranking_table(opened, drawn, fitted) + best_table(fitted);
}

}  // namespace kedge::report
