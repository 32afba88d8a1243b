// SPDX-License-Identifier: BSD-3-Clause
#include "columns.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace kedge::fdm {
namespace {

constexpr Eigen::Index kRows = 4096;  // at a time, in what need not be there as a whole

template <class Q>
using MatrixOf = Eigen::Matrix<typename Q::Scalar, Eigen::Dynamic, Eigen::Dynamic>;

/// out += Q^T diag(d) Q of some thousand rows; of the symmetric matrix the blocks on and below the
/// diagonal.
template <class Q>
void add_weighted_gram(const Q& q, const Eigen::Ref<const Eigen::VectorXd>& d,
                       Eigen::MatrixXd& out) {
  using Matrix = MatrixOf<Q>;
  // Wider blocks waste more above the diagonal: of 192 columns 54 in place of 62 Gflop/s with 128.
  constexpr Eigen::Index kColumns = 64;
  const Eigen::Matrix<typename Q::Scalar, Eigen::Dynamic, 1> weight = d.cast<typename Q::Scalar>();
  const Eigen::Index n = q.cols();
  Matrix scaled;
  Matrix part;
  for (Eigen::Index c = 0; c < n; c += kColumns) {
    const Eigen::Index width = std::min(kColumns, n - c);
    scaled = weight.asDiagonal() * q.middleCols(c, width);
    part.noalias() = q.rightCols(n - c).transpose() * scaled;
    out.block(c, c, n - c, width) += part.template cast<double>();
  }
}

void mirror_lower(Eigen::MatrixXd& m) {
  m.triangularView<Eigen::StrictlyUpper>() = m.transpose();
}

}  // namespace

template <class Function>
auto Columns::visit(const Function& function) const {
  return std::visit([&](const auto& q) { return function(q.leftCols(count_)); }, values_);
}

Columns::Columns(Precision precision, Eigen::Index rows)
    : Columns(precision, Eigen::MatrixXd(rows, 0)) {}

Columns::Columns(Precision precision, const Eigen::MatrixXd& values) : count_(values.cols()) {
  if (precision == Precision::fp32) {
    values_ = Eigen::MatrixXf(values.cast<float>());
  } else {
    values_ = values;
  }
}

Columns::Columns(Values values) : values_(std::move(values)) {
  count_ = std::visit([](const auto& q) { return q.cols(); }, values_);
}

Columns::Columns(const Columns& other)
    : values_(other.visit([](const auto& q) -> Values { return q.eval(); })),
      count_(other.count_) {}

Columns& Columns::operator=(const Columns& other) {
  return *this = Columns(other);
}

Eigen::Index Columns::rows() const {
  return std::visit([](const auto& q) { return q.rows(); }, values_);
}

Eigen::Index Columns::cols() const {
  return count_;
}

Eigen::MatrixXd Columns::dense() const {
  return visit([](const auto& q) -> Eigen::MatrixXd { return q.template cast<double>(); });
}

Eigen::VectorXd Columns::column(Eigen::Index i) const {
  return visit([i](const auto& q) -> Eigen::VectorXd { return q.col(i).template cast<double>(); });
}

Eigen::MatrixXd Columns::row_block(Eigen::Index first, Eigen::Index count) const {
  return visit([=](const auto& q) -> Eigen::MatrixXd {
    return q.middleRows(first, count).template cast<double>();
  });
}

Eigen::MatrixXd Columns::transpose_times(const Eigen::MatrixXd& c) const {
  return visit([&c]<class Q>(const Q& q) -> Eigen::MatrixXd {
    using Matrix = MatrixOf<Q>;
    if constexpr (std::is_same_v<Matrix, Eigen::MatrixXd>) {
      return q.transpose() * c;
    } else {
      const Matrix single = c.cast<float>();
      const Matrix product = q.transpose() * single;
      return product.template cast<double>();
    }
  });
}

Eigen::MatrixXd Columns::transpose_times_parts(const Eigen::MatrixXcd& c) const {
  return visit([&c]<class Q>(const Q& q) {
    using Scalar = typename Q::Scalar;
    using Matrix = MatrixOf<Q>;
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
  });
}

