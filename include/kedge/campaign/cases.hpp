// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "kedge/campaign/site_calculation.hpp"
#include "kedge/io/input.hpp"
#include "kedge/io/results_file.hpp"

namespace kedge::campaign {

/// Every combination of the listed values, in the order of the input: the swept key that comes
/// first there changes slowest. @note Rank-local
[[nodiscard]] std::vector<CaseParameters> cases(const io::Input& input);

/// The input of one case: energy.fermi_ev holds the Fermi level that belongs to the screening of
/// the case.
/// @pre parameters is one of cases(input)   @note Rank-local
[[nodiscard]] io::Input input_of_case(const io::Input& input, const CaseParameters& parameters);

/// The parameters of all cases as columns of the result file. @note Rank-local
[[nodiscard]] std::vector<io::CaseColumn> case_columns(const io::Input& input);

}  // namespace kedge::campaign
