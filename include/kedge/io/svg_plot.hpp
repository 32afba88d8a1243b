// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kedge::io {

/// One curve of a plot. Points where x or y is not finite leave a gap.
struct PlotCurve {
  std::string label;  ///< in the legend; empty: not listed
  std::vector<double> x;
  std::vector<double> y;
  bool points = false;                         ///< dots instead of a line: measured data
  std::vector<double> y_error = {};            ///< bars of one standard deviation; empty: none
  std::vector<std::string> point_labels = {};  ///< beside each dot; empty: none
  /// Colour and dash of curve number n, so that one site looks alike in all figures; empty: place
  /// of the curve in the plot.
  std::optional<std::size_t> colour = {};
  std::string group = {};  ///< what data-curve says; empty: the label
};

/// A vertical line across the plot with its text above the frame, for peaks.
struct PlotMarker {
  double x = 0.0;
  std::string label;
};

/// Everything a line plot shows. Texts are UTF-8 and need no escaping.
struct Plot {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<PlotCurve> curves;
  std::vector<PlotMarker> markers;
  /// Curve i is drawn at y + i * stack_offset; unless 0, the numbers of the y axis are left out and
  /// the legend runs from the top curve to the bottom one.
  double stack_offset = 0.0;
  std::optional<std::pair<double, double>> x_range;  ///< empty: from the data
  int width = 960;                                   ///< [px]
  int height = 600;                                  ///< [px]; grows where the legend needs more
};

/// The plot as one self-contained SVG element on white, which may stand in a file of its own or
/// inside an HTML page (it has no ids that could clash).
///
/// Everything drawn for a curve, its legend too, is inside elements with class "curve" or "legend"
/// and the attribute data-curve="<group>", by which a page may show and hide it.
///
/// Colours are those of M. Okabe, K. Ito, "Color Universal Design" (2008) without yellow, told
/// apart by the common kinds of colour blindness; after seven curves the colours return dashed.
/// @throws Error{input} if no curve has a point to draw; Error{internal} if x and y differ in size
[[nodiscard]] std::string svg(const Plot& plot);

/// Colour of curve number n ("#0072B2") and its dashes ("" or "8 4"), as svg() takes them.
[[nodiscard]] std::string curve_colour(std::size_t n);
[[nodiscard]] std::string curve_dashes(std::size_t n);

/// The curve that is black: measured points have its colour.
inline constexpr std::size_t kBlackCurve = 6;

}  // namespace kedge::io
