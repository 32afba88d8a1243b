// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "kedge/io/svg_plot.hpp"
#include "kedge/measured/fit_curve.hpp"

/// Figures of fits to measured spectra. Rank-local.
namespace kedge::report {

/// Measured points with their error bars, the fit, its background and the difference, on one axis.
/// @param with_background  draw the fitted background, which is otherwise zero
[[nodiscard]] io::Plot fit_figure(const measured::TargetFit& fit, const std::string& title,
                                  bool with_background);

}  // namespace kedge::report
