// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "../../../src/fdm/columns.hpp"

namespace kedge::fdm {
namespace {

// More rows than are multiplied at a time, and not a multiple of them; more columns than a block.
constexpr Eigen::Index kRows = 2 * 4096 + 37;
constexpr Eigen::Index kColumns = 70;

/// Like orthonormal columns: entries of size 1/sqrt(rows), products of order one.
Eigen::MatrixXd some_columns() {
  Eigen::MatrixXd q(kRows, kColumns);
  for (Eigen::Index c = 0; c < kColumns; ++c) {
    for (Eigen::Index r = 0; r < kRows; ++r) {
      q(r, c) = std::sin(1.0 + 0.37 * static_cast<double>(r) * static_cast<double>(c + 1));
    }
  }
  return q / std::sqrt(static_cast<double>(kRows));
}

/// Rounding of products summed over some thousand rows, which grows as the root of their number.
double rounding(Precision precision) {
  return precision == Precision::fp64 ? 1e-13 : 1e-5;
}

TEST(Columns, WeightedGrams) {
  const Eigen::MatrixXd q = some_columns();
  const Eigen::MatrixXd v = Eigen::MatrixXd::Random(kColumns, 65);
  std::vector<Eigen::VectorXd> d;
  for (int i = 0; i < 3; ++i) d.emplace_back(Eigen::VectorXd::Random(kRows));
  const Eigen::MatrixXd qv = q * v;
  for (const Precision precision : {Precision::fp32, Precision::fp64}) {
    const Columns columns(precision, q);
    const std::vector<Eigen::MatrixXd> found = columns.weighted_grams(v, d);
    ASSERT_EQ(found.size(), d.size());
    for (std::size_t i = 0; i < d.size(); ++i) {
      const Eigen::MatrixXd wanted = qv.transpose() * d[i].asDiagonal() * qv;
      const double allowed = rounding(precision) * qv.squaredNorm();
      EXPECT_LT((found[i] - wanted).cwiseAbs().maxCoeff(), allowed);
      EXPECT_EQ(found[i], found[i].transpose());
      EXPECT_LT((columns.weighted_gram(d[i]) - q.transpose() * d[i].asDiagonal() * q)
                    .cwiseAbs()
                    .maxCoeff(),
                rounding(precision));
    }
  }
}

TEST(Columns, RowsAndColumnsThatAreKeptAndAdded) {
  const Eigen::MatrixXd q = some_columns();
  Columns columns(Precision::fp64, kRows);
  columns.append(q.leftCols(40));
  columns.append(q.rightCols(30));
  EXPECT_EQ(columns.dense(), q);
  const std::vector<Eigen::Index> rows = {3, 4, 4096, kRows - 1};
  EXPECT_EQ(columns.at_rows(rows).dense(), q(rows, Eigen::all));
  EXPECT_EQ(columns.last(30).dense(), q.rightCols(30));
  columns.keep(40);
  EXPECT_EQ(columns.cols(), 40);
  columns.append(q.leftCols(5));
  EXPECT_EQ(columns.last(5).dense(), q.leftCols(5));
  EXPECT_EQ(columns.column(39), q.col(39));
}

}  // namespace
}  // namespace kedge::fdm
