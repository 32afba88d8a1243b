// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/report/fit_figures.hpp"

namespace kedge::report {

io::Plot fit_figure(const measured::TargetFit& fit, const std::string& title,
                    bool with_background) {
  constexpr std::size_t kBlack = 6;
  io::Plot plot;
  plot.title = title;
  plot.x_label = "Energy (eV)";
  plot.y_label = "Intensity, as measured";
  io::PlotCurve measured{"measured", fit.energy_ev, fit.measured, true};
  measured.y_error = fit.error;
  measured.colour = kBlack;
  plot.curves.push_back(std::move(measured));
  // Over the points, or a dense measurement would hide them.
  plot.curves.push_back({"computed", fit.energy_ev, fit.model, false});
  if (with_background)
    plot.curves.push_back({"background", fit.energy_ev, fit.background_curve, false});
  io::PlotCurve difference{"measured − computed", fit.energy_ev, {}, false};
  for (std::size_t i = 0; i < fit.model.size(); ++i)
    difference.y.push_back(fit.measured[i] - fit.model[i]);
  difference.colour = 3;  // the same with and without background
  plot.curves.push_back(std::move(difference));
  return plot;
}

}  // namespace kedge::report
