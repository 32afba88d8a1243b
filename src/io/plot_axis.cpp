// SPDX-License-Identifier: BSD-3-Clause
#include "plot_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace kedge::io {

std::vector<double> Axis::ticks(int parts) const {
  const double small = step / parts;
  std::vector<double> values;
  // The margin keeps ticks on the ends in spite of rounding.
  const double margin = 1e-9 * step;
  for (double n = std::ceil((range.low - margin) / small); n * small <= range.high + margin; ++n) {
    values.push_back(n * small);
  }
  return values;
}

double nice_step(double width, int most_ticks) {
  const double raw = width / most_ticks;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw * (1.0 - 1e-9)) return factor * power;
  }
  return 10.0 * power;
}

int common_exponent(const Range& range) {
  const double largest = std::max(std::abs(range.low), std::abs(range.high));
  if (largest < 1e5 && largest >= 0.05) return 0;
  return 3 * static_cast<int>(std::floor(std::log10(largest) / 3.0));
}

std::string power_of_ten(int exponent) {
  constexpr std::array<const char*, 10> kRaised = {"\u2070", "\u00B9", "\u00B2", "\u00B3",
                                                   "\u2074", "\u2075", "\u2076", "\u2077",
                                                   "\u2078", "\u2079"};
  std::string text = "\u00D710";
  if (exponent < 0) text += "\u207B";
  for (const char digit : std::to_string(std::abs(exponent))) {
    text += kRaised[static_cast<std::size_t>(digit - '0')];
  }
  return text;
}

std::string tick_text(double value, double step, int exponent) {
  const double scale = std::pow(10.0, -exponent);
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step * scale) + 1e-9)));
  const bool zero = std::abs(value) < 1e-6 * step;
  std::string text = fmt::format("{:.{}f}", zero ? 0.0 : value * scale, decimals);
  if (text.front() == '-') text.replace(0, 1, "\u2212");  // a minus sign, not a hyphen
  return text;
}

}  // namespace kedge::io
