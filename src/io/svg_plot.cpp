// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/io/svg_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "plot_axis.hpp"
#include "svg_text.hpp"

namespace kedge::io {
namespace {

constexpr std::array<std::string_view, 7> kColours = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                      "#E69F00", "#56B4E9", "#000000"};
constexpr std::array<std::string_view, 4> kDashes = {"", "8 4", "2 4", "10 4 2 4"};
constexpr int kTitleSize = 19;
constexpr int kLabelSize = 16;
constexpr int kTextSize = 14;
constexpr int kLegendRow = 23;
constexpr int kMarkerRow = 18;
constexpr std::size_t kLongestLegend = 42;

std::string shortened(std::string_view text) {
  const auto all = letters(text);
  if (all.size() <= kLongestLegend) return std::string(text);
  std::string result;
  for (std::size_t i = 0; i + 1 < kLongestLegend; ++i) result += all[i];
  return result + "\u2026";
}

/// A marker with the row its text stands in and the middle of the text [px].
struct PlacedMarker {
  double x = 0.0;
  double text_middle = 0.0;
  int row = 0;
  std::string label;
};

/// Where the label of a point was written [px].
struct LabelBox {
  double x = 0.0;
  double y = 0.0;  ///< of the line the letters stand on
  double width = 0.0;
};

class SvgPlot {
 public:
  explicit SvgPlot(const Plot& plot) : plot_(plot) {
    choose_ranges();
    choose_layout();
  }

  std::string draw() {
    out_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
        "{1}\" role=\"img\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"{2}\">\n"
        "<title>{3}</title>\n<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
        plot_.width, height_, kTextSize, escaped(plot_.title));
    draw_axes();
    draw_markers();
    draw_curves();
    draw_texts();
    draw_legend();
    return out_ + "</svg>\n";
  }

 private:
  [[nodiscard]] double offset(std::size_t curve) const {
    return plot_.stack_offset * static_cast<double>(curve);
  }
  [[nodiscard]] bool has_title() const { return !plot_.title.empty(); }

  void choose_ranges() {
    if (plot_.x_range) {
      x_.range = {plot_.x_range->first, plot_.x_range->second};
    }
    Range x_data;
    for (std::size_t c = 0; c < plot_.curves.size(); ++c) {
      const PlotCurve& curve = plot_.curves[c];
      const auto fits = [&](std::size_t size) { return size == 0 || size == curve.x.size(); };
      if (curve.x.size() != curve.y.size() || !fits(curve.y_error.size()) ||
          !fits(curve.point_labels.size())) {
        throw Error(
            ErrorKind::internal,
            fmt::format("plot: curve \"{}\" has {} x and {} y values, {} errors and {} labels",
                        curve.label, curve.x.size(), curve.y.size(), curve.y_error.size(),
                        curve.point_labels.size()));
      }
      for (std::size_t i = 0; i < curve.x.size(); ++i) {
        if (!std::isfinite(curve.x[i]) || !std::isfinite(curve.y[i])) continue;
        if (plot_.x_range && (curve.x[i] < x_.range.low || curve.x[i] > x_.range.high)) continue;
        x_data.include(curve.x[i]);
        y_.range.include(curve.y[i] + offset(c));
        if (!curve.y_error.empty()) {
          y_.range.include(curve.y[i] + offset(c) + curve.y_error[i]);
          y_.range.include(curve.y[i] + offset(c) - curve.y_error[i]);
        }
      }
    }
    if (!(x_data.low <= x_data.high)) {
      throw Error(ErrorKind::input,
                  fmt::format("plot \"{}\": no curve has a point in the range shown; compute or "
                              "load a spectrum first",
                              plot_.title));
    }
    if (!plot_.x_range) x_.range = x_data;
    widen_if_empty(x_.range);
    const bool labelled = std::any_of(plot_.curves.begin(), plot_.curves.end(),
                                      [](const PlotCurve& c) { return !c.point_labels.empty(); });
    if (labelled && !plot_.x_range) {
      const double room = 0.06 * x_.range.width();
      x_.range = {x_.range.low - room, x_.range.high + room};
    }
    widen_if_empty(y_.range);
    const Range data = y_.range;
    y_.range.high += 0.05 * data.width();
    // Spectra stand on zero unless they stay far above it.
    if (data.low >= 0.0 && data.low < 0.3 * data.high) {
      y_.range.low = 0.0;
    } else {
      y_.range.low -= 0.05 * data.width();
    }
  }

