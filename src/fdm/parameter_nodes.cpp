// SPDX-License-Identifier: BSD-3-Clause
#include "parameter_nodes.hpp"

#include <Eigen/Core>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

namespace kedge::fdm {
namespace {

// What is left of a member's polynomials, 1 at most, beside those of the nodes where these
// determine it.
constexpr double kDependent = 1e-6;
constexpr double kAlike = 1e-9;  // of lengths that differ by rounding: the first counts

double chebyshev(int n, double x) {
  double before = 1.0;
  if (n == 0) return before;
  double value = x;
  for (int i = 1; i < n; ++i) {
    const double next = 2.0 * x * value - before;
    before = value;
    value = next;
  }
  return value;
}

}  // namespace

ParameterNodes::ParameterNodes(const std::vector<Parameters>& members, int lower, int degree)
    : lower_(lower), degree_(degree) {
  for (std::size_t d = 0; d < middle_.size(); ++d) {
    const auto [least, most] =
        std::ranges::minmax(members, {}, [d](const Parameters& p) { return p[d]; });
    middle_[d] = 0.5 * (least[d] + most[d]);
    half_width_[d] = 0.5 * (most[d] - least[d]);
  }
  add_nodes(members, lower_);
  few_ = nodes_.size();
  // What the others differ by from the first is least from the middle.
  const auto from_middle = [this](std::size_t i) {
    double sum = 0.0;
    for (std::size_t d = 0; d < middle_.size(); ++d) {
      if (half_width_[d] > 0.0) sum += std::pow((at_[i][d] - middle_[d]) / half_width_[d], 2);
    }
    return sum;
  };
  std::size_t first = 0;
  for (std::size_t i = 1; i < few_; ++i) {
    if (from_middle(i) < from_middle(first)) first = i;
  }
  std::swap(nodes_[0], nodes_[first]);
  std::swap(at_[0], at_[first]);
  add_nodes(members, degree_);
}

std::vector<ParameterNodes::Powers> ParameterNodes::polynomials(int degree) const {
  std::vector<Powers> out;
  for (int total = 0; total <= degree; ++total) {
    for (int second = 0; second <= total; ++second) {
      const Powers powers = {total - second, second};
      const bool varies =
          (powers[0] == 0 || half_width_[0] > 0.0) && (powers[1] == 0 || half_width_[1] > 0.0);
      if (varies) out.push_back(powers);
    }
  }
  return out;
}

double ParameterNodes::value(const Powers& powers, const Parameters& at) const {
  double product = 1.0;
  for (std::size_t d = 0; d < at.size(); ++d) {
    if (powers[d] > 0) product *= chebyshev(powers[d], (at[d] - middle_[d]) / half_width_[d]);
  }
  return product;
}

void ParameterNodes::add_nodes(const std::vector<Parameters>& members, int degree) {
  const std::vector<Powers> all = polynomials(degree);
  Eigen::MatrixXd rows(static_cast<Eigen::Index>(members.size()),
                       static_cast<Eigen::Index>(all.size()));
  for (std::size_t m = 0; m < members.size(); ++m) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      rows(static_cast<Eigen::Index>(m), static_cast<Eigen::Index>(i)) = value(all[i], members[m]);
    }
  }
  const auto leave_out = [&rows](std::size_t node) {
    const Eigen::VectorXd unit = rows.row(static_cast<Eigen::Index>(node)).normalized().transpose();
    const Eigen::VectorXd along = rows * unit;
    rows.noalias() -= along * unit.transpose();
  };
  for (const std::size_t node : nodes_) leave_out(node);
  while (nodes_.size() < all.size()) {
    const Eigen::VectorXd length = rows.rowwise().norm();
    Eigen::Index longest = 0;
    for (Eigen::Index m = 1; m < length.size(); ++m) {
      if (length(m) > length(longest) + kAlike) longest = m;
    }
    if (length(longest) < kDependent) return;
    const auto node = static_cast<std::size_t>(longest);
    nodes_.push_back(node);
    at_.push_back(members[node]);
    leave_out(node);
  }
}

std::vector<double> ParameterNodes::through(std::size_t count, int degree,
                                            const Parameters& at) const {
  const std::vector<Powers> all = polynomials(degree);
  Eigen::MatrixXd at_nodes(static_cast<Eigen::Index>(all.size()), static_cast<Eigen::Index>(count));
  Eigen::VectorXd here(static_cast<Eigen::Index>(all.size()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    here(static_cast<Eigen::Index>(i)) = value(all[i], at);
    for (std::size_t j = 0; j < count; ++j) {
      at_nodes(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = value(all[i], at_[j]);
    }
  }
  const Eigen::VectorXd c = at_nodes.colPivHouseholderQr().solve(here);
  return {c.begin(), c.end()};
}

std::vector<double> ParameterNodes::coefficients(const Parameters& at) const {
  return through(nodes_.size(), degree_, at);
}
std::vector<double> ParameterNodes::lower_coefficients(const Parameters& at) const {
  return through(few_, lower_, at);
}

}  // namespace kedge::fdm
