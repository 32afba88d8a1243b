// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "kedge/atom/atom.hpp"
#include "kedge/atom/octave_cells.hpp"

namespace kedge::potential {

/// Wigner-Seitz radius r_s = (3/(4 pi n))^(1/3) [bohr] of a density n > 0 [1/bohr^3].
[[nodiscard]] double wigner_seitz_radius(double density);

/// Fermi momentum k_F = (9 pi/4)^(1/3)/r_s [1/bohr].
[[nodiscard]] constexpr double fermi_momentum(double r_s) {
  return 1.9191582926775128 / r_s;
}

/// Ground-state LDA exchange-correlation potential V_xc(n) [hartree] of one density value
/// [1/bohr^3]. Tabulated once from libxc as a function of r_s, then interpolated: evaluation costs
/// a few nanoseconds.
class GroundStateXc {
 public:
  explicit GroundStateXc(atom::Functional functional);
  /// V_xc at Wigner-Seitz radius r_s [bohr], relative accuracy 1e-7 for 1e-3 < r_s < 200; outside
  /// 2^-12 .. 2^10 bohr r_s V_xc is continued as a constant.
  [[nodiscard]] double at_rs(double r_s) const {
    const auto [i, t] = cells_.locate(r_s);
    const auto& c = polynomials_[i];
    return (c[0] + t * (c[1] + t * (c[2] + t * c[3]))) / r_s;
  }

 private:
  static constexpr atom::OctaveCells<5> cells_{-12, 10};
  /// r_s V_xc in each cell, coefficients of the powers of the position in it.
  std::vector<std::array<double, 4>> polynomials_;
};

/// Energy dependence of exchange and correlation,
///   f(r_s, x) = Re Sigma(p; r_s) / Re Sigma(k_F; r_s),  x = p/k_F,
/// Sigma the on-shell plasmon-pole GW self energy of the electron gas; f(r_s, 1) = 1.
///
/// f has a cusp of the form (x - x_c) ln|x - x_c| where an electron begins to emit plasmons,
///   (x_c - 1)^3 + (2/3)(x_c - 1)^2 = omega_p^2/k_F^4,
/// and passes its maximum just above it. The columns of the table are at fixed t with
/// x = x_c (1 - t^2) below and x = x_c + (8 - x_c) t^2 above the cusp, so that cubic interpolation
/// along t sees smooth functions; its rows follow r_s in steps of 2 to 3 %, with linear
/// interpolation. Error below 1e-3 in f; below r_s = 0.2 (found next to nuclei only), where holes
/// of low momentum emit plasmons and make a second cusp, below 5e-3. Beyond x = 8 the asymptote
/// f ~ 1/x is used; r_s is clamped to 2^-6 .. 2^5 bohr (0.016 .. 32).
///
/// Plasmons of finite lifetime, g = d omega_p half wide, round the cusp off over g. Their
/// dielectric function 1/epsilon = 1 + omega_p^2/(omega (omega + 2 i g) - omega_q^2) keeps the
/// static screening, which is what cancels the singularity of exchange at k_F.
///
/// Source: L. Hedin and B. I. Lundqvist, J. Phys. C 4, 2064 (1971); dielectric function of B. I.
/// Lundqvist, Phys. kondens. Materie 6, 206 (1967).
class SelfEnergyRatio {
 public:
  /// Computes the table (a few 10 ms). @param damping  d, 0 <= d < 1
  explicit SelfEnergyRatio(double damping = 0.0);
  /// @param r_s  [bohr]   @param p_over_kf  x = p/k_F, >= 0
  [[nodiscard]] double operator()(double r_s, double p_over_kf) const;

