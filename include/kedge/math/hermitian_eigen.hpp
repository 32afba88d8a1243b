// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>

namespace kedge::math {

/// Eigenvalues in rising order and the orthonormal eigenvectors in the columns, of a symmetric or
/// Hermitian matrix.
template <class Matrix>
struct Eigensystem {
  Eigen::VectorXd values;
  Matrix vectors;
};

/// A = V diag(values) V^H by LAPACK's dsyevd or zheevd; the lower triangle of A is read.
/// @throws Error{numerical} if LAPACK does not converge. @note Rank-local
[[nodiscard]] Eigensystem<Eigen::MatrixXd> hermitian_eigen(Eigen::MatrixXd a);
[[nodiscard]] Eigensystem<Eigen::MatrixXcd> hermitian_eigen(Eigen::MatrixXcd a);

}  // namespace kedge::math
