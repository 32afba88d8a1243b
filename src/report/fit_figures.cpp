// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/report/fit_figures.hpp"

#include <algorithm>
#include <numeric>

namespace kedge::report {

io::Plot fit_figure(const measured::TargetFit& fit, const std::string& title,
                    bool with_background) {
  io::Plot plot;
  plot.title = title;
  plot.x_label = "Energy (eV)";
  plot.y_label = "Intensity, as measured";
  io::PlotCurve measured{"measured", fit.energy_ev, fit.measured, true};
  measured.y_error = fit.error;
  measured.colour = io::kBlackCurve;
  plot.curves.push_back(std::move(measured));
  // Over the points, or a dense measurement would hide them.
  plot.curves.push_back({"computed", fit.energy_ev, fit.model, false});
  if (with_background) {
    plot.curves.push_back({"background", fit.energy_ev, fit.background_curve, false});
  }
  io::PlotCurve difference{"measured − computed", fit.energy_ev, {}, false};
  for (std::size_t i = 0; i < fit.model.size(); ++i) {
    difference.y.push_back(fit.measured[i] - fit.model[i]);
  }
  difference.colour = 3;  // the same with and without background
  plot.curves.push_back(std::move(difference));
  return plot;
}

io::Plot fractions_figure(const measured::MixtureSeries& series,
                          const std::vector<std::string>& labels,
                          const std::vector<double>& along) {
  std::vector<std::size_t> order(along.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return along[a] < along[b]; });
  io::Plot plot;
  plot.y_label = "Fraction";
  if (!along.empty()) {  // points on the frame would be cut in half
    const auto [low, high] = std::minmax_element(along.begin(), along.end());
    const double room = *high > *low ? 0.04 * (*high - *low) : 0.5;
    plot.x_range = {*low - room, *high + room};
  }
  for (std::size_t k = 0; k < labels.size(); ++k) {
    io::PlotCurve points{labels[k], {}, {}, true};
    for (const std::size_t j : order) {
      const measured::Estimate& fraction = series.spectra[j].fractions[k];
      points.x.push_back(along[j]);
      points.y.push_back(fraction.value);
      points.y_error.push_back(fraction.sigma);
    }
    if (std::none_of(points.y.begin(), points.y.end(), [](double y) { return y > 0.0; })) continue;
    points.colour = k;
    io::PlotCurve line{"", points.x, points.y, false};
    line.colour = k;
    line.group = labels[k];
    plot.curves.push_back(std::move(points));
    plot.curves.push_back(std::move(line));
  }
  return plot;
}

}  // namespace kedge::report
