// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/potential/exchange_correlation.hpp"

#include "kedge/atom/lda.hpp"
#include "kedge/core/units.hpp"

namespace kedge::potential {

double wigner_seitz_radius(double density) {
  return std::cbrt(3.0 / (4.0 * kPi * density));
}

GroundStateXc::GroundStateXc(atom::Functional functional) : polynomials_(cells_.size()) {
  // Four Chebyshev points in each cell: interpolation there is within rounding of the best cubic.
  constexpr std::size_t kPoints = 4;
  std::array<double, kPoints> point{};
  for (std::size_t k = 0; k < kPoints; ++k) {
    point[k] = 0.5 - 0.5 * std::cos(kPi * (static_cast<double>(k) + 0.5) / kPoints);
  }
  const std::size_t n = cells_.size() * kPoints;
  std::vector<double> r_s(n), density(n), energy(n), potential(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double lower = cells_.edge(i / kPoints);
    r_s[i] = lower + point[i % kPoints] * (cells_.edge(i / kPoints + 1) - lower);
    density[i] = 3.0 / (4.0 * kPi * r_s[i] * r_s[i] * r_s[i]);
  }
  atom::Lda(functional).evaluate(density, energy, potential);
  for (std::size_t cell = 0; cell < polynomials_.size(); ++cell) {
    // Newton's divided differences, then expanded in powers
    std::array<double, kPoints> d{};
    for (std::size_t k = 0; k < kPoints; ++k) {
      d[k] = r_s[cell * kPoints + k] * potential[cell * kPoints + k];
    }
    for (std::size_t order = 1; order < kPoints; ++order) {
      for (std::size_t k = kPoints - 1; k >= order; --k) {
        d[k] = (d[k] - d[k - 1]) / (point[k] - point[k - order]);
      }
    }
    std::array<double, kPoints>& c = polynomials_[cell];
    c = {d[3], 0.0, 0.0, 0.0};
    for (std::size_t k = kPoints - 1; k-- > 0;) {
      for (std::size_t power = kPoints - 1; power > 0; --power) {
        c[power] = c[power - 1] - point[k] * c[power];
      }
      c[0] = d[k] - point[k] * c[0];
    }
  }
}

}  // namespace kedge::potential
