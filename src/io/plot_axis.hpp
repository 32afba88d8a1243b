// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

/// Axes of a figure: range, ticks and the numbers beside them.
namespace kedge::io {

/// An interval that grows with what it is to include; empty at first.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  [[nodiscard]] double width() const { return high - low; }
};

/// Values along one side of a figure and where they stand.
struct Axis {
  Range range;
  double first_pixel = 0.0;
  double last_pixel = 0.0;
  double step = 1.0;  ///< between ticks: 1, 2 or 5 times a power of ten

  [[nodiscard]] double pixel(double value) const {
    return first_pixel + (last_pixel - first_pixel) * (value - range.low) / range.width();
  }
  /// Multiples of a fraction of the step within the range.
  [[nodiscard]] std::vector<double> ticks(int parts) const;
};

/// Smallest step of 1, 2 or 5 times a power of ten with which `most_ticks` cover the width.
[[nodiscard]] double nice_step(double width, int most_ticks);

/// Power of ten taken out of the numbers of an axis, a multiple of 3; 0 for numbers that are handy.
[[nodiscard]] int common_exponent(const Range& range);

/// "x10" with raised digits.
[[nodiscard]] std::string power_of_ten(int exponent);

/// Number beside a tick, with the decimals that the step needs.
[[nodiscard]] std::string tick_text(double value, double step, int exponent);

}  // namespace kedge::io
