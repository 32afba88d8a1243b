// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <complex>

namespace kedge::fdm {

/// The variable w in which the operator is smooth on either side of the level outside: the wave
/// number k there above it, minus the decay constant kappa below, k = i kappa. It rises with the
/// energy; polynomials in w do not reach across w = 0.
[[nodiscard]] inline double outer_variable(double kinetic) {
  return kinetic < 0.0 ? -std::sqrt(-2.0 * kinetic) : std::sqrt(2.0 * kinetic);
}
/// Continued into the upper half plane, where outgoing waves decay: Im k > 0.
[[nodiscard]] inline std::complex<double> outer_variable(std::complex<double> kinetic) {
  return kinetic.real() < 0.0 ? -std::sqrt(-2.0 * kinetic) : std::sqrt(2.0 * kinetic);
}
[[nodiscard]] inline double kinetic_at(double w) {
  return 0.5 * w * std::abs(w);
}
[[nodiscard]] inline std::complex<double> wave_number_at(double w) {
  return w < 0.0 ? std::complex<double>(0.0, -w) : std::complex<double>(w, 0.0);
}

}  // namespace kedge::fdm
