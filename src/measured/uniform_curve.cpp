// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/measured/uniform_curve.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace kedge::measured {

std::vector<double> discrete_gaussian(double variance_steps) {
  assert(variance_steps >= 0.0);
  const double t = variance_steps;
  if (t == 0.0) return {1.0};
  // I_n falls like a Gaussian up to n = t and faster beyond; 9 sigma and 20 more are below 1e-16.
  const auto highest = static_cast<int>(std::ceil(9.0 * std::sqrt(t))) + 20;
  std::vector<double> weights(static_cast<std::size_t>(highest) + 1, 0.0);
  double above = 0.0;
  double here = 1e-280;
  for (int n = highest; n >= 0; --n) {
    weights[static_cast<std::size_t>(n)] = here;
    const double below = above + 2.0 * n / t * here;
    above = here;
    here = below;
    if (here < 1e250) continue;
    for (int k = n; k <= highest; ++k) weights[static_cast<std::size_t>(k)] *= 1e-250;
    above *= 1e-250;
    here *= 1e-250;
  }
  double sum = weights[0];
  for (std::size_t n = 1; n < weights.size(); ++n) sum += 2.0 * weights[n];
  for (double& weight : weights) weight /= sum;
  while (weights.size() > 1 && weights.back() < 1e-16) weights.pop_back();
  return weights;
}

UniformCurve gaussian_smoothed(const UniformCurve& curve, double variance) {
  const auto weights = discrete_gaussian(variance / (curve.step * curve.step));
  if (weights.size() == 1) return curve;
  const auto reach = static_cast<std::ptrdiff_t>(weights.size()) - 1;
  const auto n = static_cast<std::ptrdiff_t>(curve.y.size());
  std::vector<double> padded;
  padded.reserve(curve.y.size() + 2 * static_cast<std::size_t>(reach));
  padded.insert(padded.end(), static_cast<std::size_t>(reach), curve.y.front());
  padded.insert(padded.end(), curve.y.begin(), curve.y.end());
  padded.insert(padded.end(), static_cast<std::size_t>(reach), curve.y.back());
  UniformCurve result = curve;
  for (double& y : result.y) y *= weights[0];
  for (std::ptrdiff_t k = 1; k <= reach; ++k) {
    const double weight = weights[static_cast<std::size_t>(k)];
    const double* below = padded.data() + reach - k;
    const double* above = padded.data() + reach + k;
    double* to = result.y.data();
    for (std::ptrdiff_t i = 0; i < n; ++i) to[i] += weight * (below[i] + above[i]);
  }
  return result;
}

UniformCurve second_derivative(const UniformCurve& curve) {
  UniformCurve result{curve.first, curve.step, std::vector<double>(curve.y.size(), 0.0)};
  const std::size_t n = curve.y.size();
  const double factor = 1.0 / (curve.step * curve.step);
  for (std::size_t i = 0; i < n; ++i) {
    const double left = curve.y[i == 0 ? 0 : i - 1];
    const double right = curve.y[std::min(i + 1, n - 1)];
    result.y[i] = factor * (left - 2.0 * curve.y[i] + right);
  }
  return result;
}

}  // namespace kedge::measured
