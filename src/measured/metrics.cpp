// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/measured/metrics.hpp"

#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

#include "kedge/spectrum/comparison.hpp"

namespace kedge::measured {

namespace {

/// Running integral over x scaled to 0..1, from zero to one after division by the whole area.
std::vector<double> running_integral(std::span<const double> x, std::span<const double> y) {
  const double width = x.back() - x.front();
  std::vector<double> sum(x.size(), 0.0);
  for (std::size_t i = 1; i < x.size(); ++i) {
    sum[i] = sum[i - 1] + 0.5 * (y[i] + y[i - 1]) * (x[i] - x[i - 1]) / width;
  }
  return sum;
}

}  // namespace

Metrics metrics(std::span<const double> x, std::span<const double> measured,
                std::span<const double> computed) {
  assert(x.size() == measured.size() && x.size() == computed.size() && x.size() >= 2);
  double squares = 0.0;
  double other_squares = 0.0;
  double products = 0.0;
  double differences = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    squares += measured[i] * measured[i];
    other_squares += computed[i] * computed[i];
    products += measured[i] * computed[i];
    differences += (measured[i] - computed[i]) * (measured[i] - computed[i]);
  }
  Metrics result;
  result.r_factor = squares > 0.0 ? differences / squares : 0.0;
  result.cosine =
      squares * other_squares > 0.0 ? products / std::sqrt(squares * other_squares) : 0.0;
  result.pearson = spectrum::pearson(measured, computed);
  result.spearman = spectrum::spearman(measured, computed);

  auto y = running_integral(x, measured);
  auto f = running_integral(x, computed);
  const double y_area = y.back();
  const double f_area = f.back();
  if (!(y_area > 0.0) || !(f_area > 0.0)) {
    result.d1 = result.d2 = std::numeric_limits<double>::quiet_NaN();
    return result;
  }
  std::vector<double> apart(x.size());
  std::vector<double> sums_apart(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    apart[i] = std::abs(measured[i] / y_area - computed[i] / f_area);
    sums_apart[i] = std::abs(y[i] / y_area - f[i] / f_area);
  }
  result.d1 = 50.0 * running_integral(x, apart).back();
  result.d2 = 100.0 * running_integral(x, sums_apart).back();
  return result;
}

}  // namespace kedge::measured
