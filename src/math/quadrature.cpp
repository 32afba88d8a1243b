// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/math/quadrature.hpp"

#include <cmath>

#include "kedge/core/units.hpp"

namespace kedge::math {

Rule gauss_legendre(int n) {
  Rule rule;
  rule.x.resize(static_cast<std::size_t>(n));
  rule.w.resize(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    double x = std::cos(kPi * (i + 0.75) / (n + 0.5));  // Tricomi's estimate of the root
    double slope = 0.0;
    for (int iteration = 0; iteration < 100; ++iteration) {
      double p = 1.0;
      double previous = 0.0;
      for (int k = 1; k <= n; ++k) {
        const double next = ((2 * k - 1) * x * p - (k - 1) * previous) / k;
        previous = p;
        p = next;
      }
      slope = n * (x * p - previous) / (x * x - 1.0);
      const double change = p / slope;
      x -= change;
      if (std::abs(change) < 1e-15) break;
    }
    rule.x[static_cast<std::size_t>(n - 1 - i)] = x;
    rule.w[static_cast<std::size_t>(n - 1 - i)] = 2.0 / ((1.0 - x * x) * slope * slope);
  }
  return rule;
}

AngularRule angular_rule(int n) {
  const Rule polar = gauss_legendre(n);
  AngularRule rule;
  for (std::size_t i = 0; i < polar.x.size(); ++i) {
    const double s = std::sqrt(1.0 - polar.x[i] * polar.x[i]);
    for (int j = 0; j < 2 * n; ++j) {
      const double phi = kPi * (j + 0.5) / n;
      rule.direction.emplace_back(s * std::cos(phi), s * std::sin(phi), polar.x[i]);
      rule.weight.push_back(polar.w[i] * kPi / n);
    }
  }
  return rule;
}

}  // namespace kedge::math
