// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

namespace kedge::fdm {

/// Coefficients c_0 .. c_(order/2) of the central difference h^2 f'' = c_0 f(0) + sum_s c_s [f(s h) + f(-s h)], error
/// O(h^order); order 4, 6 or 8.
/// Source: B. Fornberg, Math. Comp. 51, 699 (1988), Table 1.
/// @throws Error{input} for another order
[[nodiscard]] std::vector<double> second_derivative(int order);

/// e_p h^p 3/(p+3): factor of the mean stencil error, see dispersion_correction().
[[nodiscard]] double stencil_error(double spacing, std::size_t stencil_points);

/// Diagonal term that takes the isotropic part of the stencil's error out of the operator.
///
/// On a wave of local kinetic energy t = k^2/2 the stencil of order p gives t - e_p h^p sum_i k_i^(p+2) per direction,
/// e_4 = 1/180, e_6 = 1/1120, e_8 = 1/6300; the mean over directions of sum_i (k_i/k)^(p+2) is 3/(p+3). Added to the
/// diagonal, the mean error e_p h^p 3/(p+3) (2t)^((p+2)/2) is cancelled and only its cubic anisotropy is left.
/// @param kinetic  t = E - V at the node [hartree]; negative where the wave decays
/// @param stencil_points  p/2 + 1
[[nodiscard]] double dispersion_correction(double kinetic, double spacing, std::size_t stencil_points);

}  // namespace kedge::fdm
