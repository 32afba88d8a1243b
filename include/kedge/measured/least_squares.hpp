// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <functional>

namespace kedge::measured {

/// Result of a least-squares fit of weighted residuals r_i = (model_i - data_i) / sigma_i.
struct LeastSquares {
  Eigen::VectorXd parameters;
  Eigen::MatrixXd covariance;  ///< (J^T J)^-1 for unit variance of the residuals, not scaled
  double chi2 = 0.0;           ///< sum r_i^2
  int degrees = 0;             ///< residuals - parameters
  bool converged = false;
};

/// Residuals at given parameters; fills the Jacobian dr_i/dp_k too unless it is null. Must not
/// throw.
using ResidualFunction = std::function<void(const Eigen::VectorXd& parameters,
                                            Eigen::VectorXd& residuals, Eigen::MatrixXd* jacobian)>;

/// Minimises sum r_i^2 by Levenberg-Marquardt (Eigen, after MINPACK).
/// @param start  first guess   @param n_residuals  number of residuals, more than parameters
/// @throws Error{numerical} if J^T J is singular at the minimum: two parameters do the same thing
[[nodiscard]] LeastSquares least_squares(const Eigen::VectorXd& start, int n_residuals,
                                         const ResidualFunction& function);

/// Parameters at the minimum and whether it converged, nothing else: for parameters that may change
/// nothing there.
[[nodiscard]] LeastSquares minimum(const Eigen::VectorXd& start, int n_residuals,
                                   const ResidualFunction& function);

/// The same as least_squares() where only residuals are at hand: the Jacobian by central
/// differences with steps of 1e-6 of the scale of each parameter.
/// @param scales  typical size of a change of each parameter, > 0
using PlainResiduals =
    std::function<void(const Eigen::VectorXd& parameters, Eigen::VectorXd& residuals)>;
[[nodiscard]] LeastSquares least_squares(const Eigen::VectorXd& start,
                                         const Eigen::VectorXd& scales, int n_residuals,
                                         const PlainResiduals& function);

/// (J^T J)^-1, by columns of unit length so that units do not decide what is singular.
/// @throws Error{numerical} if a column is zero, or a sum of others to 1e-7 (derivatives by
///         differences are good to about 1e-9)
[[nodiscard]] Eigen::MatrixXd inverse_normal(const Eigen::MatrixXd& jacobian);

/// Linear least squares |A x - b|^2 with x_k >= 0 for the first n_bounded unknowns, the others
/// free. Active-set method; the residual is the smallest possible.
///
/// Source: C. L. Lawson, R. J. Hanson, Solving Least Squares Problems (1974), chapter 23.
/// @throws Error{numerical} if it finds no end (3 n steps, as the authors advise)
[[nodiscard]] Eigen::VectorXd nonnegative_least_squares(const Eigen::MatrixXd& a,
                                                        const Eigen::VectorXd& b, int n_bounded);

}  // namespace kedge::measured
