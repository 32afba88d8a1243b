// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <vector>

namespace kedge::fdm {

/// Coefficients c_0 .. c_(order/2) of the central difference h^2 f'' = c_0 f(0) + sum_s c_s [f(s h)
/// + f(-s h)], error O(h^order); order 4, 6 or 8.
///
/// Source: B. Fornberg, Math. Comp. 51, 699 (1988), Table 1.
/// @throws Error{input} for another order
[[nodiscard]] std::vector<double> second_derivative(int order);

/// The discrete Schroedinger equation at the nodes, -1/2 Lap_h y + d y = 0: which neighbours -1/2
/// Lap_h couples, what diagonal d stands for V - E, and the amplitude y/psi in which the equation
/// is solved. They depend on v = V - E and its gradient at the node, and the operator is symmetric.
///
/// star: second_derivative() along each axis. On a wave of local kinetic energy t = k^2/2 it gives
/// t - e_p h^p sum_i k_i^(p+2),
///   e_4 = 1/180, e_6 = 1/1120, e_8 = 1/6300; the mean over directions of sum_i (k_i/k)^(p+2) is
///   3/(p+3), and d = v + e_p h^p 3/(p+3) (-2 v)^((p+2)/2) cancels the mean error, leaving its
///   cubic anisotropy.
/// compact: the 19 points within one step, Lap_h = sum_i D_i + h^2/6 sum_(i<j) D_i D_j with D_i the
/// second difference along an axis:
///   Lap + h^2/12 Lap^2 + O(h^4). With Lap psi = 2 v psi the error h^2/12 Lap (2 v psi) is itself a
///   second difference, so that y = (1 - h^2 v/6) psi obeys -1/2 Lap_h y + v/(1 - h^2 v/6) y =
///   O(h^4): Numerov's method in three dimensions, symmetric, of fourth order with a reach of one
///   step. The mean of what is left on a plane wave, 17/1260 h^4 v^3, goes into d as well: d = v/(1
///   - h^2 v/6 + 17/1260 h^4 v^2).
///
/// Where v changes, the mean over directions of the error of fourth order is a power of the
/// Laplacian again, Lap_h = Lap + h^2/12 Lap^2 + h^4/280 Lap^3 (compact; star: Lap - h^4/210
/// Lap^3). With H = Lap - 2 v it is a congruence (1 + X)^T H (1 + X), X = h^2/12 (H/2 + 2 v) + ...,
/// which changes no solution, and a rest: words of H and v that neither begin nor end with H, of
/// which v H v = (v^2 H + H v^2)/2 - |grad v|^2. So d has g h^4 |grad v|^2 beside its function of
/// v, g = 17/2520 (compact) and 1/105 (star of order 4). The amplitude would gain h^4/2520 of a
/// gradient along grad v, which is left out. Of the stars of order 6 and 8 the rest is not taken.
///
/// Where v changes slowly the amplitude is y/psi = (d'(v))^-1/2: with it the flux of a wave, psi^2
/// k, is that of its discrete image.
///
/// Source: L. Collatz, The Numerical Treatment of Differential Equations (1960), ch. V, for the
/// compact difference ("Mehrstellenverfahren").
struct Stencil {
  struct Neighbour {
    std::array<int, 3> offset;
    double weight;  ///< in -1/2 Lap_h [hartree]
  };
  double spacing = 0.0;  ///< h [bohr]
  bool compact = false;
  int order = 4;
  double centre = 0.0;  ///< of -1/2 Lap_h [hartree]
  std::vector<Neighbour> neighbours;

  /// d. @param v  V - E at the node [hartree]
  /// @param slope_squared  |grad V|^2 there [hartree^2/bohr^2]
  [[nodiscard]] double diagonal(double v, double slope_squared) const;
  /// y/psi. @param v  V - E at the node [hartree]
  [[nodiscard]] double amplitude(double v) const;
  /// c of how a source enters: -1/2 Lap_h y + d y = s + c (1/2 Lap_h) s for -1/2 Lap psi + v psi =
  /// s. h^2/6 with the compact stencil, 0 with a star.
  [[nodiscard]] double source_mean() const;
  /// Steps along an axis.
  [[nodiscard]] int reach() const;
  [[nodiscard]] std::vector<std::array<int, 3>> offsets() const;
};

/// @param order  4, 6 or 8
/// @param compact  within one step where there is such a stencil, at order 4; else the star
/// @throws Error{input} for another order
[[nodiscard]] Stencil make_stencil(int order, bool compact, double spacing);

/// Error of the kinetic energy that a plane wave of the true equation has on the lattice, the
/// largest of the directions (100), (110) and (111) [hartree].
/// @param kinetic  k^2/2 [hartree]
[[nodiscard]] double plane_wave_shift(const Stencil& stencil, double kinetic);

}  // namespace kedge::fdm
