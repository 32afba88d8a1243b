// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/math/complex_lu.hpp"

#include <fmt/format.h>

#include <complex>
#include <utility>

#include "kedge/core/error.hpp"

using Complex = std::complex<double>;

extern "C" {
void zgetrf_(const int* m, const int* n, Complex* a, const int* lda, int* pivots, int* info);
void zgetrs_(const char* trans, const int* n, const int* columns, const Complex* a, const int* lda,
             const int* pivots, Complex* b, const int* ldb, int* info);
}

namespace kedge::math {

ComplexLu::ComplexLu(Eigen::MatrixXcd a)
    : lu_(std::move(a)), pivots_(static_cast<std::size_t>(lu_.rows())) {
  const int n = static_cast<int>(lu_.rows());
  int info = 0;
  zgetrf_(&n, &n, lu_.data(), &n, pivots_.data(), &info);
  if (info < 0) throw Error(ErrorKind::internal, fmt::format("LAPACK refuses argument {}", -info));
  if (info > 0) {
    throw Error(ErrorKind::numerical, fmt::format("the matrix of order {} is singular (LAPACK code "
                                                  "{}): the energy lies on a bound state; "
                                                  "move it by a small amount",
                                                  n, info));
  }
}

Eigen::MatrixXcd ComplexLu::solve(Eigen::MatrixXcd b) const {
  const int n = static_cast<int>(lu_.rows());
  const int columns = static_cast<int>(b.cols());
  int info = 0;
  zgetrs_("N", &n, &columns, lu_.data(), &n, pivots_.data(), b.data(), &n, &info);
  return b;
}

}  // namespace kedge::math
