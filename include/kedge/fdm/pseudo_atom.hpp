// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "kedge/math/spectral_mesh.hpp"

namespace kedge::fdm {

/// One channel l of an atom inside its sphere r < r_c, at one energy.
///
/// u is the true radial function, P of radial::RegularSolution with integral_0^(r_c) u^2 dr = 1.
/// The smooth one is
///   ut(r) = sum_i c_i (r/r_c)^(l+1+2i),   joined to u with its first derivatives at r_c,
/// and chi = (E + 1/2 d2/dr2 - l(l+1)/2r^2 - Vt) ut vanishes beyond r_c. Then
///   H(E) = -1/2 Lap + Vt + sum_m |chi Y_lm> B^-1 <chi Y_lm|,   B = integral ut chi dr,
/// has ut Y_lm as its solution at E inside the sphere: outside it is exactly the true one. On the
/// grid the waves of the whole potential take the place of these (AtomWaves); here they tell a good
/// Vt from a bad one.
struct PseudoChannel {
  int l = 0;
  std::vector<double> u;          ///< true function on the mesh
  std::vector<double> smooth;     ///< coefficients c_i
  std::vector<double> projector;  ///< chi(r)/r = sum_j projector_j (r/r_c)^(l+2j)
  double b = 0.0;                 ///< B [hartree]
  /// |<chi|w>| / [|w| (|chi| + |ut|/r_c^2)], w the regular solution of Vt alone. Where it vanishes,
  /// Vt scatters as the true potential does and the amplitude is undetermined (a ghost): Vt must be
  /// chosen so that it stays away from zero.
  double independence = 0.0;
};

/// V and its first three derivatives by r just outside r_c. Vt is joined to all but the last, the
/// waves beyond the sphere see all of them.
using JoinedPotential = std::array<double, 4>;

/// One atom at one energy.
struct PseudoAtom {
  double radius = 0.0;       ///< r_c [bohr]
  JoinedPotential joined{};  ///< V, V', V'', V''' just outside r_c
  /// Vt(r) = sum_j local_j (r/r_c)^(2j), joins V with two derivatives at r_c
  std::vector<double> local;
  std::vector<PseudoChannel> channels;

  /// Vt(r) inside the sphere.
  [[nodiscard]] double local_potential(double r) const;
  /// ut_l(r) inside the sphere.
  [[nodiscard]] double smooth_function(int l, double r) const;
  /// Vt inside the sphere; beyond it the cubic in 1/r that has the value and the derivatives of V
  /// at r_c: between atoms a screened charge is nearly linear in 1/r.
  [[nodiscard]] double extended_potential(double r) const;
};

/// Number of terms of chi(r)/r in PseudoChannel::projector.
inline constexpr int kSmoothTerms = 4;
inline constexpr int kLocalTerms = 4;
inline constexpr int kProjectorTerms = kSmoothTerms + kLocalTerms - 1;

/// Builds an atom from its spherical potential.
/// @param potential  V(r) on the mesh [hartree]; r_c is an element end of the mesh
/// @param depth  Vt(0) - V(r_c) [hartree]: the free parameter of Vt
/// @param energy  on the zero of the potential [hartree]
/// @param outside  given where V has a step at r_c; empty: V is smooth there and its own
/// derivatives are taken
///
/// Source: the double-grid and separable-projector idea follows P. E. Bloechl, Phys. Rev. B 41,
/// 5414 (1990); the projector is built here at the very energy, so that it needs no linearisation.
[[nodiscard]] PseudoAtom build_pseudo_atom(
    const math::SpectralMesh& mesh, std::span<const double> potential, double nuclear_charge,
    double sphere_radius, int lmax, double depth, double energy, bool relativistic,
    const std::optional<JoinedPotential>& outside = std::nullopt);

/// Waves of this l and higher are so much alike in V and Vt that B may vanish on a coarse lattice:
/// they get dual functions (GridProjectors), and their independence is of no account.
inline constexpr int kFirstDual = 3;

/// Depth of Vt, out of a fixed list, whose least independence over the energies given and l <=
/// lmax, l < kFirstDual, is greatest.
struct DepthChoice {
  double depth = 0.0;
  double independence = 0.0;
};
[[nodiscard]] DepthChoice choose_depth(
    const math::SpectralMesh& mesh, std::span<const double> potential, double nuclear_charge,
    double sphere_radius, int lmax, std::span<const double> energies, bool relativistic,
    const std::optional<JoinedPotential>& outside = std::nullopt);

}  // namespace kedge::fdm
