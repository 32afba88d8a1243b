// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>

namespace kedge::measured {

/// Linear interpolation as two points and a weight: value = (1 - fraction) y[i] + fraction y[i +
/// 1].
struct Between {
  std::size_t i = 0;
  double fraction = 0.0;
};
/// @pre x strictly increasing, two points or more, x.front() <= at <= x.back()
[[nodiscard]] Between between(std::span<const double> x, double at);

}  // namespace kedge::measured
