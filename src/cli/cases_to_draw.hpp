// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kedge/cli/command_line.hpp"
#include "kedge/core/log.hpp"
#include "kedge/report/drawn_cases.hpp"

namespace kedge::cli {

/// The cases of --draw, or report::drawn_cases(), whose note is printed.
/// @throws Error{input} for a case that is not there
[[nodiscard]] report::DrawnCases cases_to_draw(const CommandLine& line,
                                               const io::ResultsHeader& header, std::size_t i_case,
                                               const report::FittedCases* fitted, const Log& log);

}  // namespace kedge::cli
