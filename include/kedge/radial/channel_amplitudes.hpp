// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <vector>

namespace kedge::radial {

/// Absorber amplitudes at one energy: what transition operators need of any engine.
struct ChannelAmplitudes {
  double energy = 0.0;  ///< [hartree] from the vacuum
  int lmax = 0;
  /// rho_ij = -(1/pi) Im <p_i|G|p_j> [1/hartree, one spin], for the waves below; real symmetric.
  Eigen::MatrixXd rho;
  /// Waves Psi_i = sum_L P_Li(r)/r Y_L on the absorber's mesh, (nodes, L) for each i = 0 ..
  /// (lmax+1)^2 - 1. Wave i starts at the nucleus with its own harmonic alone; integral_0^(r_c) P^2
  /// dr = 1 of that component without the non-spherical potential. r_c is the absorber's projector
  /// radius (finite differences) or muffin-tin radius (multiple scattering, where every wave keeps
  /// to its harmonic).
  std::vector<Eigen::MatrixXd> waves;
  /// Of the linear system, the largest of its right-hand sides: |A x - b|/|b| (multiple
  /// scattering), FactoredOperator::AbsorberBlock (finite differences); of a reduced model its
  /// estimated error.
  double residual = 0.0;
  double outer_level = 0.0;  ///< [hartree] from the vacuum
};

}  // namespace kedge::radial
