// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kedge/campaign/rank_cases.hpp"

namespace kedge::report {

/// 95 % of a normal distribution lie within this many standard deviations.
inline constexpr double kConfidence95 = 1.959964;

/// Computed cases fitted to measured spectra.
struct FittedCases {
  std::vector<campaign::MeasuredSpectrum> data;
  measured::FitSettings settings;
  std::vector<std::string> about;  ///< lines about the data and what was done to them
  campaign::Ranking ranking;
  std::optional<campaign::BestParameters> best;  ///< empty where nothing can be interpolated
  std::vector<std::string> warnings;             ///< notes of the ranking among them
};

}  // namespace kedge::report
