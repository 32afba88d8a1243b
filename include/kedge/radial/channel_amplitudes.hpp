// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <vector>

namespace kedge::radial {

/// Absorber amplitudes at one energy: what transition operators need of any engine.
struct ChannelAmplitudes {
  double energy = 0.0;          ///< [hartree] from the vacuum
  int lmax = 0;
  /// rho_LL' = -(1/pi) Im <p_L|G|p_L'> [1/hartree, one spin], for radial functions `u`; real symmetric.
  Eigen::MatrixXd rho;
  /// P_l(r) on the absorber's mesh, integral_0^(r_c) P^2 dr = 1, l = 0 .. lmax; r_c is the absorber's projector radius
  /// (finite differences) or muffin-tin radius (multiple scattering).
  std::vector<std::vector<double>> u;
  double residual = 0.0;        ///< |A x - b| / |b| of the linear system, first right-hand side
  double outer_level = 0.0;     ///< [hartree] from the vacuum
};

}  // namespace kedge::radial
