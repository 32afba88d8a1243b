// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <complex>
#include <cstddef>
#include <vector>

namespace kedge::fdm {

/// The polynomial in one variable through values at fixed nodes, linear in these.
/// Source: J.-P. Berrut, L. N. Trefethen, SIAM Rev. 46, 501 (2004), Eq. (4.2)
class InterpolationAxis {
 public:
  /// Chebyshev's nodes of the first kind between first and last.
  [[nodiscard]] static InterpolationAxis chebyshev(double first, double last, int nodes);
  /// Chebyshev's nodes of the second kind, the ends among them; every second one of 2 n + 1 is one
  /// of n + 1.
  [[nodiscard]] static InterpolationAxis lobatto(double first, double last, int nodes);
  /// Any nodes in rising order, two at least.
  [[nodiscard]] static InterpolationAxis through(std::vector<double> nodes);

  [[nodiscard]] const std::vector<double>& nodes() const { return nodes_; }
  /// What the value at each node counts at x, which may lie off the real axis.
  [[nodiscard]] std::vector<double> coefficients(double x) const;
  [[nodiscard]] std::vector<std::complex<double>> coefficients(std::complex<double> x) const;

 private:
  InterpolationAxis(std::vector<double> nodes);
  template <class Scalar>
  [[nodiscard]] std::vector<Scalar> coefficients_at(Scalar x) const;

  std::vector<double> nodes_;
  std::vector<double> weights_;  // barycentric
};

}  // namespace kedge::fdm
