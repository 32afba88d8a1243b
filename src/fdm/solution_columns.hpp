// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <array>

#include "interpolation_axis.hpp"
#include "projected_operator.hpp"

namespace kedge::fdm {

/// Orthonormal columns that span the absorber's solutions in a band, and what they err by.
struct SolutionColumns {
  Eigen::MatrixXd v;
  double error = 0.0;  ///< of the trace of the density
};

/// Solutions at both ends and in the middle of a band, tested between these. The operator of the
/// test is the parabola through the three: near enough to the true one for what its solutions need,
/// and free. Densities are compared above the real axis: on it a state narrower than anything asked
/// for may lie at the very energy of the test.
/// @param axis      of the three
/// @param height    above the axis [hartree]
/// @param smallest  of a solution of unit length beside the columns there are that is worth a
/// column
/// @note Rank-local
void add_solution_columns(const InterpolationAxis& axis, const std::array<ProjectedOperator, 3>& at,
                          double height, double smallest, SolutionColumns& out);

}  // namespace kedge::fdm
