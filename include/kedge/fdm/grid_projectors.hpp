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
/// @note Rank-local
class GridProjectors {
 public:
  GridProjectors(const grid::SphereGrid& grid, Stencil stencil,
                 const std::vector<AtomicSphere>& spheres, std::size_t atom, int lmax,
                 int multipole_lmax, double support);

  struct Values {
    Eigen::MatrixXd columns;  ///< X_i h^(3/2), shape (nodes, waves)
    Eigen::MatrixXd b;        ///< B, symmetric, shape (waves, waves) [hartree]
    double asymmetry = 0.0;   ///< |B - B^T| / |B| before it was symmetrised
  };
  /// @param energy  [hartree], on the zero of the atom's potential
  /// @param mesh  of the multipoles of the potential
  [[nodiscard]] Values at(const AtomWaves& waves, const SmoothPotential& potential,
                          const math::SpectralMesh& mesh, double energy) const;
  /// The waves are needed up to this distance [bohr].
  [[nodiscard]] double farthest() const;

  [[nodiscard]] const std::vector<std::int32_t>& nodes() const { return nodes_; }

 private:
  /// |grad v|^2 at a node by central differences of v at the lattice points.
  [[nodiscard]] double slope_squared(std::size_t node, const Eigen::VectorXd& v) const;

  double spacing_;
  Stencil stencil_;
  // unknowns with w > 0 or a stencil that reaches into the sphere
  std::vector<std::int32_t> nodes_;
  std::vector<double> weight_;              // w of each
  std::vector<std::int32_t> centre_point_;  // lattice point of each node
  std::vector<std::int32_t> neighbour_;     // lattice points: (node, neighbour of the stencil)
  // lattice points in the sphere that the stencil of a node beyond it reaches
  std::vector<std::int32_t> reached_;
  std::vector<double> radius_;           // of each lattice point
  Eigen::MatrixXd harmonics_;            // (points, L)
  Eigen::MatrixXd potential_harmonics_;  // (points, M)
};

}  // namespace kedge::fdm
