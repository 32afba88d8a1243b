// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <deque>
#include <span>
#include <vector>

namespace kedge::math {

/// Anderson mixing of a fixed-point iteration x = F(x).
///
/// Over the last steps, the combination with coefficients that sum to 1 is sought whose residual
/// F(x) - x is smallest in the sum of squares; the next x is that combination plus `fraction` of
/// its residual.
/// Source: D. G. Anderson, J. ACM 12, 547 (1965).
class AndersonMixer {
 public:
  AndersonMixer(double fraction, std::size_t depth) : fraction_(fraction), depth_(depth) {}

  /// @param[in] input  x of this step   @param[in] output  F(x), same shape   @return x of the next
  /// step
  [[nodiscard]] std::vector<double> next(std::span<const double> input,
                                         std::span<const double> output);

 private:
  struct Step {
    std::vector<double> input, residual;
  };
  double fraction_;
  std::size_t depth_;
  std::deque<Step> history_;  ///< latest first
};

}  // namespace kedge::math
