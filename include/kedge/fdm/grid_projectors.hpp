// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kedge/fdm/pseudo_atom.hpp"
#include "kedge/grid/sphere_grid.hpp"

namespace kedge::fdm {

/// Sphere of one scatterer, as its neighbours see it.
struct AtomicSphere {
  Eigen::Vector3d centre = Eigen::Vector3d::Zero();  ///< [bohr]
  double radius = 0.0;                               ///< r_c [bohr]
};

/// Projectors of one atom made from the operator of the grid itself.
///
/// With F_L = ut_l(r)/r Y_L inside the sphere and u_l(r)/r Y_L beyond it, and K_s = -1/2 Lap_h + V_s - E the discrete operator with the
/// smooth spherical potential V_s (Vt inside), the projector is the residual at the nodes near the atom,
///   X_L(i) = -w(i) (K_s F_L)(i),   B_LL' = h^3 sum_i X_L(i) F_L'(i),
/// w = 1 in the sphere. Then [K_s + X B^-1 X^T] F_L = (1 - w) K_s F_L: the atom's waves solve the discrete equations exactly, with
/// whatever error the stencil makes on them, wherever w = 1. B is not diagonal, since the cubic lattice mixes harmonics. Beyond
/// the sphere w falls to zero over `support`; where several atoms reach a node their w add up to at most one.
/// B is symmetric in the limit h -> 0 (its antisymmetric part is the discrete flux through the edge of w) and is symmetrised.
/// @note Rank-local
class GridProjectors {
 public:
  GridProjectors(const grid::SphereGrid& grid, const std::vector<double>& stencil, const std::vector<AtomicSphere>& spheres,
                 std::size_t atom, int lmax, double support);

  struct Values {
    Eigen::MatrixXd columns;  ///< X_L h^(3/2), shape (nodes, harmonics)
    Eigen::MatrixXd b;        ///< B, symmetric, shape (harmonics, harmonics) [hartree]
    double asymmetry = 0.0;   ///< |B - B^T| / |B| before it was symmetrised
  };
  /// @param energy  [hartree], on the zero of the atom's potential
  [[nodiscard]] Values at(const PseudoAtom& atom, double energy) const;

  [[nodiscard]] const std::vector<std::int32_t>& nodes() const { return nodes_; }

 private:
  double spacing_;
  std::vector<double> stencil_;
  int lmax_;
  std::vector<std::int32_t> nodes_;          // unknowns with w > 0
  std::vector<double> weight_;               // w of each
  std::vector<std::int32_t> centre_point_;   // lattice point of each node
  std::vector<std::int32_t> neighbour_;      // lattice points: (node, axis, step, sign)
  std::vector<double> radius_;               // of each lattice point
  Eigen::MatrixXd harmonics_;                // (points, L)
};

}  // namespace kedge::fdm
