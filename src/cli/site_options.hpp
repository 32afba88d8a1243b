// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "kedge/cli/command_line.hpp"
#include "kedge/io/results_file.hpp"

namespace kedge::cli {

/// Weights and shifts of the absorbing sites from --site-weight 12=0.5,7=2 and --site-shift
/// 12=0.3 (atom numbers of /entry/sites, shifts in eV) and --site-table (lines: atom, weight,
/// shift). A site that is not named has weight 1 and shift 0.
/// @return one for each site; empty if none of the options is there
/// @throws Error{input} naming option or file and line for: a text that is no ATOM=NUMBER, an atom
///         that is no absorbing site, a site given twice, a negative weight, all weights zero
[[nodiscard]] std::vector<io::SiteAdjustment> site_adjustments(const CommandLine& line,
                                                               const io::ResultsHeader& header);

}  // namespace kedge::cli
