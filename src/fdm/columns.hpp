// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
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
  /// Without the room for further columns.
  Columns(const Columns& other);
  Columns(Columns&&) = default;
  Columns& operator=(const Columns& other);
  Columns& operator=(Columns&&) = default;
  ~Columns() = default;

  [[nodiscard]] Eigen::Index rows() const;
  [[nodiscard]] Eigen::Index cols() const;
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
  /// (Q V)^T diag(d) (Q V) of each d; Q V is made some thousand rows at a time.
  [[nodiscard]] std::vector<Eigen::MatrixXd> weighted_grams(
      const Eigen::MatrixXd& v, const std::vector<Eigen::VectorXd>& d) const;
  [[nodiscard]] Columns at_rows(const std::vector<Eigen::Index>& rows) const;
  [[nodiscard]] Columns last(Eigen::Index count) const;

  /// Room for so many columns in all. Columns that grow beyond their room are copied: to enlarge a
  /// block in place the system moves its pages and cuts the large ones into small ones, which makes
  /// every later product half as fast.
  void reserve(Eigen::Index count);
  void append(const Eigen::MatrixXd& columns);
  /// The first columns only; the room stays.
  void keep(Eigen::Index count);

 private:
  using Values = std::variant<Eigen::MatrixXf, Eigen::MatrixXd>;
  explicit Columns(Values values);
  /// Calls function(Q) with the columns that are there.
  template <class Function>
  auto visit(const Function& function) const;

  Values values_;  // with room for more columns
  Eigen::Index count_ = 0;
};

/// A^T B in that precision.
[[nodiscard]] Eigen::MatrixXd transpose_product(Precision precision, const Eigen::MatrixXd& a,
                                                const Eigen::MatrixXd& b);

}  // namespace kedge::fdm
