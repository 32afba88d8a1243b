// SPDX-License-Identifier: BSD-3-Clause
#include "projected_operator.hpp"

#include <Eigen/LU>
#include <Eigen/QR>
#include <algorithm>
#include <utility>

#include "kedge/core/units.hpp"
#include "kedge/math/complex_lu.hpp"
#include "kedge/math/hermitian_eigen.hpp"

namespace kedge::fdm {
namespace {

using Complex = std::complex<double>;

template <class Scalar>
Eigen::MatrixXcd assemble(const ProjectedOperatorOf<Scalar>& p, std::size_t first_atom) {
  using Matrix = typename ProjectedOperatorOf<Scalar>::Matrix;
  Eigen::MatrixXcd out = p.rest;
  if (first_atom == p.b.size()) return out;
  Eigen::Index first = 0;
  for (std::size_t a = 0; a < first_atom; ++a) first += p.b[a].rows();
  const Matrix y = p.y.bottomRows(p.y.rows() - first);
  Matrix by(y.rows(), y.cols());
  Eigen::Index row = 0;
  for (std::size_t a = first_atom; a < p.b.size(); ++a) {
    const Matrix part = y.middleRows(row, p.b[a].rows());
    by.middleRows(row, p.b[a].rows()) = p.b[a].partialPivLu().solve(part);
    row += p.b[a].rows();
  }
  const Matrix atoms = y.transpose() * by;
  out += atoms.template cast<Complex>();
  return out;
}

template <class Scalar>
Eigen::MatrixXcd green(const ProjectedOperatorOf<Scalar>& p) {
  const auto& b0 = p.b.front();
  const Eigen::MatrixXcd y0 = p.y.topRows(b0.rows()).template cast<Complex>();
  const Eigen::MatrixXcd y0t = y0.transpose();
  const Eigen::MatrixXcd x = math::ComplexLu(assemble(p, 1)).solve(y0t);
  Eigen::MatrixXcd inverse = y0 * x;
  inverse += b0.template cast<Complex>();
  const Eigen::Index waves = p.waves();
  return inverse.partialPivLu()
      .solve(Eigen::MatrixXcd::Identity(inverse.rows(), waves))
      .topRows(waves);
}

Eigen::Index negative_eigenvalues(const Eigen::MatrixXd& m) {
  return (math::hermitian_eigen(m).values.array() < 0.0).count();
}

/// out += f m
void add_product(double f, const Eigen::MatrixXd& m, Eigen::MatrixXd& out) {
  out += f * m;
}
void add_product(Complex f, const Eigen::MatrixXd& m, Eigen::MatrixXcd& out) {
  out.real() += f.real() * m;
  out.imag() += f.imag() * m;
}

template <class Scalar>
ProjectedOperatorOf<Scalar> combine(std::span<const ProjectedOperator> p,
                                    const std::vector<Scalar>& c) {
  using Matrix = typename ProjectedOperatorOf<Scalar>::Matrix;
  const ProjectedOperator& any = p.front();
  ProjectedOperatorOf<Scalar> out;
  out.rest = Eigen::MatrixXcd::Zero(any.rest.rows(), any.rest.cols());
  out.y = Matrix::Zero(any.y.rows(), any.y.cols());
  for (const Eigen::MatrixXd& b : any.b) out.b.push_back(Matrix::Zero(b.rows(), b.cols()));
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (c[i] == 0.0) continue;
    out.rest += c[i] * p[i].rest;
    add_product(c[i], p[i].y, out.y);
    for (std::size_t a = 0; a < out.b.size(); ++a) add_product(c[i], p[i].b[a], out.b[a]);
  }
  return out;
}

}  // namespace

Eigen::MatrixXcd assembled(const ProjectedOperator& p, std::size_t first_atom) {
  return assemble(p, first_atom);
}

ProjectedOperator restricted(const ProjectedOperator& p, const Eigen::MatrixXd& v) {
  const auto between = [&v](const Eigen::MatrixXd& m) -> Eigen::MatrixXd {
    const Eigen::MatrixXd half = m * v;
    return v.transpose() * half;
  };
  ProjectedOperator out;
  out.rest.resize(v.cols(), v.cols());
  out.rest.real() = between(p.rest.real());
  out.rest.imag() = between(p.rest.imag());
  out.y = p.y * v;
  out.b = p.b;
  return out;
}

ProjectedOperator first_columns(const ProjectedOperator& p, Eigen::Index n) {
  return {p.rest.topLeftCorner(n, n), p.y.leftCols(n), p.b};
}

ProjectedOperator combined(std::span<const ProjectedOperator> p, const std::vector<double>& c) {
  return combine(p, c);
}
ContinuedOperator combined(std::span<const ProjectedOperator> p, const std::vector<Complex>& c) {
  return combine(p, c);
}

