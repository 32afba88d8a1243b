// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/spectrum/peaks.hpp"

#include <algorithm>

#include "kedge/spectrum/curve.hpp"

namespace kedge::spectrum {
namespace {

struct Vertex {
  double x = 0.0;
  double y = 0.0;
};

/// Top of the parabola through points i-1, i, i+1, the middle one being the highest.
Vertex parabola_top(std::span<const double> x, std::span<const double> y, std::size_t i) {
  const double slope = (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
  const double next_slope = (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
  const double curvature = (next_slope - slope) / (x[i + 1] - x[i - 1]);
  const double top = 0.5 * (x[i - 1] + x[i]) - 0.5 * slope / curvature;
  return {top, y[i - 1] + slope * (top - x[i - 1]) + curvature * (top - x[i - 1]) * (top - x[i])};
}

/// Higher of the two saddles of the flat or sharp top that spans points first to last.
double saddle(std::span<const double> y, std::size_t first, std::size_t last) {
  const double top = y[first];
  double left = top;
  for (std::size_t i = first; i-- > 0 && y[i] <= top;) left = std::min(left, y[i]);
  double right = top;
  for (std::size_t i = last + 1; i < y.size() && y[i] <= top; ++i) right = std::min(right, y[i]);
  return std::max(left, right);
}

}  // namespace

std::vector<Peak> find_peaks(std::span<const double> x, std::span<const double> y,
                             double smallest_prominence) {
  check_curve(x, y, "spectrum searched for peaks");
  const auto [smallest, largest] = std::ranges::minmax(y);
  const double limit = smallest_prominence * (largest - smallest);
  std::vector<Peak> peaks;
  for (std::size_t first = 1; first + 1 < y.size(); ++first) {
    if (y[first] <= y[first - 1]) continue;
    std::size_t last = first;
    while (last + 1 < y.size() && y[last + 1] == y[first]) ++last;
    if (last + 1 == y.size() || y[last + 1] > y[first]) continue;
    const Vertex top =
        last > first ? Vertex{0.5 * (x[first] + x[last]), y[first]} : parabola_top(x, y, first);
    const double prominence = top.y - saddle(y, first, last);
    if (prominence >= limit) peaks.push_back({top.x, top.y, prominence});
    first = last;
  }
  return peaks;
}

}  // namespace kedge::spectrum
