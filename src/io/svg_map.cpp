// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/io/svg_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "kedge/core/error.hpp"
#include "plot_axis.hpp"
#include "svg_text.hpp"

namespace kedge::io {

namespace {

constexpr int kTextSize = 14;
constexpr int kLabelSize = 16;
constexpr int kTitleSize = 19;

/// Borders of the cells about even or uneven points.
std::vector<double> borders(const std::vector<double>& at) {
  const std::size_t n = at.size();
  std::vector<double> result(n + 1);
  for (std::size_t i = 1; i < n; ++i) result[i] = 0.5 * (at[i - 1] + at[i]);
  const double half = n > 1 ? 0.5 * (at[1] - at[0]) : 0.5;
  const double last_half = n > 1 ? 0.5 * (at[n - 1] - at[n - 2]) : 0.5;
  result[0] = at[0] - half;
  result[n] = at[n - 1] + last_half;
  return result;
}

class SvgMap {
 public:
  explicit SvgMap(const ColourMap& map) : map_(map) {
    bool fits = !map.x.empty() && !map.y.empty() && map.values.size() == map.y.size();
    for (const auto& row : map.values) {
      fits = fits && row.size() == map.x.size();
      for (const double value : row) {
        if (std::isfinite(value)) range_.include(value);
      }
    }
    if (!fits) throw Error(ErrorKind::internal, "map: sizes of axes and values do not fit");
    if (!(range_.low <= range_.high)) {
      throw Error(ErrorKind::input, fmt::format("map \"{}\": no value to draw", map.title));
    }
    x_borders_ = borders(map.x);
    y_borders_ = borders(map.y);
    x_.range = {x_borders_.front(), x_borders_.back()};
    y_.range = {y_borders_.front(), y_borders_.back()};
    x_.first_pixel = kLeft;
    x_.last_pixel = map.width - 122.0;
    y_.first_pixel = map.height - 62.0;
    y_.last_pixel = kTop;
    x_.step = nice_step(x_.range.width(), 12);
    y_.step = nice_step(y_.range.width(), 8);
  }

  std::string draw() {
    out_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
        "{1}\" role=\"img\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"{2}\">\n"
        "<title>{3}</title>\n<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
        map_.width, map_.height, kTextSize, escaped(map_.title));
    draw_cells();
    draw_axes();
    draw_scale();
    const double room = (map_.width - 20.0) / (1.1 * text_width(map_.title, 1));
    text(0.5 * map_.width, 30, "middle", std::clamp(static_cast<int>(room), 10, kTitleSize),
         map_.title, " font-weight=\"bold\"");
    return out_ + "</svg>\n";
  }

 private:
  static constexpr double kLeft = 92.0;
  static constexpr double kTop = 64.0;
  static constexpr double kHighRow = 30.0;  // [px]

  void text(double x, double y, const char* anchor, int size, const std::string& content,
            const std::string& more = "") {
    out_ += fmt::format(
        "<text x=\"{:.2f}\" y=\"{:.2f}\" text-anchor=\"{}\" font-size=\"{}\" "
        "fill=\"#222222\"{}>{}</text>\n",
        x, y, anchor, size, more, escaped(content));
  }

  void draw_cells() {
    out_ += "<g shape-rendering=\"crispEdges\">\n";
    const double width = range_.width() > 0.0 ? range_.width() : 1.0;
    for (std::size_t row = 0; row < map_.y.size(); ++row) {
      const double top = y_.pixel(y_borders_[row + 1]);
      const double bottom = y_.pixel(y_borders_[row]);
      for (std::size_t i = 0; i < map_.x.size(); ++i) {
        const double value = map_.values[row][i];
        if (!std::isfinite(value)) continue;
        const double left = x_.pixel(x_borders_[i]);
        const double right = x_.pixel(x_borders_[i + 1]);
        out_ += fmt::format(
            "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\"/>\n",
            left, top, right - left, bottom - top, viridis((value - range_.low) / width));
      }
    }
    out_ += "</g>\n";
  }

  void tick(double x1, double y1, double x2, double y2) {
    out_ += fmt::format(
        "<line x1=\"{:.2f}\" y1=\"{:.2f}\" x2=\"{:.2f}\" y2=\"{:.2f}\" stroke=\"#222222\"/>\n", x1,
        y1, x2, y2);
  }

