// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

namespace kedge::math {

/// A radial mesh of elements with Chebyshev-Lobatto nodes in each: spectral accuracy for functions
/// that are analytic inside the elements. Neighbouring elements repeat their common end point.
class SpectralMesh {
 public:
  /// @param edges  element ends, strictly increasing, at least two
  /// @param nodes_per_element  >= 4
  SpectralMesh(std::vector<double> edges, int nodes_per_element);
  SpectralMesh() = default;

  [[nodiscard]] int elements() const { return static_cast<int>(edges_.size()) - 1; }
  [[nodiscard]] int nodes_per_element() const { return n_; }
  [[nodiscard]] std::size_t size() const { return r_.size(); }
  [[nodiscard]] const std::vector<double>& r() const { return r_; }
  [[nodiscard]] const std::vector<double>& edges() const { return edges_; }
  /// Clenshaw-Curtis weights: integral f dr = sum weights f.
  [[nodiscard]] const std::vector<double>& weights() const { return weights_; }
  /// d/dr of nodal values within an element of length 1: divide by the element's length.
  [[nodiscard]] const Eigen::MatrixXd& unit_derivative() const { return derivative_; }

  /// Integral from the first node to each node of an element of length 1: times its length.
  [[nodiscard]] const Eigen::MatrixXd& unit_integral() const { return integral_; }

  /// Value of the piecewise polynomial through `values` at radius r (clamped to the mesh).
  [[nodiscard]] double interpolate(std::span<const double> values, double r) const;

  /// The same for each column of values(node, column).
  [[nodiscard]] Eigen::RowVectorXd interpolate_rows(const Eigen::MatrixXd& values, double r) const;
  /// At many radii: (radii, columns).
  [[nodiscard]] Eigen::MatrixXd interpolate_rows(const Eigen::MatrixXd& values,
                                                 std::span<const double> radii) const;

  /// The function and its first `count - 1` derivatives at radius r.
  [[nodiscard]] std::vector<double> derivatives(std::span<const double> values, double r,
                                                int count) const;

  /// integral from the first node to `limit` of the piecewise polynomial through `values`; limit
  /// must be an edge.
  [[nodiscard]] double integrate(std::span<const double> values, double limit) const;

  /// integral from the first node to each node of the piecewise polynomial through each column:
  /// values and result (nodes, columns).
  [[nodiscard]] Eigen::MatrixXd running_integral(const Eigen::MatrixXd& values) const;

 private:
  [[nodiscard]] int element_of(double r) const;
  /// Weights of the nodes of element e in the interpolated value at r.
  [[nodiscard]] Eigen::RowVectorXd interpolation_weights(int e, double r) const;

  std::vector<double> edges_;
  int n_ = 0;
  std::vector<double> r_;
  std::vector<double> weights_;
  std::vector<double> unit_nodes_;  // on [0, 1]
  std::vector<double> barycentric_;
  Eigen::MatrixXd derivative_;
  Eigen::MatrixXd integral_;  // from 0 to each unit node
};

}  // namespace kedge::math
