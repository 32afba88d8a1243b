// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <array>
#include <span>
#include <vector>

#include "kedge/atom/atom.hpp"
#include "kedge/math/spectral_mesh.hpp"

namespace kedge::transition {

/// Core orbital of the edge on the radial mesh of the absorber.
struct CoreOrbital {
  atom::CoreLevel level;
  std::vector<double> u;  ///< P_c(r), on the mesh of the final states
};

/// Carries an atomic orbital from its logarithmic mesh to the absorber's (six-point Lagrange
/// interpolation in ln r).
/// @throws Error{input} if the atom has no such orbital. @note Rank-local
[[nodiscard]] CoreOrbital core_orbital(const atom::Atom& atom, const atom::CoreLevel& level,
                                       const math::SpectralMesh& mesh);

/// Directions over which a spectrum is averaged; none: all of them, a powder.
using Directions = std::vector<Eigen::Vector3d>;

/// Final states of one absorber at one energy, from any engine.
struct FinalStates {
  int lmax = 0;
  Eigen::MatrixXd rho;  ///< rho_ij [1/hartree, one spin]
  /// P_Li(r) of each wave i, see radial::ChannelAmplitudes: (mesh, L)
  std::vector<Eigen::MatrixXd> waves;
};

/// S(q, E) of one absorber, by the l of the final state [1/hartree], l = 0 .. states.lmax.
///
/// Powder: S = g 4 pi/(2 l_c + 1) sum_(K m_c i j) A_i A_j rho_ij, A_i = sum_L G(L_c K L) integral
/// P_c P_Li j_K(qr) dr, g the number of core electrons (spherical waves and a K shell: S = 2 sum_L
/// I_ll^2 rho_LL). With directions: the amplitudes 4 pi sum_K i^K Y_K(q) A_i and the full rho, in
/// the mean over them. The l of a wave is the one it starts with at the nucleus; terms that mix two
/// are shared equally between them.
/// @param q  [1/bohr]
/// @param orthogonal_monopole  j_0(qr) -> j_0(qr) - <c|j_0|c>, so that the monopole does not see
/// the overlap <f|c>
///
/// Source: J. A. Soininen, A. L. Ankudinov, J. J. Rehr, Phys. Rev. B 72, 045136 (2005), Eqs.
/// (8)-(14).
/// @note Rank-local
[[nodiscard]] std::vector<double> dynamic_structure_factor(const math::SpectralMesh& mesh,
                                                           const CoreOrbital& core,
                                                           const FinalStates& states, double q,
                                                           const Directions& directions,
                                                           bool orthogonal_monopole);

/// Absorption cross section of one absorber [bohr^2]:
///   sigma = 4 pi^2 alpha w g/(2 l_c + 1) sum |<f|eps.r|c>|^2, averaged over directions, or over
///   some polarizations;
/// with `quadrupole` (isotropic only) the term (alpha w/2)^2 |<f|(eps.r)(k.r)|c>|^2 averaged over
/// directions is added.
/// @param photon_energy  w [hartree]   @note Rank-local
[[nodiscard]] double absorption(const math::SpectralMesh& mesh, const CoreOrbital& core,
                                const FinalStates& states, double photon_energy,
                                const Directions& polarizations, bool quadrupole);

}  // namespace kedge::transition
