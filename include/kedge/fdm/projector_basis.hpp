// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kedge/grid/sphere_grid.hpp"

namespace kedge::fdm {

/// Functions f_Lj(r) = (r/r_c)^(l+2j) Y_L, cut at r_c, put on the grid: any projector chi_l Y_L of the atom is a linear
/// combination of them, with coefficients that depend on energy while these values do not.
struct ProjectorBasis {
  std::vector<std::int32_t> nodes;  ///< unknowns that are touched
  Eigen::MatrixXd values;           ///< (nodes, L * terms + j)
  int lmax = 0;
  int terms = 0;
};

/// Restricts the functions to the grid by a double grid.
///
/// A fine lattice of step h/4, centred on the atom, samples the function; Lagrange interpolation with `points` nodes per
/// axis carries each sample to the nodes: X_i = sum_f w_i(f) f(r_f)/64, so that h^3 sum_i X_i psi_i = integral f psi to the order
/// of the interpolation, wherever the atom sits between the nodes. Interpolation of two orders above the stencil's
/// measures best: its error and the stencil's on the smooth functions have opposite sign (docs/accuracy.md).
/// Source: T. Ono, K. Hirose, Phys. Rev. Lett. 82, 5016 (1999), with a kernel of higher order.
/// @note Rank-local
[[nodiscard]] ProjectorBasis project_basis(const grid::SphereGrid& grid, const Eigen::Vector3d& centre,
                                           double sphere_radius, int lmax, int terms, int points);

/// Indicator theta(R - |r|) averaged over the cell of each node with a linear kernel, so that a potential step at R acts
/// on smooth functions as the sharp one does to second order. Shape (grid.size()).
[[nodiscard]] std::vector<double> filtered_sphere(const grid::SphereGrid& grid, double radius);

}  // namespace kedge::fdm
