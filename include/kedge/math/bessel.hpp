// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <complex>
#include <span>

namespace kedge::math {

/// Spherical Bessel functions j_l(x), l = 0 .. out.size() - 1, x >= 0; relative accuracy 1e-13 away
/// from zeros. Upward recursion while l < x, Miller's downward recursion otherwise.
void spherical_j(double x, std::span<double> out);

/// Spherical Neumann functions n_l(x) = y_l(x), x > 0, by upward recursion (stable).
void spherical_n(double x, std::span<double> out);

/// Spherical Bessel functions j_l(z) of complex argument, |z| up to about 700 in its imaginary
/// part, by Miller's downward recursion; relative accuracy 1e-12 away from zeros.
void spherical_j(std::complex<double> z, std::span<std::complex<double>> out);

/// Outgoing spherical Hankel functions h_l^+(z) = j_l(z) + i y_l(z), z != 0, Im z >= 0, by upward
/// recursion: h_0 = exp(iz)/(iz), h_1 = h_0 (1/z - i). h^+ is dominant in l, so that the recursion
/// is stable.
void spherical_h(std::complex<double> z, std::span<std::complex<double>> out);

/// Outgoing waves relative to their value at radius R: h_l^+(k r)/h_l^+(k R), l = 0 .. out.size()
/// - 1.
///
/// With the reverse Bessel polynomials theta_l(z), h_l^+(x) is proportional to x^-(l+1) exp(i x)
/// theta_l(-i x), hence
///   ratio = (R/r)^(l+1) exp(i k (r - R)) theta_l(-i k r) / theta_l(-i k R),
///   theta_l = (2l - 1) theta_(l-1) + z^2 theta_(l-2),  theta_0 = 1, theta_1 = 1 + z.
/// No singularity at k = 0; k = i kappa gives the decaying wave below the outer level. Im k >= 0.
/// Source: NIST DLMF 10.49 for the polynomials.
void outgoing_ratio(std::complex<double> k, double r, double reference_radius,
                    std::span<std::complex<double>> out);

}  // namespace kedge::math
