// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/math/mixing.hpp"

#include <Eigen/Dense>
#include <cassert>

namespace kedge::math {

std::vector<double> AndersonMixer::next(std::span<const double> input,
                                        std::span<const double> output) {
  assert(input.size() == output.size());
  const auto n = static_cast<Eigen::Index>(input.size());
  Step step{{input.begin(), input.end()}, {output.begin(), output.end()}};
  for (std::size_t i = 0; i < input.size(); ++i) step.residual[i] -= input[i];
  history_.push_front(std::move(step));
  if (history_.size() > depth_ + 1) history_.pop_back();

  const auto vector = [n](const std::vector<double>& v) {
    return Eigen::Map<const Eigen::VectorXd>(v.data(), n);
  };
  const auto columns = static_cast<Eigen::Index>(history_.size()) - 1;
  Eigen::MatrixXd residual_differences(n, columns);
  Eigen::MatrixXd input_differences(n, columns);
  for (Eigen::Index k = 0; k < columns; ++k) {
    const Step& older = history_[static_cast<std::size_t>(k) + 1];
    residual_differences.col(k) = vector(history_[0].residual) - vector(older.residual);
    input_differences.col(k) = vector(history_[0].input) - vector(older.input);
  }
  Eigen::VectorXd best_input = vector(history_[0].input);
  Eigen::VectorXd best_residual = vector(history_[0].residual);
  if (columns > 0) {
    const Eigen::VectorXd coefficients =
        residual_differences.colPivHouseholderQr().solve(best_residual);
    best_input -= input_differences * coefficients;
    best_residual -= residual_differences * coefficients;
  }
  best_input += fraction_ * best_residual;
  return {best_input.begin(), best_input.end()};
}

}  // namespace kedge::math
