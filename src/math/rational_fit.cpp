// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/math/rational_fit.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

namespace kedge::math {
namespace {

using Complex = std::complex<double>;

/// Right singular vector of the smallest singular value, by inverse iteration on R of A = Q R.
Eigen::VectorXcd least_vector(const Eigen::MatrixXcd& a) {
  constexpr int kSteps = 3;
  const Eigen::Index n = a.cols();
  Eigen::MatrixXcd tall = Eigen::MatrixXcd::Zero(std::max(a.rows(), n), n);
  tall.topRows(a.rows()) = a;
  const Eigen::MatrixXcd qr = tall.householderQr().matrixQR();
  Eigen::MatrixXcd r = qr.topRows(n).triangularView<Eigen::Upper>();
  const double least = 1e-15 * std::max(r.cwiseAbs().maxCoeff(), 1e-300);
  for (Eigen::Index i = 0; i < n; ++i) {
    if (std::abs(r(i, i)) < least) {
      r(i, i) = least;  // an exact null vector: any tiny number will do
    }
  }
  Eigen::VectorXcd x = Eigen::VectorXcd::Ones(n);
  for (int step = 0; step < kSteps; ++step) {
    x = r.adjoint().triangularView<Eigen::Lower>().solve(x);
    x.normalize();
    x = r.triangularView<Eigen::Upper>().solve(x);
    x.normalize();
  }
  return x;
}

}  // namespace

RationalFit::RationalFit(const std::vector<Complex>& z, const Eigen::MatrixXcd& f) {
  const auto samples = static_cast<Eigen::Index>(z.size());
  const Eigen::Index n = (samples + 1) / 2;
  const Eigen::Index functions = f.cols();
  support_.resize(n);
  values_.resize(n, functions);
  for (Eigen::Index j = 0; j < n; ++j) {
    support_(j) = z[static_cast<std::size_t>(2 * j)];
    values_.row(j) = f.row(2 * j);
  }
  const Eigen::Index others = samples / 2;
  Eigen::MatrixXcd loewner(others * functions, n);
  for (Eigen::Index k = 0; k < functions; ++k) {
    const double scale = 1.0 / std::max(f.col(k).cwiseAbs().maxCoeff(), 1e-300);
    for (Eigen::Index i = 0; i < others; ++i) {
      const Complex at = z[static_cast<std::size_t>(2 * i + 1)];
      for (Eigen::Index j = 0; j < n; ++j) {
        loewner(k * others + i, j) = scale * (f(2 * i + 1, k) - values_(j, k)) / (at - support_(j));
      }
    }
  }
  weights_ = others == 0 ? Eigen::VectorXcd::Ones(n).eval() : least_vector(loewner);
}

Eigen::VectorXcd RationalFit::operator()(Complex z) const {
  Eigen::VectorXcd top = Eigen::VectorXcd::Zero(values_.cols());
  Complex below = 0.0;
  for (Eigen::Index j = 0; j < support_.size(); ++j) {
    if (z == support_(j)) return values_.row(j).transpose();
    const Complex c = weights_(j) / (z - support_(j));
    top += c * values_.row(j).transpose();
    below += c;
  }
  return top / below;
}

}  // namespace kedge::math
