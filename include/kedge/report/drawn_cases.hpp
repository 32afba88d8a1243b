// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kedge/io/results_file.hpp"
#include "kedge/report/fitted_cases.hpp"

namespace kedge::report {

/// More curves in one figure tell nothing, and a page of a thousand cases would be too large for a
/// browser.
inline constexpr std::size_t kMostDrawn = 40;

/// Which cases the figures of all cases draw, in their order.
struct DrawnCases {
  std::vector<std::size_t> cases;
  std::string note;  ///< what is left out; empty if nothing is
};

/// All cases, or if there are more than kMostDrawn: those that fit the data best, or without data
/// evenly spread ones from the first to the last. The case chosen for sites and momenta is always
/// among them.
/// @param fitted  may be null
[[nodiscard]] DrawnCases drawn_cases(const io::ResultsHeader& header, std::size_t i_case,
                                     const FittedCases* fitted);

}  // namespace kedge::report