  static void widen_if_empty(Range& range) {
    const double size = std::max(std::abs(range.low), std::abs(range.high));
    if (range.width() > 1e-12 * size && range.width() > 0.0) return;
    const double half = size > 0.0 ? 0.1 * size : 1.0;
    range = {range.low - half, range.high + half};
  }

  void choose_layout() {
    for (std::size_t c = 0; c < plot_.curves.size(); ++c) {
      if (!plot_.curves[c].label.empty()) legend_.push_back(c);
    }
    if (plot_.stack_offset != 0.0) std::reverse(legend_.begin(), legend_.end());
    double legend_width = 0.0;
    for (const std::size_t c : legend_) {
      legend_width =
          std::max(legend_width, 62.0 + text_width(shortened(plot_.curves[c].label), kTextSize));
    }
    left_ = 92.0;
    right_ = std::max(left_ + 200.0, plot_.width - 22.0 - legend_width);
    x_.first_pixel = left_;
    x_.last_pixel = right_;
    x_.step = nice_step(x_.range.width(), std::max(4, static_cast<int>((right_ - left_) / 60.0)));
    const int marker_rows = place_markers();
    exponent_ = plot_.stack_offset == 0.0 ? common_exponent(y_.range) : 0;
    top_ = (has_title() ? 46.0 : 18.0) + marker_rows * kMarkerRow + (exponent_ != 0 ? 16.0 : 0.0);
    const auto rows = static_cast<int>(legend_.size());
    height_ = std::max(plot_.height, static_cast<int>(top_) + rows * kLegendRow + 70);
    bottom_ = height_ - 62.0;
    y_.first_pixel = bottom_;
    y_.last_pixel = top_;
    y_.step = nice_step(y_.range.width(), std::max(3, static_cast<int>((bottom_ - top_) / 55.0)));
  }

  /// Gives each marker's text the lowest row above the frame where it touches no other.
  int place_markers() {
    std::vector<PlotMarker> sorted;
    for (const PlotMarker& marker : plot_.markers) {
      if (marker.x >= x_.range.low && marker.x <= x_.range.high) sorted.push_back(marker);
    }
    std::sort(sorted.begin(), sorted.end(),
              [](const PlotMarker& a, const PlotMarker& b) { return a.x < b.x; });
    std::vector<double> row_ends;
    for (const PlotMarker& marker : sorted) {
      const double half = 0.5 * text_width(marker.label, kTextSize);
      PlacedMarker placed{x_.pixel(marker.x), 0.0, 0, marker.label};
      placed.text_middle =
          std::clamp(placed.x, left_ + half, std::max(left_ + half, right_ - half));
      const auto free = std::find_if(row_ends.begin(), row_ends.end(),
                                     [&](double end) { return end < placed.text_middle - half; });
      placed.row = static_cast<int>(free - row_ends.begin());
      if (free == row_ends.end()) row_ends.push_back(0.0);
      row_ends[static_cast<std::size_t>(placed.row)] = placed.text_middle + half + 6.0;
      markers_.push_back(placed);
    }
    return static_cast<int>(row_ends.size());
  }

  void line(double x1, double y1, double x2, double y2, std::string_view style) {
    out_ += fmt::format("<line x1=\"{:.2f}\" y1=\"{:.2f}\" x2=\"{:.2f}\" y2=\"{:.2f}\" {}/>\n", x1,
                        y1, x2, y2, style);
  }

  void text(double x, double y, std::string_view anchor, int size, std::string_view content,
            std::string_view more = "") {
    out_ += fmt::format(
        "<text x=\"{:.2f}\" y=\"{:.2f}\" text-anchor=\"{}\" font-size=\"{}\" fill=\"#222222\"{}>{}"
        "</text>\n",
        x, y, anchor, size, more, escaped(content));
  }