OperatorDifference difference(const ProjectedOperator& p, const ProjectedOperator& from) {
  OperatorDifference out{p.rest.real() - from.rest.real(), p.y - from.y, {}};
  for (std::size_t a = 0; a < p.b.size(); ++a) out.b.emplace_back(p.b[a] - from.b[a]);
  return out;
}

OperatorDifference first_columns(const OperatorDifference& d, Eigen::Index n) {
  return {d.rest.topLeftCorner(n, n), d.y.leftCols(n), d.b};
}

void add(double factor, const OperatorDifference& d, ProjectedOperator& p) {
  p.rest.real() += factor * d.rest;
  p.y += factor * d.y;
  for (std::size_t a = 0; a < d.b.size(); ++a) p.b[a] += factor * d.b[a];
}

void add(double factor, const OperatorDifference& d, OperatorDifference& sum) {
  if (sum.b.empty()) {
    sum = {factor * d.rest, factor * d.y, {}};
    for (const Eigen::MatrixXd& b : d.b) sum.b.emplace_back(factor * b);
    return;
  }
  sum.rest += factor * d.rest;
  sum.y += factor * d.y;
  for (std::size_t a = 0; a < d.b.size(); ++a) sum.b[a] += factor * d.b[a];
}

void fold_surroundings(std::span<ProjectedOperator> all) {
  for (std::size_t atom = 1; atom < all.front().b.size(); ++atom) {
    const Eigen::Index negative = negative_eigenvalues(all.front().b[atom]);
    if (!std::ranges::all_of(all, [&](const ProjectedOperator& p) {
          return negative_eigenvalues(p.b[atom]) == negative;
        })) {
      return;
    }
  }
  for (ProjectedOperator& p : all) {
    p.rest = assembled(p, 1);
    p.y = p.y.topRows(p.projectors()).eval();
    p.b.resize(1);
  }
}

Eigen::MatrixXd absorber_solutions(const ProjectedOperator& p, int solves) {
  const math::ComplexLu lu(assembled(p, 0));
  Eigen::MatrixXcd x = p.y(source_columns(p.projectors()), Eigen::all).transpose().cast<Complex>();
  Eigen::MatrixXd out(x.rows(), 2 * solves * x.cols());
  for (int solve = 0; solve < solves; ++solve) {
    x = lu.solve(std::move(x));
    for (Eigen::Index c = 0; c < x.cols(); ++c) x.col(c) /= x.col(c).norm();
    out.middleCols(2 * solve * x.cols(), x.cols()) = x.real();
    out.middleCols((2 * solve + 1) * x.cols(), x.cols()) = x.imag();
  }
  return out;
}

Eigen::MatrixXd absorber_space(const ContinuedOperator& p, int solves) {
  // A^-1 = A'^-1 - A'^-1 Y_0^T (B_0 + Y_0 A'^-1 Y_0^T)^-1 Y_0 A'^-1, A' without the absorber's
  // term: B_0 may be singular.
  const Eigen::MatrixXcd y0 = p.y.topRows(p.projectors());
  const math::ComplexLu lu(assemble(p, 1));
  const Eigen::MatrixXcd of_y = lu.solve(Eigen::MatrixXcd(y0.transpose()));
  Eigen::MatrixXcd inner = y0 * of_y;
  inner += p.b.front();
  const math::ComplexLu inner_lu(std::move(inner));
  const Eigen::Index count = p.waves();
  Eigen::MatrixXcd x = of_y * inner_lu.solve(Eigen::MatrixXcd::Identity(p.projectors(), count));
  Eigen::MatrixXd all(x.rows(), 2 * solves * count);
  for (int solve = 0; solve < solves; ++solve) {
    if (solve > 0) {
      x = lu.solve(std::move(x));
      const Eigen::MatrixXcd y0x = y0 * x;
      x -= of_y * inner_lu.solve(y0x);
    }
    for (Eigen::Index c = 0; c < count; ++c) x.col(c) /= x.col(c).norm();
    all.middleCols(2 * solve * count, count) = x.real();
    all.middleCols((2 * solve + 1) * count, count) = x.imag();
  }
  if (all.cols() >= all.rows()) return Eigen::MatrixXd::Identity(all.rows(), all.rows());
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(all);
  return qr.householderQ() * Eigen::MatrixXd::Identity(all.rows(), all.cols());
}

Eigen::MatrixXcd absorber_green(const ProjectedOperator& p) {
  return green(p);
}
Eigen::MatrixXcd absorber_green(const ContinuedOperator& p) {
  return green(p);
}

Eigen::MatrixXd density_of(const Eigen::MatrixXcd& green) {
  const Eigen::MatrixXd im = green.imag();
  return (-0.5 / kPi) * (im + im.transpose());
}

}  // namespace kedge::fdm
