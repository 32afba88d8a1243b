// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/measured/parameter_spline.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cassert>

namespace kedge::measured {

ParameterSpline::ParameterSpline(std::vector<double> nodes) : nodes_(std::move(nodes)) {
  assert(!nodes_.empty() && std::is_sorted(nodes_.begin(), nodes_.end()));
  const auto n = static_cast<Eigen::Index>(nodes_.size());
  curvature_ = Eigen::MatrixXd::Zero(n, n);
  if (n < 3) return;
  const auto h = [&](Eigen::Index i) {
    return nodes_[static_cast<std::size_t>(i) + 1] - nodes_[static_cast<std::size_t>(i)];
  };
  // Unknown second derivatives m: continuity of the slope inside; not-a-knot (one cubic over the
  // first two and the last two intervals) at the ends, one parabola for three nodes.
  Eigen::MatrixXd left = Eigen::MatrixXd::Zero(n, n);
  Eigen::MatrixXd right = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index i = 1; i + 1 < n; ++i) {
    left(i, i - 1) = h(i - 1) / 6.0;
    left(i, i) = (h(i - 1) + h(i)) / 3.0;
    left(i, i + 1) = h(i) / 6.0;
    right(i, i - 1) = 1.0 / h(i - 1);
    right(i, i) = -1.0 / h(i - 1) - 1.0 / h(i);
    right(i, i + 1) = 1.0 / h(i);
  }
  if (n == 3) {
    left(0, 0) = left(2, 2) = 1.0;
    left(0, 1) = left(2, 1) = -1.0;
  } else {
    left(0, 0) = h(1);
    left(0, 1) = -(h(0) + h(1));
    left(0, 2) = h(0);
    left(n - 1, n - 3) = h(n - 2);
    left(n - 1, n - 2) = -(h(n - 3) + h(n - 2));
    left(n - 1, n - 1) = h(n - 3);
  }
  // Regular for rising nodes, and pivoting by rows is enough: dominated by the diagonal but for the
  // two rows of the ends.
  curvature_ = left.partialPivLu().solve(right);
}

ParameterSpline::Weights ParameterSpline::at(double t) const {
  const auto n = static_cast<Eigen::Index>(nodes_.size());
  Weights weights{Eigen::VectorXd::Zero(n), Eigen::VectorXd::Zero(n)};
  if (n == 1) {
    weights.value[0] = 1.0;
    return weights;
  }
  const auto above = std::upper_bound(nodes_.begin() + 1, nodes_.end() - 1, t);
  const auto i = static_cast<Eigen::Index>(above - nodes_.begin()) - 1;
  const double h = nodes_[static_cast<std::size_t>(i) + 1] - nodes_[static_cast<std::size_t>(i)];
  const double b = (t - nodes_[static_cast<std::size_t>(i)]) / h;
  const double a = 1.0 - b;
  weights.value[i] = a;
  weights.value[i + 1] = b;
  weights.slope[i] = -1.0 / h;
  weights.slope[i + 1] = 1.0 / h;
  const double square = h * h / 6.0;
  weights.value += (a * a * a - a) * square * curvature_.row(i).transpose() +
                   (b * b * b - b) * square * curvature_.row(i + 1).transpose();
  weights.slope += (1.0 - 3.0 * a * a) * h / 6.0 * curvature_.row(i).transpose() +
                   (3.0 * b * b - 1.0) * h / 6.0 * curvature_.row(i + 1).transpose();
  return weights;
}

}  // namespace kedge::measured
