// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "kedge/atom/atom.hpp"

namespace kedge::potential {

/// Ground-state LDA exchange-correlation potential V_xc(n) [hartree] of one density value [1/bohr^3].
/// Tabulated once from libxc as a function of ln r_s, then interpolated: evaluation costs a few nanoseconds.
class GroundStateXc {
 public:
  explicit GroundStateXc(atom::Functional functional);
  /// V_xc at Wigner-Seitz radius r_s = (3/(4 pi n))^(1/3), relative accuracy 1e-7 for 1e-3 < r_s < 200.
  [[nodiscard]] double at_rs(double r_s) const;

 private:
  double log_first_ = 0.0, inverse_step_ = 0.0;
  std::vector<double> values_;  ///< r_s V_xc and derivatives, layout private to the .cpp
};

/// Energy dependence of exchange and correlation: f(r_s, x) = Re Sigma(p; r_s) / Re Sigma(k_F; r_s), x = p/k_F,
/// Sigma the on-shell Hedin-Lundqvist plasmon-pole GW self energy of the electron gas; f(r_s, 1) = 1.
/// Tabulated from the integral over r_s in [0.02, 20] and x in [0, 8] with a smooth interpolation; beyond x = 8 the
/// asymptote f ~ 1/x; r_s is clamped to the range.
/// Source: L. Hedin and B. I. Lundqvist, J. Phys. C 4, 2064 (1971).
class SelfEnergyRatio {
 public:
  SelfEnergyRatio();
  [[nodiscard]] double operator()(double r_s, double p_over_kf) const;

  /// The integral itself (slow): Re Sigma(p) of the electron gas, exchange plus plasmon-pole correlation [hartree].
  [[nodiscard]] static double self_energy(double r_s, double p_over_kf);

 private:
  std::vector<double> table_;
};

/// V_xc(n; E) = f(r_s, p/k_F) V_xc(n), p^2/2 = E - V_gs locally (p = 0 below), V_gs = v_electrostatic + V_xc(n).
/// @param energy  [hartree] relative to the vacuum
[[nodiscard]] double energy_dependent_xc(const GroundStateXc& xc, const SelfEnergyRatio& ratio, double electrostatic,
                                         double r_s, double energy);

}  // namespace kedge::potential
