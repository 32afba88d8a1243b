// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cassert>
#include <cstddef>
#include <vector>

namespace kedge::measured {

/// A curve on an even grid x_i = first + i step, continued on both sides by its end values.
struct UniformCurve {
  double first = 0.0;
  double step = 1.0;
  std::vector<double> y;

  [[nodiscard]] double last() const { return first + step * static_cast<double>(y.size() - 1); }

  struct Value {
    double y = 0.0;
    double slope = 0.0;
  };
  /// Value and slope of the cubic through the two points beside x whose slopes there are the
  /// central differences (Catmull-Rom): once continuously differentiable, error of third order in
  /// the step.
  [[nodiscard]] Value at(double x) const;  // inline: most of the time of a ranking is spent in it
};

inline UniformCurve::Value UniformCurve::at(double x) const {
  assert(y.size() >= 2);
  const double position = (x - first) / step;
  const auto n = static_cast<std::ptrdiff_t>(y.size());
  if (!(position > 0.0)) return {y.front(), 0.0};
  if (position >= static_cast<double>(n - 1)) return {y.back(), 0.0};
  const auto i = static_cast<std::ptrdiff_t>(position);
  const double u = position - static_cast<double>(i);
  const double* point = y.data() + i;
  const double a = point[0];
  const double b = point[1];
  const double slope_a = 0.5 * (b - (i > 0 ? point[-1] : a));
  const double slope_b = 0.5 * ((i + 2 < n ? point[2] : b) - a);
  // a + slope_a u + c2 u^2 + c3 u^3 meets value and slope at both ends.
  const double c2 = 3.0 * (b - a) - 2.0 * slope_a - slope_b;
  const double c3 = 2.0 * (a - b) + slope_a + slope_b;
  return {a + u * (slope_a + u * (c2 + u * c3)), (slope_a + u * (2.0 * c2 + 3.0 * u * c3)) / step};
}

/// Weights T(n, t), n = 0, 1, ..., of the discrete Gaussian of variance t (in steps squared):
///   T(n, t) = exp(-t) I_n(t),   sum over all n of T = 1,   sum of n^2 T = t.
/// Convolving with it is exact for any t >= 0: no width is too small for the grid, variances add,
/// and d/dt T(n) = [T(n-1) - 2 T(n) + T(n+1)] / 2 gives the slope by the variance.
/// I_n by the downward recurrence I_(n-1) = I_(n+1) + (2n/t) I_n, normalised by the sum. Weights
/// below 1e-16 of the sum are left out.
/// Source: T. Lindeberg, IEEE Trans. Pattern Anal. Mach. Intell. 12, 234 (1990).
[[nodiscard]] std::vector<double> discrete_gaussian(double variance_steps);

/// Convolution with the Gaussian of this variance [x^2], ends continued.   @pre variance >= 0
[[nodiscard]] UniformCurve gaussian_smoothed(const UniformCurve& curve, double variance);

/// Second derivative by x, the slope of gaussian_smoothed by variance times two.
[[nodiscard]] UniformCurve second_derivative(const UniformCurve& curve);

}  // namespace kedge::measured
