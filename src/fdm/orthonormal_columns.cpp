// SPDX-License-Identifier: BSD-3-Clause
#include "orthonormal_columns.hpp"

#include <algorithm>
#include <cmath>

#include "kedge/math/hermitian_eigen.hpp"

namespace kedge::fdm {

void append_orthonormal(Eigen::MatrixXd& v, Eigen::MatrixXd x, double smallest) {
  for (Eigen::Index c = 0; c < x.cols(); ++c) x.col(c) /= std::max(x.col(c).norm(), 1e-300);
  for (int pass = 0; pass < 2 && x.cols() > 0; ++pass) {
    if (v.cols() > 0) {
      const Eigen::MatrixXd along = v.transpose() * x;
      x.noalias() -= v * along;
    }
    const auto eigen = math::hermitian_eigen(Eigen::MatrixXd(x.transpose() * x));
    const Eigen::Index left_out = (eigen.values.array() <= smallest * smallest).count();
    Eigen::MatrixXd turn = eigen.vectors.rightCols(x.cols() - left_out);
    for (Eigen::Index i = 0; i < turn.cols(); ++i) {
      turn.col(i) /= std::sqrt(eigen.values(left_out + i));
    }
    x = (x * turn).eval();
  }
  const Eigen::Index before = v.cols();
  v.conservativeResize(x.rows(), before + x.cols());
  v.rightCols(x.cols()) = x;
}

}  // namespace kedge::fdm
