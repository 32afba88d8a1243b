// SPDX-License-Identifier: BSD-3-Clause
#pragma once

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
  [[nodiscard]] Value at(double x) const;
};

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
