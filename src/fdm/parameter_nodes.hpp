// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "kedge/fdm/family.hpp"

namespace kedge::fdm {

/// Polynomials in the parameters of a family through values at few of its members, linear in these;
/// and polynomials of a lower degree through the first of them, whose distance is an estimate.
///
/// The nodes of a degree are members whose rows of polynomials, orthogonalised one after the other,
/// are the longest (approximate Fekete points); those of the lower degree come first and are kept.
/// Source: A. Sommariva, M. Vianello, Comput. Math. Appl. 57, 1324 (2009). @note Rank-local
class ParameterNodes {
 public:
  /// @param members  not empty
  /// @param lower, degree  largest total degrees of the polynomials
  ParameterNodes(const std::vector<Parameters>& members, int lower, int degree);

  /// Numbers of the members that are nodes: as many as there are polynomials, or members that
  /// differ. The first lies in the middle, as far as one does.
  [[nodiscard]] const std::vector<std::size_t>& nodes() const { return nodes_; }
  /// How many of the first nodes are those of the lower degree.
  [[nodiscard]] std::size_t few() const { return few_; }
  /// What the values at all nodes count at a member.
  [[nodiscard]] std::vector<double> coefficients(const Parameters& at) const;
  /// What those at the first few() count.
  [[nodiscard]] std::vector<double> lower_coefficients(const Parameters& at) const;

 private:
  /// Of two parameters, as many as there are.
  using Powers = std::array<int, 2>;
  [[nodiscard]] std::vector<Powers> polynomials(int degree) const;
  [[nodiscard]] double value(const Powers& powers, const Parameters& at) const;
  void add_nodes(const std::vector<Parameters>& members, int degree);
  [[nodiscard]] std::vector<double> through(std::size_t count, int degree,
                                            const Parameters& at) const;

  int lower_;
  int degree_;
  Parameters middle_{};
  Parameters half_width_{};
  std::vector<Parameters> at_;  // of the nodes
  std::vector<std::size_t> nodes_;
  std::size_t few_ = 0;
};

}  // namespace kedge::fdm
