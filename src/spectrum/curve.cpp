// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/spectrum/curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "kedge/core/error.hpp"

namespace kedge::spectrum {

void check_curve(std::span<const double> x, std::span<const double> y, const std::string& what) {
  if (x.size() != y.size()) {
    throw Error(ErrorKind::internal, fmt::format("{}: {} values for {} points, wanted as many",
                                                 what, y.size(), x.size()));
  }
  if (x.size() < 2) {
    throw Error(ErrorKind::input,
                fmt::format("{}: {} points found, at least 2 wanted", what, x.size()));
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i]) || (i > 0 && x[i] <= x[i - 1])) {
      throw Error(ErrorKind::input, fmt::format("{}: point {} lies at {}; wanted finite numbers in "
                                                "strictly increasing order",
                                                what, i + 1, x[i]));
    }
    if (!std::isfinite(y[i])) {
      throw Error(ErrorKind::numerical,
                  fmt::format("{}: the value at {} is {}, wanted a finite number; compute the "
                              "missing energies first, or leave them out",
                              what, x[i], y[i]));
    }
  }
}

double linear_at(std::span<const double> x, std::span<const double> y, double at) {
  assert(!x.empty() && x.size() == y.size());
  const auto above = std::upper_bound(x.begin(), x.end(), at);
  if (above == x.begin()) return y.front();
  if (above == x.end()) return y.back();
  const auto i = static_cast<std::size_t>(above - x.begin());
  const double fraction = (at - x[i - 1]) / (x[i] - x[i - 1]);
  return y[i - 1] + fraction * (y[i] - y[i - 1]);
}

double cubic_at(std::span<const double> x, std::span<const double> y, double at) {
  assert(!x.empty() && x.size() == y.size());
  const auto above = std::upper_bound(x.begin(), x.end(), at);
  if (above == x.begin()) return y.front();
  if (above == x.end()) return y.back();
  const auto i = static_cast<std::size_t>(above - x.begin());  // between points i - 1 and i
  const auto secant = [&](std::size_t k) { return (y[k] - y[k - 1]) / (x[k] - x[k - 1]); };
  const auto slope = [&](std::size_t k) {
    if (k == 0) return secant(1);
    if (k + 1 == x.size()) return secant(k);
    const double below = x[k] - x[k - 1];
    const double beyond = x[k + 1] - x[k];
    return (beyond * secant(k) + below * secant(k + 1)) / (below + beyond);
  };
  const double h = x[i] - x[i - 1];
  const double t = (at - x[i - 1]) / h;
  const double u = 1.0 - t;
  return u * u * ((1.0 + 2.0 * t) * y[i - 1] + t * h * slope(i - 1)) +
         t * t * ((1.0 + 2.0 * u) * y[i] - u * h * slope(i));
}

}  // namespace kedge::spectrum
