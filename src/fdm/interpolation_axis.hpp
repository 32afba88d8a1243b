// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

namespace kedge::fdm {

/// The full interpolation, and a lower one on the same nodes that it is judged by.
enum class Level { full, lower };

/// Interpolation in one variable between fixed nodes, linear in the values there.
/// Source: J.-P. Berrut, L. N. Trefethen, SIAM Rev. 46, 501 (2004), Eq. (4.2)
class InterpolationAxis {
 public:
  /// Equidistant nodes from first to last, at least 7: blended polynomials of degree 6 (lower: 3), without poles and without large
  /// oscillations. Source: M. S. Floater, K. Hormann, Numer. Math. 107, 315 (2007), Eq. (18)
  [[nodiscard]] static InterpolationAxis blended(double first, double last, int nodes);
  /// Chebyshev's nodes of the first kind between first and last; one polynomial, no lower level.
  [[nodiscard]] static InterpolationAxis chebyshev(double first, double last, int nodes);
  /// Chebyshev's nodes of the second kind, the ends among them; one polynomial, no lower level.
  [[nodiscard]] static InterpolationAxis lobatto(double first, double last, int nodes);
  /// One node: a constant.
  [[nodiscard]] static InterpolationAxis single(double node);

  [[nodiscard]] const std::vector<double>& nodes() const { return nodes_; }
  /// What the value at each node counts at x.
  [[nodiscard]] std::vector<double> coefficients(double x, Level level) const;

 private:
  std::vector<double> nodes_;
  std::vector<double> full_;  // barycentric weights
  std::vector<double> lower_;
};

}  // namespace kedge::fdm
