// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <utility>
#include <variant>
#include <vector>

#include "kedge/fdm/engine.hpp"

namespace kedge::fdm {

/// Columns of a basis, kept and multiplied in single or in double precision; what comes of them is
/// in double. @note Rank-local: this rank's rows
class Columns {
 public:
  Columns(Precision precision, Eigen::Index rows);
  Columns(Precision precision, const Eigen::MatrixXd& values);

  [[nodiscard]] Eigen::Index rows() const;
  [[nodiscard]] Eigen::Index cols() const;
  [[nodiscard]] Precision precision() const;
  [[nodiscard]] Eigen::MatrixXd dense() const;
  [[nodiscard]] Eigen::VectorXd column(Eigen::Index i) const;
  [[nodiscard]] Eigen::MatrixXd row_block(Eigen::Index first, Eigen::Index count) const;

  /// Q^T C: (columns, columns of C).
  [[nodiscard]] Eigen::MatrixXd transpose_times(const Eigen::MatrixXd& c) const;
  /// Q^T [Re C, Im C].
  [[nodiscard]] Eigen::MatrixXd transpose_times_parts(const Eigen::MatrixXcd& c) const;
  /// C less Q V, V for Re C and Im C side by side.
  void subtract_from_parts(Eigen::MatrixXcd& c, const Eigen::MatrixXd& v) const;
  /// Q V: (rows, columns of V).
  [[nodiscard]] Columns times(const Eigen::MatrixXd& v) const;
  /// Q^T diag(d) Q.
  [[nodiscard]] Eigen::MatrixXd weighted_gram(const Eigen::VectorXd& d) const;
  [[nodiscard]] Columns at_rows(const std::vector<Eigen::Index>& rows) const;
  [[nodiscard]] Columns last(Eigen::Index count) const;

  void append(const Eigen::MatrixXd& columns);
  /// The first columns only.
  void keep(Eigen::Index count);

 private:
  using Values = std::variant<Eigen::MatrixXf, Eigen::MatrixXd>;
  explicit Columns(Values values) : values_(std::move(values)) {}

  Values values_;
};

/// A^T B in that precision.
[[nodiscard]] Eigen::MatrixXd transpose_product(Precision precision, const Eigen::MatrixXd& a,
                                                const Eigen::MatrixXd& b);

}  // namespace kedge::fdm
