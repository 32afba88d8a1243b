// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "kedge/campaign/site_calculation.hpp"
#include "kedge/io/input.hpp"
#include "kedge/io/results_file.hpp"

namespace kedge::campaign {

/// All cases of an input: every combination of the listed values, the swept key that comes first in
/// the input changing slowest; with cases.combine = zip the first values of all lists, then the
/// second ones, ...
/// @pre structure.frame is not "all" (read_calculation() replaces it)
/// @throws Error{input} if zipped lists differ in length, or there are more than a million cases
/// @note Rank-local
[[nodiscard]] std::vector<CaseParameters> cases(const io::Input& input);

/// The input of one case: every key has one value, and energy.fermi_ev holds the Fermi level that
/// belongs to the screening of the case.
/// @pre parameters is one of cases(input)   @note Rank-local
[[nodiscard]] io::Input input_of_case(const io::Input& input, const CaseParameters& parameters);

/// The parameters of all cases as columns of the result file: screening and dilatation, the other
/// keys that have lists, and the weight in the average if one is asked for.
/// @throws Error{input} if structure.weights does not fit the frames or files   @note Rank-local
[[nodiscard]] std::vector<io::CaseColumn> case_columns(const io::Input& input);

}  // namespace kedge::campaign
