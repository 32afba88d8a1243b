// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <vector>

#include "interpolation_axis.hpp"
#include "projected_operator.hpp"

namespace kedge::fdm {

/// The atoms' part of the operator at one energy of one potential.
struct AtomsAtNode {
  Eigen::MatrixXf y;               ///< X^T Q of all atoms below one another
  std::vector<Eigen::MatrixXd> b;  ///< B of each atom
};

/// The projected operator (ProjectedOperator) at nodes in the wave number outside, for several potentials, and between the nodes:
///   Q^T A Q = fixed + outer(k) + sum_m d_m(k, p) D_m + sum_a Y_a(k, p)^T B_a(k, p)^-1 Y_a(k, p),
/// p the places in the space of parameters (ParameterPlaces). Atoms and diagonals are known at all pairs of node and place, number
/// i_k * places + i_p; the outer waves depend on the wave number alone. @note Rank-local
struct OperatorTable {
  InterpolationAxis k;                    ///< of atoms and diagonals
  InterpolationAxis k_outer;
  std::size_t places = 0;
  Eigen::MatrixXd fixed;                  ///< Q^T (-1/2 Lap_h) Q
  std::vector<Eigen::MatrixXcf> outer;    ///< at each node of k_outer
  Eigen::MatrixXf modes;                  ///< D_m, (columns squared, modes): the diagonals taken apart
  Eigen::MatrixXd diagonal;               ///< d_m: (modes, pairs)
  std::vector<AtomsAtNode> atoms;         ///< at each pair

  [[nodiscard]] Eigen::Index columns() const { return fixed.cols(); }

  /// Over the first `columns` columns of the basis.
  /// @param of_place  what each place counts
  [[nodiscard]] ProjectedOperator at(double wave_number, const std::vector<double>& of_place, Level level, Eigen::Index columns) const;

  /// The same at the nodes of another axis, inside this one, interpolated, over the first `columns` columns.
  [[nodiscard]] OperatorTable on(const InterpolationAxis& axis, Level level, Eigen::Index columns) const;

  /// Over the columns Q V, V orthonormal.
  [[nodiscard]] OperatorTable restricted(const Eigen::MatrixXd& v) const;
};

}  // namespace kedge::fdm