  /// The integral itself (slow): Re Sigma(p) [hartree] of the electron gas, exchange plus
  /// plasmon-pole correlation, at omega = p^2/2 with the unshifted free Green function:
  ///   Sigma_x = -(k_F/pi) [1 + (1 - x^2)/(2x) ln|(1 + x)/(1 - x)|],
  ///   Sigma_c = omega_p^2/(4 pi p) integral_0^inf dq/(q omega_q) integral_{(p-q)^2}^{(p+q)^2} dt
  ///             { theta(k_F^2 - t)/[(p^2 - t)/2 + omega_q]
  ///               + theta(t - k_F^2)/[(p^2 - t)/2 - omega_q] },
  /// principal values, with the inverse dielectric function 1 + omega_p^2/(omega^2 - omega_q^2),
  /// omega_q^2 = omega_p^2 + k_F^2 q^2/3 + q^4/4, omega_p^2 = 3/r_s^3; with damping the
  /// real parts of 1/(... +- Omega_q + i g), Omega_q^2 = omega_q^2 - g^2, in place of principal
  /// values, and Omega_q in the denominator before them. The integral over t is a
  /// logarithm; that over q is split at the logarithmic singularities and done with Gauss points
  /// crowded towards the ends of each piece. Accuracy 1e-5 relative.
  [[nodiscard]] static double self_energy(double r_s, double p_over_kf, double damping = 0.0);

  /// x_c, the momentum over k_F from which an electron can emit a plasmon.
  [[nodiscard]] static double plasmon_threshold(double r_s);

 private:
  static constexpr double kLastRatio = 8.0;
  static constexpr int kColumnsBelow = 112;
  static constexpr int kColumnsAbove = 80;
  static constexpr int kColumns = kColumnsBelow + kColumnsAbove;
  static constexpr atom::OctaveCells<5> rows_{-6, 5};
  /// Row after row: f below the cusp, t from 0 at the cusp to 1 at x = 0; then above it, to x = 8.
  std::vector<double> table_;
  struct Cusp {
    double x_c, inverse_below, inverse_above;  ///< x_c, 1/x_c, 1/(8 - x_c)
  };
  std::vector<Cusp> cusps_;  ///< of each row
};

/// V_xc(n; E) = f(r_s, p/k_F) V_xc(n), p^2/2 = E - V_gs locally (p = 0 below),
/// V_gs = v_electrostatic + V_xc(n).
/// @param ground_state  V_xc(n) [hartree]
/// @param level  V_gs [hartree] relative to the vacuum
/// @param r_s  Wigner-Seitz radius [bohr]
/// @param energy  [hartree] relative to the vacuum
/// @return [hartree]
[[nodiscard]] double energy_dependent_xc(const SelfEnergyRatio& ratio, double ground_state,
                                         double level, double r_s, double energy);

inline double SelfEnergyRatio::operator()(double r_s, double p_over_kf) const {
  const auto [row, u] = rows_.locate(r_s);
  const Cusp& a = cusps_[row];
  const Cusp& b = cusps_[row + 1];
  const auto between = [u = u](double lower, double upper) { return lower + u * (upper - lower); };
  const double distance = p_over_kf - between(a.x_c, b.x_c);
  const bool above = distance > 0.0;
  const double part = above ? distance * between(a.inverse_above, b.inverse_above)
                            : -distance * between(a.inverse_below, b.inverse_below);
  const int last = above ? kColumnsAbove - 1 : kColumnsBelow - 1;
  const double v = last * std::sqrt(std::min(part, 1.0));
  const int column = std::clamp(static_cast<int>(v), 1, last - 2);
  // cubic Lagrange weights, nodes at -1, 0, 1, 2
  const double t = v - column;
  const double p = t + 1.0, q = t - 1.0, s = t - 2.0;
  const double w0 = t * q * s * (-1.0 / 6.0), w1 = p * q * s * 0.5, w2 = p * t * s * -0.5,
               w3 = p * t * q * (1.0 / 6.0);
  const double* const f = table_.data() + row * std::size_t{kColumns} +
                          static_cast<std::size_t>((above ? kColumnsBelow : 0) + column - 1);
  const double* const g = f + kColumns;
  const double lower = w0 * f[0] + w1 * f[1] + w2 * f[2] + w3 * f[3];
  const double upper = w0 * g[0] + w1 * g[1] + w2 * g[2] + w3 * g[3];
  const double value = between(lower, upper);
  return p_over_kf <= kLastRatio ? value : value * kLastRatio / p_over_kf;
}

inline double energy_dependent_xc(const SelfEnergyRatio& ratio, double ground_state, double level,
                                  double r_s, double energy) {
  const double kinetic = std::max(energy - level, 0.0);
  return ground_state * ratio(r_s, std::sqrt(2.0 * kinetic) * (1.0 / fermi_momentum(1.0)) * r_s);
}

}  // namespace kedge::potential