  void draw_axes() {
    const std::string_view grid = "stroke=\"#e4e4e4\"";
    const std::string_view tick = "stroke=\"#222222\"";
    for (const double value : x_.ticks(1)) {
      const double x = x_.pixel(value);
      line(x, top_, x, bottom_, grid);
      line(x, bottom_, x, bottom_ + 6, tick);
      text(x, bottom_ + 22, "middle", kTextSize, tick_text(value, x_.step, 0));
    }
    for (const double value : x_.ticks(5)) {
      line(x_.pixel(value), bottom_, x_.pixel(value), bottom_ + 3, tick);
    }
    const bool numbers = plot_.stack_offset == 0.0;
    for (const double value : y_.ticks(1)) {
      const double y = y_.pixel(value);
      if (!numbers) continue;
      line(left_, y, right_, y, grid);
      line(left_ - 6, y, left_, y, tick);
      text(left_ - 10, y + 5, "end", kTextSize, tick_text(value, y_.step, exponent_));
    }
    if (exponent_ != 0) text(left_, top_ - 6, "middle", kTextSize, power_of_ten(exponent_));
    out_ += fmt::format(
        "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"none\" "
        "stroke=\"#222222\"/>\n",
        left_, top_, right_ - left_, bottom_ - top_);
  }

  void draw_markers() {
    for (const PlacedMarker& marker : markers_) {
      const double y = top_ - 6 - (exponent_ != 0 ? 16.0 : 0.0) - marker.row * kMarkerRow;
      line(marker.x, y + 3, marker.x, bottom_,
           "class=\"marker\" stroke=\"#888888\" stroke-dasharray=\"3 3\"");
      text(marker.text_middle, y, "middle", kTextSize, marker.label);
    }
  }

  [[nodiscard]] std::size_t style_of(std::size_t curve) const {
    return plot_.curves[curve].colour.value_or(curve);
  }

