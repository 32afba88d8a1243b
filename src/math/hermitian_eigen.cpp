// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/math/hermitian_eigen.hpp"

#include <fmt/format.h>

#include <complex>
#include <utility>
#include <vector>

#include "kedge/core/error.hpp"

using Complex = std::complex<double>;

extern "C" {
void dsyevd_(const char* job, const char* triangle, const int* n, double* a, const int* lda,
             double* values, double* work, const int* n_work, int* iwork, const int* n_iwork,
             int* info);
void zheevd_(const char* job, const char* triangle, const int* n, Complex* a, const int* lda,
             double* values, Complex* work, const int* n_work, double* rwork, const int* n_rwork,
             int* iwork, const int* n_iwork, int* info);
}

namespace kedge::math {
namespace {

void check(int info) {
  if (info != 0) {
    throw Error(ErrorKind::numerical,
                fmt::format("the eigenvalues of a matrix were not found (LAPACK code {})", info));
  }
}

}  // namespace

Eigensystem<Eigen::MatrixXd> hermitian_eigen(Eigen::MatrixXd a) {
  const int n = static_cast<int>(a.rows());
  Eigensystem<Eigen::MatrixXd> out{Eigen::VectorXd(n), std::move(a)};
  if (n == 0) return out;
  std::vector<double> work(1);
  std::vector<int> iwork(1);
  int info = 0;
  // The first call asks for the sizes of the work space.
  for (int size = -1, isize = -1;;) {
    dsyevd_("V", "L", &n, out.vectors.data(), &n, out.values.data(), work.data(), &size,
            iwork.data(), &isize, &info);
    check(info);
    if (size >= 0) return out;
    size = static_cast<int>(work[0]);
    isize = iwork[0];
    work.resize(static_cast<std::size_t>(size));
    iwork.resize(static_cast<std::size_t>(isize));
  }
}

Eigensystem<Eigen::MatrixXcd> hermitian_eigen(Eigen::MatrixXcd a) {
  const int n = static_cast<int>(a.rows());
  Eigensystem<Eigen::MatrixXcd> out{Eigen::VectorXd(n), std::move(a)};
  if (n == 0) return out;
  std::vector<Complex> work(1);
  std::vector<double> rwork(1);
  std::vector<int> iwork(1);
  int info = 0;
  for (int size = -1, rsize = -1, isize = -1;;) {
    zheevd_("V", "L", &n, out.vectors.data(), &n, out.values.data(), work.data(), &size,
            rwork.data(), &rsize, iwork.data(), &isize, &info);
    check(info);
    if (size >= 0) return out;
    size = static_cast<int>(work[0].real());
    rsize = static_cast<int>(rwork[0]);
    isize = iwork[0];
    work.resize(static_cast<std::size_t>(size));
    rwork.resize(static_cast<std::size_t>(rsize));
    iwork.resize(static_cast<std::size_t>(isize));
  }
}

}  // namespace kedge::math
