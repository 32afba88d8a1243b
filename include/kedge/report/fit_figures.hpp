// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "kedge/io/svg_plot.hpp"
#include "kedge/measured/fit_curve.hpp"
#include "kedge/measured/mixture.hpp"

/// Figures of fits to measured spectra. Rank-local.
namespace kedge::report {

/// Measured points with their error bars, the fit, its background and the difference, on one axis.
/// @param with_background  draw the fitted background, which is otherwise zero
[[nodiscard]] io::Plot fit_figure(const measured::TargetFit& fit, const std::string& title,
                                  bool with_background);

/// Fractions of the components of a mixture along a series of measured spectra: points with error
/// bars, joined in the order of `along`. Components held at zero in every spectrum are left out.
/// @param labels  of the components   @param along  of each spectrum, milling time for instance
[[nodiscard]] io::Plot fractions_figure(const measured::MixtureSeries& series,
                                        const std::vector<std::string>& labels,
                                        const std::vector<double>& along);

}  // namespace kedge::report