  [[nodiscard]] bool rows_are_high() const {
    for (std::size_t i = 1; i < map_.y.size(); ++i) {
      if (std::abs(y_.pixel(map_.y[i]) - y_.pixel(map_.y[i - 1])) < kHighRow) return false;
    }
    return true;
  }

  void draw_axes() {
    const double bottom = y_.first_pixel;
    for (const double value : x_.ticks(1)) {
      tick(x_.pixel(value), bottom, x_.pixel(value), bottom + 6);
      text(x_.pixel(value), bottom + 22, "middle", kTextSize, tick_text(value, x_.step, 0));
    }
    // High rows have their values beside them: round numbers would stand at their borders.
    const bool high = rows_are_high();
    for (const double value : high ? map_.y : y_.ticks(1)) {
      tick(kLeft - 6, y_.pixel(value), kLeft, y_.pixel(value));
      std::string number = high ? fmt::format("{:.4g}", value) : tick_text(value, y_.step, 0);
      if (number.front() == '-') number.replace(0, 1, "\u2212");
      text(kLeft - 10, y_.pixel(value) + 5, "end", kTextSize, number);
    }
    out_ += fmt::format(
        "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"none\" "
        "stroke=\"#222222\"/>\n",
        kLeft, kTop, x_.last_pixel - kLeft, bottom - kTop);
    text(0.5 * (kLeft + x_.last_pixel), map_.height - 14, "middle", kLabelSize, map_.x_label);
    const double middle = 0.5 * (kTop + bottom);
    text(24, middle, "middle", kLabelSize, map_.y_label,
         fmt::format(" transform=\"rotate(-90 24 {:.2f})\"", middle));
  }

  void draw_scale() {
    constexpr int kSteps = 64;
    const double left = x_.last_pixel + 24;
    Axis axis;
    axis.range = range_.width() > 0.0 ? range_ : Range{range_.low - 0.5, range_.low + 0.5};
    axis.first_pixel = y_.first_pixel;
    axis.last_pixel = kTop;
    axis.step = nice_step(axis.range.width(), 7);
    const int exponent = common_exponent(axis.range);
    for (int i = 0; i < kSteps; ++i) {
      const double top = axis.first_pixel + (axis.last_pixel - axis.first_pixel) * (i + 1) / kSteps;
      out_ += fmt::format(
          "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"18\" height=\"{:.2f}\" fill=\"{}\"/>\n", left,
          top, (axis.first_pixel - axis.last_pixel) / kSteps + 0.5, viridis((i + 0.5) / kSteps));
    }
    for (const double value : axis.ticks(1)) {
      tick(left + 18, axis.pixel(value), left + 23, axis.pixel(value));
      text(left + 27, axis.pixel(value) + 5, "start", kTextSize,
           tick_text(value, axis.step, exponent));
    }
    if (exponent != 0) text(left, kTop - 8, "start", kTextSize, power_of_ten(exponent));
    const double middle = 0.5 * (kTop + axis.first_pixel);
    const double x = map_.width - 12.0;
    text(x, middle, "middle", kLabelSize, map_.value_label,
         fmt::format(" transform=\"rotate(-90 {:.2f} {:.2f})\"", x, middle));
  }

  const ColourMap& map_;
  Range range_;
  Axis x_;
  Axis y_;
  std::vector<double> x_borders_;
  std::vector<double> y_borders_;
  std::string out_;
};

}  // namespace

std::string viridis(double fraction) {
  // Every eighth of the scale.
  constexpr std::array<std::array<double, 3>, 9> kStops = {{{68, 1, 84},
                                                            {71, 44, 122},
                                                            {59, 81, 139},
                                                            {44, 113, 142},
                                                            {33, 144, 141},
                                                            {39, 173, 129},
                                                            {92, 200, 99},
                                                            {170, 220, 50},
                                                            {253, 231, 37}}};
  const double position = std::clamp(fraction, 0.0, 1.0) * 8.0;
  const auto i = std::min<std::size_t>(static_cast<std::size_t>(position), 7);
  const double part = position - static_cast<double>(i);
  std::array<int, 3> colour{};
  for (std::size_t c = 0; c < 3; ++c) {
    colour[c] =
        static_cast<int>(std::lround((1.0 - part) * kStops[i][c] + part * kStops[i + 1][c]));
  }
  return fmt::format("#{:02x}{:02x}{:02x}", colour[0], colour[1], colour[2]);
}

std::string svg(const ColourMap& map) {
  return SvgMap(map).draw();
}

}  // namespace kedge::io
