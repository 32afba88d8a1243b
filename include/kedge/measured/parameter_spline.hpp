// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <vector>

namespace kedge::measured {

/// Interpolation along one swept parameter, as weights of the values at its nodes:
///   f(t) = sum_k w_k(t) f(t_k).
/// Cubic spline, not-a-knot ends; a parabola for 3 nodes, a line for 2; constant for 1. Beyond the
/// outer nodes the end pieces go on.
class ParameterSpline {
 public:
  /// @param nodes  strictly increasing
  explicit ParameterSpline(std::vector<double> nodes);

  struct Weights {
    Eigen::VectorXd value;  ///< w_k
    Eigen::VectorXd slope;  ///< dw_k/dt
  };
  [[nodiscard]] Weights at(double t) const;
  [[nodiscard]] const std::vector<double>& nodes() const { return nodes_; }

 private:
  std::vector<double> nodes_;
  Eigen::MatrixXd curvature_;  ///< values at the nodes -> second derivatives at the nodes
};

}  // namespace kedge::measured
