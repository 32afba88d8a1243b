// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <vector>

#include "kedge/fdm/pseudo_atom.hpp"
#include "kedge/math/spherical_harmonics.hpp"
#include "kedge/radial/coupled_waves.hpp"

namespace kedge::fdm {

/// Potential of one atom as the grid has it: V_s(r) = Vt(r) + sum_(M >= 1) w_M(r) Y_M inside the
/// sphere, Vt the smooth spherical part of PseudoAtom. Beyond it Vt goes on as
/// PseudoAtom::extended_potential, w_M as a parabola times exp(-kappa (r - r_c)) with value, slope
/// and curvature at r_c, kappa = 10/r_c: multipoles that went on growing as r^l would bend the
/// waves more than the neighbours do.
struct SmoothPotential {
  PseudoAtom spherical;
  Eigen::MatrixXd multipoles;  ///< w_M on the radial mesh, column 0 unused: (nodes, M) [hartree]
  Eigen::MatrixXd joined;      ///< value, slope and curvature of w_M at r_c: (3, M)
};

/// Solution of coupled radial equations at equidistant radii to one side of r_c, cubic (Hermite)
/// between them.
struct RadialTable {
  double start = 0.0;                  ///< r_c [bohr]
  double step = 0.0;                   ///< [bohr], negative inwards
  std::vector<Eigen::MatrixXd> value;  ///< at start + k step, (L, i)
  std::vector<Eigen::MatrixXd> slope;

  /// Value at a radius, (L, i), into `out`.
  void at(double r, Eigen::MatrixXd& out) const;
};

/// Smooth waves F_i = sum_L Ft_Li(r)/r Y_L of one atom at one energy, i and L over the harmonics of
/// its projectors.
///
/// Inside, Ft_Li(r) = (r/r_c)^(l+1) sum_k smooth_k(L, i) (r/r_c)^(2k), joined with its first
/// derivatives to P_Li of the true waves Psi_i (radial::CoupledWaves); beyond r_c it solves the
/// coupled radial equations in the smooth potential. What its multipoles make of F_i beyond the
/// harmonics of the projectors is no part of these equations: the grid, which has them, makes it.
/// G_i, the wave beyond continued inwards by these equations, meets its singularity at the centre:
/// F_i = G_i + D_i with D_i = 0 beyond r_c.
struct AtomWaves {
  double radius = 0.0;  ///< r_c [bohr]
  std::array<Eigen::MatrixXd, kSmoothTerms> smooth;
  RadialTable beyond;
  RadialTable continued;

  /// At points about the centre, radius [bohr] and Y_L of each: F_i, and what the multipoles of the
  /// potential make of F_i within the harmonics of the projectors, sum_LL' Y_L <Y_L|sum_(M >= 1)
  /// w_M Y_M|Y_L'> Ft_L'i/r; (points, i).
  struct Samples {
    Eigen::MatrixXd wave;
    Eigen::MatrixXd bent;
  };
  /// @param multipoles  w_M there, of multipoles_at(): (points, M)
  [[nodiscard]] Samples at(const std::vector<double>& r, const Eigen::MatrixXd& harmonics,
                           const Eigen::MatrixXd& multipoles, const math::Gaunt& gaunt) const;
  /// G_i at a point; y: its harmonics.
  [[nodiscard]] Eigen::RowVectorXd continued_at(
      double r, const Eigen::Ref<const Eigen::RowVectorXd, 0, Eigen::InnerStride<>>& y) const;
  /// What D_i is faded out by from 0.4 to 0.1 r_c, where G_i grows without bound.
  [[nodiscard]] double fading(double r) const;
};

/// @param true_waves  Psi_i on a mesh that has an element end at r_c
/// @param farthest  the waves are needed up to here [bohr]
/// @note Rank-local
[[nodiscard]] AtomWaves join_waves(const math::SpectralMesh& mesh,
                                   const radial::CoupledWaves& true_waves,
                                   const SmoothPotential& potential, const math::Gaunt& gaunt,
                                   double energy, double farthest);

/// Multipoles w_M of V_s at some radii, M = 0 without meaning: (radii, M) [hartree].
[[nodiscard]] Eigen::MatrixXd multipoles_at(const SmoothPotential& potential,
                                            const math::SpectralMesh& mesh,
                                            const std::vector<double>& r);
/// V_s continued into the sphere by its value, slope and curvature at r_c, the spherical part by
/// its third derivative too, as for G_i.
[[nodiscard]] double continued_potential_at(
    const SmoothPotential& potential, double r,
    const Eigen::Ref<const Eigen::RowVectorXd, 0, Eigen::InnerStride<>>& harmonics);

}  // namespace kedge::fdm
