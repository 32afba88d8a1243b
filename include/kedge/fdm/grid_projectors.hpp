// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kedge/fdm/atom_waves.hpp"
#include "kedge/fdm/stencil.hpp"
#include "kedge/grid/sphere_grid.hpp"

namespace kedge::fdm {

/// Sphere of one scatterer, as its neighbours see it.
struct AtomicSphere {
  Eigen::Vector3d centre = Eigen::Vector3d::Zero();  ///< [bohr]
  double radius = 0.0;                               ///< r_c [bohr]
};

/// Columns of an atom with waves up to lmax: one for each, two from kFirstDual on.
[[nodiscard]] constexpr int projector_columns(int lmax) {
  const int waves = (lmax + 1) * (lmax + 1);
  return lmax < kFirstDual ? waves : 2 * waves - kFirstDual * kFirstDual;
}
/// How many of the columns of an atom are its waves.
[[nodiscard]] constexpr Eigen::Index waves_of(Eigen::Index columns) {
  constexpr Eigen::Index single = kFirstDual * kFirstDual;
  return columns <= single ? columns : (columns + single) / 2;
}
/// Of the columns of an atom those that a source of its waves has, one for each: X, and Y where
/// there is one.
[[nodiscard]] inline std::vector<Eigen::Index> source_columns(Eigen::Index columns) {
  std::vector<Eigen::Index> out;
  const Eigen::Index waves = waves_of(columns);
  for (Eigen::Index i = 0; i < columns; ++i) {
    if (i >= waves || i < waves - (columns - waves)) out.push_back(i);
  }
  return out;
}

/// Projectors of one atom made from the operator of the grid itself.
///
/// With the atom's smooth waves F_i (AtomWaves) and K_s = -1/2 Lap_h + V_s - E the discrete
/// operator with its smooth potential V_s (SmoothPotential), the projector is the residual at the
/// nodes near the atom,
///   X_i(n) = -w(n) (K_s F_i - Q_i)(n) - (1 - w(n)) (T D_i)(n),   B_ij = h^3 sum_n X_i(n) F_j(n),
/// w = 1 in the sphere; all waves with the amplitude of the discrete equation,
/// Stencil::amplitude(). Q_i is what the multipoles make of F_i beyond the harmonics of the
/// projectors, V_s F_i less its part in them (as Stencil::source_mean() has a source): no part of
/// the waves, it is left to the grid, whose potential has the multipoles; taken away with the
/// residual it would be set to zero. T is the stencil alone and D_i = F_i - G_i the part of the
/// wave in the sphere, the second term thus the error of stencils that reach across the joint at
/// r_c, as far as they do. Then [K_s + X B^-1 X^T] F_i = (1 - w) K_s G_i: the atom's waves solve
/// the discrete equations exactly, with whatever error the stencil makes on them, wherever w = 1.
/// Since the waves hold the multipoles of the potential to all orders, the non-spherical potential
/// in the sphere needs no correction; a projected amplitude is that of the true wave Psi_i. Beyond
/// the sphere w falls to zero over `support`, and is 0 in the sphere of another atom, where the
/// second term is left. Where several atoms reach a node each mends its own residual in full: a
/// wave between atoms is the sum of those scattered by each, and so is its residual. (What the
/// projected amplitude sees of D of another atom, in whose sphere the nodes lie, is neglected;
/// muffin tins judge it in docs/accuracy.md.) B is symmetric in the limit h -> 0 (its antisymmetric
/// part is the discrete flux through the edge of w) and is symmetrised.
///
/// Waves of l >= kFirstDual scatter from Vt nearly as from V: B is small, of the size of what the
/// lattice adds to it on a coarse grid, and may vanish at some energy, where B^-1 makes a state of
/// its own. They get a second column each, the dual function Y_i in the sphere, h^3 sum_n Y_i F_j =
/// delta_ij, and in place of X_i B^-1 X_i^T the term X_i Y_i^T + Y_i X_i^T - Y_i B Y_i^T, which is
/// X_i on F_i as well and has no inverse: with P = (X, Y) the atom is P N^-1 P^T,
///   N = ( B    J )
///       ( J^T  0 ),   J the unit columns of those waves.
/// The amplitude of such a wave is Y_i^T psi. (PAW's projectors are duals of this kind: P. E.
/// Bloechl, Phys. Rev. B 50, 17953 (1994).)
/// @note Rank-local
class GridProjectors {
 public:
  GridProjectors(const grid::SphereGrid& grid, Stencil stencil,
                 const std::vector<AtomicSphere>& spheres, std::size_t atom, int lmax,
                 int multipole_lmax, double support);

