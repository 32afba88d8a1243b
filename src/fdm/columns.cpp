// SPDX-License-Identifier: BSD-3-Clause
#include "columns.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace kedge::fdm {
namespace {

constexpr Eigen::Index kRows = 4096;  // at a time, in what need not be there as a whole

template <class Matrix>
using Vector = Eigen::Matrix<typename Matrix::Scalar, Eigen::Dynamic, 1>;

/// Of the symmetric matrix the blocks on and below the diagonal, in products of some thousand rows
/// that are summed in double.
template <class Matrix>
Eigen::MatrixXd weighted_gram_of(const Matrix& q, const Eigen::VectorXd& d) {
  constexpr Eigen::Index kColumns = 128;
  const Vector<Matrix> weight = d.cast<typename Matrix::Scalar>();
  const Eigen::Index n = q.cols();
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(n, n);
  Matrix scaled;
  Matrix part;
  for (Eigen::Index first = 0; first < q.rows(); first += kRows) {
    const Eigen::Index rows = std::min(kRows, q.rows() - first);
    for (Eigen::Index c = 0; c < n; c += kColumns) {
      const Eigen::Index width = std::min(kColumns, n - c);
      scaled = weight.segment(first, rows).asDiagonal() * q.block(first, c, rows, width);
      part.noalias() = q.block(first, c, rows, n - c).transpose() * scaled;
      out.block(c, c, n - c, width) += part.template cast<double>();
    }
  }
  return out.selfadjointView<Eigen::Lower>();
}

}  // namespace

Columns::Columns(Precision precision, Eigen::Index rows)
    : Columns(precision, Eigen::MatrixXd(rows, 0)) {}

Columns::Columns(Precision precision, const Eigen::MatrixXd& values) {
  if (precision == Precision::fp32) {
    values_ = Eigen::MatrixXf(values.cast<float>());
  } else {
    values_ = values;
  }
}

Eigen::Index Columns::rows() const {
  return std::visit([](const auto& q) { return q.rows(); }, values_);
}

Eigen::Index Columns::cols() const {
  return std::visit([](const auto& q) { return q.cols(); }, values_);
}

Precision Columns::precision() const {
  return std::holds_alternative<Eigen::MatrixXf>(values_) ? Precision::fp32 : Precision::fp64;
}

Eigen::MatrixXd Columns::dense() const {
  return std::visit([](const auto& q) -> Eigen::MatrixXd { return q.template cast<double>(); },
                    values_);
}

Eigen::VectorXd Columns::column(Eigen::Index i) const {
  return std::visit(
      [i](const auto& q) -> Eigen::VectorXd { return q.col(i).template cast<double>(); }, values_);
}

Eigen::MatrixXd Columns::row_block(Eigen::Index first, Eigen::Index count) const {
  return std::visit(
      [=](const auto& q) -> Eigen::MatrixXd {
        return q.middleRows(first, count).template cast<double>();
      },
      values_);
}

Eigen::MatrixXd Columns::transpose_times(const Eigen::MatrixXd& c) const {
  return std::visit(
      [&c]<class Matrix>(const Matrix& q) -> Eigen::MatrixXd {
        if constexpr (std::is_same_v<Matrix, Eigen::MatrixXd>) {
          return q.transpose() * c;
        } else {
          const Matrix single = c.cast<float>();
          const Matrix product = q.transpose() * single;
          return product.template cast<double>();
        }
      },
      values_);
}

Eigen::MatrixXd Columns::transpose_times_parts(const Eigen::MatrixXcd& c) const {
  return std::visit(
      [&c]<class Matrix>(const Matrix& q) {
        using Scalar = typename Matrix::Scalar;
        Eigen::MatrixXd out = Eigen::MatrixXd::Zero(q.cols(), 2 * c.cols());
        Matrix parts;
        Matrix product;
        for (Eigen::Index first = 0; first < q.rows(); first += kRows) {
          const Eigen::Index rows = std::min(kRows, q.rows() - first);
          parts.resize(rows, out.cols());
          parts.leftCols(c.cols()) = c.middleRows(first, rows).real().template cast<Scalar>();
          parts.rightCols(c.cols()) = c.middleRows(first, rows).imag().template cast<Scalar>();
          product.noalias() = q.middleRows(first, rows).transpose() * parts;
          out += product.template cast<double>();
        }
        return out;
      },
      values_);
}

void Columns::subtract_from_parts(Eigen::MatrixXcd& c, const Eigen::MatrixXd& v) const {
  std::visit(
      [&c, &v]<class Matrix>(const Matrix& q) {
        const Matrix turn = v.cast<typename Matrix::Scalar>();
        Matrix product;
        for (Eigen::Index first = 0; first < q.rows(); first += kRows) {
          const Eigen::Index rows = std::min(kRows, q.rows() - first);
          product.noalias() = q.middleRows(first, rows) * turn;
          auto here = c.middleRows(first, rows);
          here.real() -= product.leftCols(c.cols()).template cast<double>();
          here.imag() -= product.rightCols(c.cols()).template cast<double>();
        }
      },
      values_);
}

Columns Columns::times(const Eigen::MatrixXd& v) const {
  return Columns(std::visit(
      [&v]<class Matrix>(const Matrix& q) -> Values {
        const Matrix turn = v.cast<typename Matrix::Scalar>();
        return Matrix(q * turn);
      },
      values_));
}

Eigen::MatrixXd Columns::weighted_gram(const Eigen::VectorXd& d) const {
  return std::visit([&d](const auto& q) { return weighted_gram_of(q, d); }, values_);
}

Columns Columns::at_rows(const std::vector<Eigen::Index>& rows) const {
  return Columns(std::visit(
      [&rows]<class Matrix>(const Matrix& q) -> Values { return Matrix(q(rows, Eigen::all)); },
      values_));
}

Columns Columns::last(Eigen::Index count) const {
  return Columns(std::visit(
      [count]<class Matrix>(const Matrix& q) -> Values { return Matrix(q.rightCols(count)); },
      values_));
}

void Columns::append(const Eigen::MatrixXd& columns) {
  std::visit(
      [&columns]<class Matrix>(Matrix& q) {
        // In place: columns lie one after the other.
        q.conservativeResize(Eigen::NoChange, q.cols() + columns.cols());
        q.rightCols(columns.cols()) = columns.cast<typename Matrix::Scalar>();
      },
      values_);
}

void Columns::keep(Eigen::Index count) {
  std::visit([count](auto& q) { q.conservativeResize(Eigen::NoChange, count); }, values_);
}

Eigen::MatrixXd transpose_product(Precision precision, const Eigen::MatrixXd& a,
                                  const Eigen::MatrixXd& b) {
  if (precision == Precision::fp64) return a.transpose() * b;
  const Eigen::MatrixXf product = a.cast<float>().eval().transpose() * b.cast<float>().eval();
  return product.cast<double>();
}

}  // namespace kedge::fdm
