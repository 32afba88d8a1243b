// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

namespace kedge::measured {

/// How alike a measured curve y and a computed one f are, at common points x.
struct Metrics {
  double r_factor = 0.0;  ///< sum (y - f)^2 / sum y^2
  double pearson = 0.0;
  double spearman = 0.0;
  double cosine = 0.0;  ///< sum y f / sqrt(sum y^2 sum f^2)
  /// D1 = 50 integral |y - f| de and D2 = 100 integral |Y - F| de, in percent: curves of unit area
  /// over the window, e from 0 to 1 along it, Y and F their running integrals. As FDMNES defines
  /// them (version of January 2021). NaN if an area is not positive.
  double d1 = 0.0;
  double d2 = 0.0;
};

/// Sums weigh each point alike, integrals are trapezoidal.   @pre one size, x strictly increasing
[[nodiscard]] Metrics metrics(std::span<const double> x, std::span<const double> measured,
                              std::span<const double> computed);

}  // namespace kedge::measured
