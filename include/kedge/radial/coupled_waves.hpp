// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <span>
#include <vector>

#include "kedge/math/spectral_mesh.hpp"
#include "kedge/math/spherical_harmonics.hpp"

namespace kedge::radial {

/// Regular waves of one atom in a potential that is not spherical, Psi_i = sum_L P_Li(r)/r Y_L, i
/// and L = 0 .. (lmax+1)^2 - 1.
struct CoupledWaves {
  Eigen::MatrixXd p;  ///< P_Li, a column for each node of the mesh, row L + i (lmax+1)^2
  Eigen::MatrixXd q;  ///< the small components, as in radial::Solution; likewise

  [[nodiscard]] Eigen::Index count() const {
    return std::lround(std::sqrt(static_cast<double>(p.rows())));
  }
  /// All waves at a node, shape (L, i).
  [[nodiscard]] auto p_at(Eigen::Index node) const {
    return p.col(node).reshaped(count(), count());
  }
  [[nodiscard]] auto q_at(Eigen::Index node) const {
    return q.col(node).reshaped(count(), count());
  }
  /// Of each i: P_Li on the mesh, shape (nodes, L).
  [[nodiscard]] std::vector<Eigen::MatrixXd> one_by_one() const;
};

/// Couplings V_LL'(r) = sum_(M) gaunt(L, M, L') w_M(r) of multipoles w(nodes, M), M >= 1 only:
/// shape (nodes, L * L'), column L + n L'.
[[nodiscard]] Eigen::MatrixXd couplings(const math::Gaunt& gaunt, const Eigen::MatrixXd& multipoles,
                                        int lmax);

/// Solves P' = P/r + 2 M Q, Q' = -Q/r + [l(l+1)/(2 M r^2) + V_0 - E] P + sum_L' V_LL' P_L' by
/// variation of constants,
///   P_L = f_l [delta_Li - int_0^r g_l s_L] + g_l int_0^r f_l s_L,   s_L = sum_L' V_LL' P_L',
/// f_l, g_l the regular and an irregular solution in V_0, Wronskian f g_q - f_q g = 1; iterated to
/// the fixed point in one element of the mesh after the other (a Volterra equation: it converges
/// for any strength). Wave i starts at the origin as f_l of its own l, with integral_0^(r_c) f^2 dr
/// = 1.
/// @param potential  spherical mean V_0 with the nucleus, on the mesh [hartree]
/// @param coupling  of couplings() [hartree]
/// @param sphere_radius  r_c, an element end [bohr]
/// @throws Error{numerical} if the iteration has not settled after 60 rounds. @note Rank-local
/// Source: P. M. Morse, H. Feshbach, Methods of Theoretical Physics (1953), section 5.2;
/// full-potential waves as in B. H. Drittler, M. Weinert, R. Zeller, P. H. Dederichs, Solid State
/// Commun. 79, 31 (1991).
[[nodiscard]] CoupledWaves coupled_waves(const math::SpectralMesh& mesh,
                                         std::span<const double> potential,
                                         const Eigen::MatrixXd& coupling, double nuclear_charge,
                                         int lmax, double sphere_radius, double energy,
                                         bool relativistic);

/// The same for a spherical potential, from P_l of each l: every wave has its own harmonic only.
[[nodiscard]] std::vector<Eigen::MatrixXd> uncoupled(
    const std::vector<std::vector<double>>& p_of_l);

}  // namespace kedge::radial
