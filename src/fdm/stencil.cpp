// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/stencil.hpp"

#include <fmt/format.h>

#include <cmath>

#include "kedge/core/error.hpp"

namespace kedge::fdm {

std::vector<double> second_derivative(int order) {
  switch (order) {
    case 4: return {-5.0 / 2.0, 4.0 / 3.0, -1.0 / 12.0};
    case 6: return {-49.0 / 18.0, 3.0 / 2.0, -3.0 / 20.0, 1.0 / 90.0};
    case 8: return {-205.0 / 72.0, 8.0 / 5.0, -1.0 / 5.0, 8.0 / 315.0, -1.0 / 560.0};
    default: throw Error(ErrorKind::input, fmt::format("stencil order {} is not one of 4, 6, 8", order));
  }
}

double stencil_error(double spacing, std::size_t stencil_points) {
  const double h2 = spacing * spacing;
  switch (stencil_points) {
    case 3: return h2 * h2 / 180.0 * 3.0 / 7.0;
    case 4: return h2 * h2 * h2 / 1120.0 * 3.0 / 9.0;
    case 5: return h2 * h2 * h2 * h2 / 6300.0 * 3.0 / 11.0;
    default: return 0.0;
  }
}

double dispersion_correction(double kinetic, double spacing, std::size_t stencil_points) {
  return stencil_error(spacing, stencil_points) * std::pow(2.0 * kinetic, static_cast<double>(stencil_points));
}

}  // namespace kedge::fdm