  struct Values {
    Eigen::MatrixXd columns;  ///< P h^(3/2), shape (nodes, columns): X of all waves, then Y
    Eigen::MatrixXd b;        ///< N, symmetric, shape (columns, columns) [hartree, J without unit]
    double asymmetry = 0.0;   ///< |B - B^T| / |B| before it was symmetrised
  };
  /// @param energy  [hartree], on the zero of the atom's potential
  /// @param mesh  of the multipoles of the potential
  [[nodiscard]] Values at(const AtomWaves& waves, const SmoothPotential& potential,
                          const math::SpectralMesh& mesh, const math::Gaunt& gaunt,
                          double energy) const;
  /// The waves are needed up to this distance [bohr].
  [[nodiscard]] double farthest() const;

  [[nodiscard]] const std::vector<std::int32_t>& nodes() const { return nodes_; }

 private:
  /// At the lattice points, side by side: what a node takes from its neighbours lies together.
  struct Waves {
    Eigen::MatrixXd wave;       ///< F as the discrete equation has it, shape (waves, points)
    Eigen::MatrixXd left_out;   ///< Q, likewise
    Eigen::VectorXd potential;  ///< V_s - E [hartree]
  };
  [[nodiscard]] Waves waves_at_points(const AtomWaves& waves, const SmoothPotential& potential,
                                      const math::SpectralMesh& mesh, const math::Gaunt& gaunt,
                                      double energy) const;
  /// D = F - G at the points in the sphere that are reached from beyond it, 0 elsewhere; shape
  /// (waves, points).
  [[nodiscard]] Eigen::MatrixXd part_in_sphere(const Eigen::MatrixXd& wave, const AtomWaves& waves,
                                               const SmoothPotential& potential,
                                               double energy) const;
  /// X, shape (nodes, waves).
  [[nodiscard]] Eigen::MatrixXd residuals(const Waves& at_point, const Eigen::MatrixXd& inner,
                                          double sphere_radius) const;
  /// Y behind X, and N in place of B. @param at_node  F, shape (nodes, waves)
  /// @throws Error{numerical} if the nodes do not tell the waves apart
  void add_duals(const Eigen::MatrixXd& at_node, double sphere_radius, Values& values) const;
  /// |grad v|^2 at a node by central differences of v at the lattice points.
  [[nodiscard]] double slope_squared(std::size_t node, const Eigen::VectorXd& v) const;

  double spacing_;
  Stencil stencil_;
  // unknowns with w > 0 or a stencil that reaches into the sphere
  std::vector<std::int32_t> nodes_;
  std::vector<double> weight_;              // w of each
  std::vector<double> dual_weight_;         // where the dual functions are made
  std::vector<std::int32_t> centre_point_;  // lattice point of each node
  std::vector<std::int32_t> neighbour_;     // lattice points: (node, neighbour of the stencil)
  // lattice points in the sphere that the stencil of a node beyond it reaches
  std::vector<std::int32_t> reached_;
  std::vector<double> radius_;           // of each lattice point
  Eigen::MatrixXd harmonics_;            // (points, L)
  Eigen::MatrixXd potential_harmonics_;  // (points, M)
};

}  // namespace kedge::fdm
