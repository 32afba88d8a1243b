// SPDX-License-Identifier: BSD-3-Clause
#include "cases_to_draw.hpp"

#include <fmt/format.h>

#include <numeric>
#include <set>

#include "kedge/core/error.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

report::DrawnCases cases_to_draw(const CommandLine& line, const io::ResultsHeader& header,
                                 std::size_t i_case, const report::FittedCases* fitted,
                                 const Log& log) {
  if (!has(line, "draw")) {
    report::DrawnCases drawn = report::drawn_cases(header, i_case, fitted);
    if (!drawn.note.empty()) log.line(drawn.note);
    return drawn;
  }
  report::DrawnCases drawn;
  if (text_of(line, "draw") == "all") {
    drawn.cases.resize(header.n_cases());
    std::iota(drawn.cases.begin(), drawn.cases.end(), std::size_t{0});
    return drawn;
  }
  std::set<std::size_t> cases;
  for (const int number : whole_numbers_of(line, "draw")) {
    if (static_cast<std::size_t>(number) > header.n_cases()) {
      throw Error(ErrorKind::input, fmt::format("--draw {}: wanted cases from 1 to {}, or all",
                                                number, header.n_cases()));
    }
    cases.insert(static_cast<std::size_t>(number) - 1);
  }
  drawn.cases.assign(cases.begin(), cases.end());
  return drawn;
}

}  // namespace kedge::cli
