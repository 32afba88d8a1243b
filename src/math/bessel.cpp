// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/math/bessel.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace kedge::math {

namespace {

/// j_l(z), l = 0 .. n - 1, up to one common factor: downward from far enough above max(n, |z|) that
/// the start does not matter. Returns the unscaled j_0 and j_1.
template <class Number>
std::pair<Number, Number> recur_downward(Number z, std::span<Number> out) {
  const int n = static_cast<int>(out.size());
  const int start =
      std::max(n, static_cast<int>(std::abs(z))) + 20 + static_cast<int>(std::sqrt(40.0 * n));
  Number above = 0.0;
  Number current = 1e-290;
  for (int l = start; l >= 0; --l) {
    const Number below = (2.0 * l + 3.0) / z * current - above;
    above = current;
    current = below;
    if (l < n) out[static_cast<std::size_t>(l)] = current;
    if (std::abs(current) > 1e200) {
      current *= 1e-250;
      above *= 1e-250;
      for (int k = l; k < n; ++k) out[static_cast<std::size_t>(k)] *= 1e-250;
    }
  }
  return {current, above};
}

}  // namespace

void spherical_j(double x, std::span<double> out) {
  const int n = static_cast<int>(out.size());
  if (n == 0) return;
  if (x < 1e-12) {
    std::fill(out.begin(), out.end(), 0.0);
    out[0] = 1.0;
    return;
  }
  if (x > n || n == 1) {  // upward loses no digits there
    out[0] = std::sin(x) / x;
    if (n > 1) out[1] = (out[0] - std::cos(x)) / x;
    for (int l = 1; l + 1 < n; ++l) {
      const auto i = static_cast<std::size_t>(l);
      out[i + 1] = (2 * l + 1) / x * out[i] - out[i - 1];
    }
    return;
  }
  const auto [current, above] = recur_downward(x, out);
  const double j0 = std::sin(x) / x;
  const double j1 = (j0 - std::cos(x)) / x;
  // By the larger of the two, so that a zero of one does no harm.
  const double scale = std::abs(j0) > std::abs(j1) ? j0 / current : j1 / above;
  for (double& value : out) value *= scale;
}

void spherical_n(double x, std::span<double> out) {
  const int n = static_cast<int>(out.size());
  if (n == 0) return;
  out[0] = -std::cos(x) / x;
  if (n > 1) out[1] = (out[0] - std::sin(x)) / x;
  for (int l = 1; l + 1 < n; ++l) {
    const auto i = static_cast<std::size_t>(l);
    out[i + 1] = (2 * l + 1) / x * out[i] - out[i - 1];
  }
}

void spherical_j(std::complex<double> z, std::span<std::complex<double>> out) {
  using Complex = std::complex<double>;
  const int n = static_cast<int>(out.size());
  if (n == 0) return;
  if (std::abs(z) < 1e-12) {
    std::fill(out.begin(), out.end(), Complex(0.0));
    out[0] = 1.0;
    return;
  }
  const auto [current, above] = recur_downward(z, out);
  const Complex j0 = std::sin(z) / z;
  // below |z| = 0.1 the closed form of j_1 loses digits to cancellation; j_0 is near one there
  const Complex j1 = std::abs(z) < 0.1 ? Complex(0.0) : (j0 - std::cos(z)) / z;
  const Complex scale = std::abs(j0) > std::abs(j1) ? j0 / current : j1 / above;
  for (Complex& value : out) value *= scale;
}

void spherical_h(std::complex<double> z, std::span<std::complex<double>> out) {
  using Complex = std::complex<double>;
  const Complex i(0.0, 1.0);
  if (out.empty()) return;
  out[0] = std::exp(i * z) / (i * z);
  if (out.size() > 1) out[1] = out[0] * (1.0 / z - i);
  for (std::size_t l = 1; l + 1 < out.size(); ++l) {
    out[l + 1] = (2.0 * static_cast<double>(l) + 1.0) / z * out[l] - out[l - 1];
  }
}

void outgoing_ratio(std::complex<double> k, double r, double reference_radius,
                    std::span<std::complex<double>> out) {
  using Complex = std::complex<double>;
  const Complex i(0.0, 1.0);
  const auto n = out.size();
  const Complex z_r = -i * k * r;
  const Complex z_0 = -i * k * reference_radius;
  Complex before_r = 1.0;
  Complex before_0 = 1.0;
  Complex theta_r = 1.0;
  Complex theta_0 = 1.0;
  Complex factor = std::exp(i * k * (r - reference_radius)) * (reference_radius / r);
  for (std::size_t l = 0; l < n; ++l) {
    if (l == 1) {
      theta_r = 1.0 + z_r;
      theta_0 = 1.0 + z_0;
    } else if (l > 1) {
      const double a = 2.0 * static_cast<double>(l) - 1.0;
      const Complex next_r = a * theta_r + z_r * z_r * before_r;
      const Complex next_0 = a * theta_0 + z_0 * z_0 * before_0;
      before_r = theta_r;
      before_0 = theta_0;
      theta_r = next_r;
      theta_0 = next_0;
    }
    out[l] = factor * theta_r / theta_0;
    factor *= reference_radius / r;
  }
}

}  // namespace kedge::math
