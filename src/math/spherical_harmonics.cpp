// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/math/spherical_harmonics.hpp"

#include <cmath>

#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"

namespace kedge::math {

void real_harmonics(const Eigen::Vector3d& r, int lmax, std::span<double> y) {
  const double norm = r.norm();
  const Eigen::Vector3d n = norm > 0.0 ? Eigen::Vector3d(r / norm) : Eigen::Vector3d::UnitZ();
  // sin^m(theta) (cos, sin)(m phi) are the real and imaginary part of (x + i y)^m: no angle is ever
  // computed, and the poles need no care. P_l^m / sin^m follows from the upward recursion in l of
  // normalised functions.
  double cosine = 1.0;
  double sine = 0.0;
  double diagonal = std::sqrt(1.0 / (4.0 * kPi));
  for (int m = 0; m <= lmax; ++m) {
    double previous = 0.0;
    double current = diagonal;
    for (int l = m; l <= lmax; ++l) {
      const double scale = m == 0 ? current : std::sqrt(2.0) * current;
      y[static_cast<std::size_t>(harmonic_index(l, m))] = scale * cosine;
      if (m > 0) y[static_cast<std::size_t>(harmonic_index(l, -m))] = scale * sine;
      const double a = std::sqrt((4.0 * (l + 1) * (l + 1) - 1.0) / ((l + 1.0) * (l + 1) - m * m));
      const double b =
          l == m ? 0.0
                 : std::sqrt((2.0 * l + 3) / (2.0 * l - 1) * (static_cast<double>(l) * l - m * m) /
                             ((l + 1.0) * (l + 1) - m * m));
      const double next = a * n.z() * current - b * previous;
      previous = current;
      current = next;
    }
    const double rotated = cosine * n.x() - sine * n.y();
    sine = cosine * n.y() + sine * n.x();
    cosine = rotated;
    diagonal *= std::sqrt((2.0 * m + 3) / (2.0 * m + 2));
  }
}

Gaunt::Gaunt(int lmax1, int lmax2, int lmax3)
    : n2_(harmonic_count(lmax2)), n3_(harmonic_count(lmax3)) {
  const int n1 = harmonic_count(lmax1);
  values_.assign(static_cast<std::size_t>(n1) * static_cast<std::size_t>(n2_ * n3_), 0.0);
  const AngularRule rule = angular_rule((lmax1 + lmax2 + lmax3) / 2 + 1);
  std::vector<double> y1(static_cast<std::size_t>(n1));
  std::vector<double> y2(static_cast<std::size_t>(n2_));
  std::vector<double> y3(static_cast<std::size_t>(n3_));
  for (std::size_t p = 0; p < rule.weight.size(); ++p) {
    real_harmonics(rule.direction[p], lmax1, y1);
    real_harmonics(rule.direction[p], lmax2, y2);
    real_harmonics(rule.direction[p], lmax3, y3);
    std::size_t k = 0;
    for (const double a : y1) {
      for (const double b : y2) {
        const double ab = a * b * rule.weight[p];
        for (const double c : y3) values_[k++] += ab * c;
      }
    }
  }
  for (double& value : values_) {
    if (std::abs(value) < 1e-13) value = 0.0;  // selection rules, clean of rounding
  }
}

}  // namespace kedge::math
