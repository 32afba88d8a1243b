// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <vector>

namespace kedge::math {

/// Nodes and weights of a rule on [-1, 1].
struct Rule {
  std::vector<double> x;
  std::vector<double> w;
};

/// Gauss-Legendre rule, exact for polynomials of degree 2n - 1.
[[nodiscard]] Rule gauss_legendre(int n);

/// Directions and weights (sum 4 pi) on the unit sphere.
struct AngularRule {
  std::vector<Eigen::Vector3d> direction;
  std::vector<double> weight;
};

/// Product rule, Gauss-Legendre in cos(theta) with n nodes, 2n equidistant azimuths: exact for
/// spherical harmonics up to degree 2n - 1.
[[nodiscard]] AngularRule angular_rule(int n);

}  // namespace kedge::math
