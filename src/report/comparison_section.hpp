// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "kedge/campaign/opened_results.hpp"
#include "kedge/report/fitted_cases.hpp"

namespace kedge::report {

/// Section of a page, as HTML: the ranking of the cases against measured spectra, the best values
/// between the cases, and what was warned of. The figures are none of it.
/// @param drawn  cases of the figures, which have colours
[[nodiscard]] std::string comparison_section(const campaign::OpenedResults& opened,
                                             const std::vector<std::size_t>& drawn,
                                             const FittedCases& fitted);

}  // namespace kedge::report
