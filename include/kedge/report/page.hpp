// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "kedge/campaign/opened_results.hpp"
#include "kedge/report/drawn_cases.hpp"

namespace kedge::report {

/// One HTML page about a result file: figures with boxes that show and hide sites and cases in all
/// of them at once, the structure, tables of cases, sites and peaks, how it was made, and the
/// resolved input. Everything is inside the file: it opens without a network, and prints.
/// @param i_case  case of the figures of sites and momenta
/// @param drawn  cases of the figures of several cases
/// @param fitted  the cases of this file against measured spectra; null: none are shown
/// @throws Error{input} if no spectrum is there yet   @note Rank-local
[[nodiscard]] std::string page(const campaign::OpenedResults& opened, std::size_t i_case,
                               const DrawnCases& drawn, const FittedCases* fitted);

}  // namespace kedge::report