  [[nodiscard]] std::string stroke_of(std::size_t curve) const {
    const std::string dash = curve_dashes(style_of(curve));
    return fmt::format("stroke=\"{}\" stroke-width=\"2\"{}", curve_colour(style_of(curve)),
                       dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash));
  }

  [[nodiscard]] std::string name_of(std::size_t curve) const {
    const PlotCurve& named = plot_.curves[curve];
    return fmt::format("data-curve=\"{}\"",
                       escaped(named.group.empty() ? named.label : named.group));
  }

  void draw_curves() {
    // An inner svg element clips to the frame without needing an id.
    out_ += fmt::format(
        "<svg x=\"{0:.2f}\" y=\"{1:.2f}\" width=\"{2:.2f}\" height=\"{3:.2f}\" viewBox=\"{0:.2f} "
        "{1:.2f} {2:.2f} {3:.2f}\" overflow=\"hidden\">\n",
        left_, top_, right_ - left_, bottom_ - top_);
    for (std::size_t c = 0; c < plot_.curves.size(); ++c) {
      if (plot_.curves[c].points) {
        draw_points(c);
      } else {
        draw_line(c);
      }
    }
    out_ += "</svg>\n";
  }

  void draw_line(std::size_t c) {
    const PlotCurve& curve = plot_.curves[c];
    std::string path;
    bool pen_down = false;
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      if (!std::isfinite(curve.x[i]) || !std::isfinite(curve.y[i])) {
        pen_down = false;
        continue;
      }
      const double x = x_.pixel(curve.x[i]);
      const double y = y_.pixel(curve.y[i] + offset(c));
      // A point between two gaps shows as a dot: a line of no length with round ends.
      path += pen_down ? fmt::format("L{:.2f} {:.2f}", x, y)
                       : fmt::format("M{0:.2f} {1:.2f}L{0:.2f} {1:.2f}", x, y);
      pen_down = true;
    }
    if (path.empty()) return;
    out_ += fmt::format(
        "<path class=\"curve\" {} d=\"{}\" fill=\"none\" {} stroke-linejoin=\"round\" "
        "stroke-linecap=\"round\"/>\n",
        name_of(c), path, stroke_of(c));
  }

  void draw_points(std::size_t c) {
    const PlotCurve& curve = plot_.curves[c];
    const std::string colour = curve_colour(style_of(c));
    out_ += fmt::format("<g class=\"curve\" {} fill=\"{}\">\n", name_of(c), colour);
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      if (!std::isfinite(curve.x[i]) || !std::isfinite(curve.y[i])) continue;
      const double x = x_.pixel(curve.x[i]);
      const double y = y_.pixel(curve.y[i] + offset(c));
      if (!curve.y_error.empty() && std::isfinite(curve.y_error[i])) {
        line(x, y_.pixel(curve.y[i] + offset(c) - curve.y_error[i]), x,
             y_.pixel(curve.y[i] + offset(c) + curve.y_error[i]),
             fmt::format("stroke=\"{}\" stroke-opacity=\"0.6\"", colour));
      }
      out_ += fmt::format("<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"{}\"/>\n", x, y,
                          curve.point_labels.empty() ? "2.6" : "4.5");
      if (!curve.point_labels.empty()) {
        place_label(x, y, curve.point_labels[i]);
      }
    }
    out_ += "</g>\n";
  }

  /// Writes a label at the first of four corners of its point where it touches no other label.
  void place_label(double x, double y, const std::string& label) {
    constexpr std::array<std::pair<int, int>, 4> kCorners = {{{1, -1}, {1, 1}, {-1, -1}, {-1, 1}}};
    const double width = text_width(label, kTextSize);
    for (std::size_t k = 0; k < kCorners.size(); ++k) {
      const auto [side, below] = kCorners[k];
      LabelBox box{side > 0 ? x + 8 : x - 8 - width, below > 0 ? y + 16.0 : y - 6.0, width};
      const bool outside = box.x + width > right_ || box.x < left_;
      const bool touches = std::any_of(labels_.begin(), labels_.end(), [&](const LabelBox& other) {
        return box.x < other.x + other.width && other.x < box.x + box.width &&
               std::abs(box.y - other.y) < kTextSize;
      });
      if ((outside || touches) && k + 1 < kCorners.size()) continue;
      text(box.x, box.y, "start", kTextSize, label);
      labels_.push_back(box);
      return;
    }
  }

  void draw_texts() {
    const double middle = 0.5 * (left_ + right_);
    if (has_title()) {
      // Over the whole picture; a long title is set smaller, bold letters are a tenth wider.
      const double room = (plot_.width - 20.0) / (1.1 * text_width(plot_.title, 1));
      const int size = std::clamp(static_cast<int>(room), 10, kTitleSize);
      text(0.5 * plot_.width, 30, "middle", size, plot_.title, " font-weight=\"bold\"");
    }
    text(middle, height_ - 14, "middle", kLabelSize, plot_.x_label);
    const double y_middle = 0.5 * (top_ + bottom_);
    const double x = plot_.stack_offset == 0.0 ? 24.0 : left_ - 24.0;
    text(x, y_middle, "middle", kLabelSize, plot_.y_label,
         fmt::format(" transform=\"rotate(-90 {:.2f} {:.2f})\"", x, y_middle));
  }

  void draw_legend() {
    double y = top_ + 12;
    for (const std::size_t c : legend_) {
      const double x = right_ + 14;
      out_ += fmt::format("<g class=\"legend\" {}>\n", name_of(c));
      if (plot_.curves[c].points) {
        out_ += fmt::format("<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"3.5\" fill=\"{}\"/>\n", x + 15,
                            y, curve_colour(style_of(c)));
      } else {
        line(x, y, x + 30, y, stroke_of(c));
      }
      text(x + 38, y + 5, "start", kTextSize, shortened(plot_.curves[c].label));
      out_ += "</g>\n";
      y += kLegendRow;
    }
  }

  const Plot& plot_;
  Axis x_;
  Axis y_;
  std::vector<std::size_t> legend_;
  std::vector<PlacedMarker> markers_;
  std::vector<LabelBox> labels_;
  double left_ = 0.0;
  double right_ = 0.0;
  double top_ = 0.0;
  double bottom_ = 0.0;
  int height_ = 0;
  int exponent_ = 0;
  std::string out_;
};

}  // namespace

std::string curve_colour(std::size_t n) {
  return std::string(kColours[n % kColours.size()]);
}

std::string curve_dashes(std::size_t n) {
  return std::string(kDashes[n / kColours.size() % kDashes.size()]);
}

std::string svg(const Plot& plot) {
  return SvgPlot(plot).draw();
}

}  // namespace kedge::io