void Columns::subtract_from_parts(Eigen::MatrixXcd& c, const Eigen::MatrixXd& v) const {
  visit([&c, &v]<class Q>(const Q& q) {
    using Matrix = MatrixOf<Q>;
    const Matrix turn = v.cast<typename Q::Scalar>();
    Matrix product;
    for (Eigen::Index first = 0; first < q.rows(); first += kRows) {
      const Eigen::Index rows = std::min(kRows, q.rows() - first);
      product.noalias() = q.middleRows(first, rows) * turn;
      auto here = c.middleRows(first, rows);
      here.real() -= product.leftCols(c.cols()).template cast<double>();
      here.imag() -= product.rightCols(c.cols()).template cast<double>();
    }
  });
}

Columns Columns::times(const Eigen::MatrixXd& v) const {
  return Columns(visit([&v]<class Q>(const Q& q) -> Values {
    const MatrixOf<Q> turn = v.cast<typename Q::Scalar>();
    return MatrixOf<Q>(q * turn);
  }));
}

Eigen::MatrixXd Columns::weighted_gram(const Eigen::VectorXd& d) const {
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(cols(), cols());
  visit([&](const auto& q) {
    for (Eigen::Index first = 0; first < q.rows(); first += kRows) {
      const Eigen::Index rows = std::min(kRows, q.rows() - first);
      add_weighted_gram(q.middleRows(first, rows), d.segment(first, rows), out);
    }
  });
  mirror_lower(out);
  return out;
}

std::vector<Eigen::MatrixXd> Columns::weighted_grams(const Eigen::MatrixXd& v,
                                                     const std::vector<Eigen::VectorXd>& d) const {
  std::vector<Eigen::MatrixXd> out(d.size(), Eigen::MatrixXd::Zero(v.cols(), v.cols()));
  visit([&]<class Q>(const Q& q) {
    using Matrix = MatrixOf<Q>;
    const Matrix turn = v.cast<typename Q::Scalar>();
    Matrix turned;
    for (Eigen::Index first = 0; first < q.rows(); first += kRows) {
      const Eigen::Index rows = std::min(kRows, q.rows() - first);
      turned.noalias() = q.middleRows(first, rows) * turn;
      for (std::size_t i = 0; i < d.size(); ++i) {
        add_weighted_gram(turned, d[i].segment(first, rows), out[i]);
      }
    }
  });
  for (Eigen::MatrixXd& m : out) mirror_lower(m);
  return out;
}

Columns Columns::at_rows(const std::vector<Eigen::Index>& rows) const {
  return Columns(
      visit([&rows]<class Q>(const Q& q) -> Values { return MatrixOf<Q>(q(rows, Eigen::all)); }));
}

Columns Columns::last(Eigen::Index count) const {
  return Columns(
      visit([count]<class Q>(const Q& q) -> Values { return MatrixOf<Q>(q.rightCols(count)); }));
}

void Columns::reserve(Eigen::Index count) {
  std::visit(
      [this, count]<class Matrix>(Matrix& q) {
        if (count <= q.cols()) return;
        Matrix larger(q.rows(), count);
        larger.leftCols(count_) = q.leftCols(count_);
        q.swap(larger);
      },
      values_);
}

void Columns::append(const Eigen::MatrixXd& columns) {
  reserve(count_ + columns.cols());
  std::visit(
      [&]<class Matrix>(Matrix& q) {
        q.middleCols(count_, columns.cols()) = columns.cast<typename Matrix::Scalar>();
      },
      values_);
  count_ += columns.cols();
}

void Columns::keep(Eigen::Index count) {
  count_ = count;
}

Eigen::MatrixXd transpose_product(Precision precision, const Eigen::MatrixXd& a,
                                  const Eigen::MatrixXd& b) {
  if (precision == Precision::fp64) return a.transpose() * b;
  const Eigen::MatrixXf product = a.cast<float>().eval().transpose() * b.cast<float>().eval();
  return product.cast<double>();
}

}  // namespace kedge::fdm
