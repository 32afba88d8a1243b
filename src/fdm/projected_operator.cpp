// SPDX-License-Identifier: BSD-3-Clause
#include "projected_operator.hpp"

#include <Eigen/LU>

#include "kedge/math/complex_lu.hpp"

namespace kedge::fdm {
namespace {

template <class Scalar>
Eigen::MatrixXcd assemble(const ProjectedOperatorOf<Scalar>& p, std::size_t first_atom, Eigen::Index columns) {
  using Matrix = typename ProjectedOperatorOf<Scalar>::Matrix;
  Eigen::Index first = 0;
  for (std::size_t a = 0; a < first_atom; ++a) first += p.b[a].rows();
  const Eigen::Index rows = p.y.rows() - first;
  const Matrix y = p.y.bottomLeftCorner(rows, columns);
  Matrix by(rows, columns);
  Eigen::Index row = 0;
  for (std::size_t a = first_atom; a < p.b.size(); ++a) {
    const Matrix part = y.middleRows(row, p.b[a].rows());
    by.middleRows(row, p.b[a].rows()) = p.b[a].partialPivLu().solve(part);
    row += p.b[a].rows();
  }
  const Matrix atoms = y.transpose() * by;
  Eigen::MatrixXcd out = p.rest.topLeftCorner(columns, columns);
  out += atoms.template cast<std::complex<double>>();
  return out;
}

template <class Scalar>
Eigen::MatrixXcd green(const ProjectedOperatorOf<Scalar>& p, Eigen::Index columns) {
  const auto& b0 = p.b.front();
  const Eigen::MatrixXcd y0 = p.y.topLeftCorner(b0.rows(), columns).template cast<std::complex<double>>();
  const Eigen::MatrixXcd y0t = y0.transpose();
  const Eigen::MatrixXcd x = math::ComplexLu(assemble(p, 1, columns)).solve(y0t);
  Eigen::MatrixXcd inverse = y0 * x;
  inverse += b0.template cast<std::complex<double>>();
  return inverse.partialPivLu().inverse();
}

}  // namespace

Eigen::MatrixXcd assembled(const ProjectedOperator& p, std::size_t first_atom, Eigen::Index columns) { return assemble(p, first_atom, columns); }
Eigen::MatrixXcd absorber_green(const ProjectedOperator& p, Eigen::Index columns) { return green(p, columns); }
Eigen::MatrixXcd absorber_green(const ContinuedOperator& p, Eigen::Index columns) { return green(p, columns); }

}  // namespace kedge::fdm
