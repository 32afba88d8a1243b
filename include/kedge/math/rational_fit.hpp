// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <complex>
#include <vector>

namespace kedge::math {

/// Rational functions with common poles through samples in the complex plane.
///
/// Barycentric form over half of the samples z_j, the support points, which it passes through:
///   r_k(z) = sum_j w_j f_k(z_j)/(z - z_j) / sum_j w_j/(z - z_j);
/// w is the unit vector with the smallest sum over the other samples i and over k of |sum_j w_j
/// (f_k(z_i) - f_k(z_j))/(z_i - z_j)|^2. A function with n poles is met exactly by 2n + 1 samples
/// or more.
///
/// Source: Y. Nakatsukasa, O. Sete, L. N. Trefethen, SIAM J. Sci. Comput. 40, A1494 (2018); there
/// the support points are chosen one by one, here they are every second sample.
class RationalFit {
 public:
  /// @param z  distinct points, at least one   @param f  values, shape (points, functions); each
  /// column is scaled to its largest
  RationalFit(const std::vector<std::complex<double>>& z, const Eigen::MatrixXcd& f);

  /// All functions at a point, shape (functions).
  [[nodiscard]] Eigen::VectorXcd operator()(std::complex<double> z) const;

 private:
  Eigen::VectorXcd support_;
  Eigen::MatrixXcd values_;  // (support points, functions)
  Eigen::VectorXcd weights_;
};

}  // namespace kedge::math
