// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/report/drawn_cases.hpp"

#include <fmt/format.h>

#include <numeric>
#include <set>

namespace kedge::report {

DrawnCases drawn_cases(const io::ResultsHeader& header, std::size_t i_case,
                       const FittedCases* fitted) {
  const std::size_t n = header.n_cases();
  DrawnCases drawn;
  if (n <= kMostDrawn) {
    drawn.cases.resize(n);
    std::iota(drawn.cases.begin(), drawn.cases.end(), std::size_t{0});
    return drawn;
  }
  std::set<std::size_t> cases = {i_case};
  if (fitted != nullptr) {
    for (const campaign::RankedCase& ranked : fitted->ranking.cases) {
      if (cases.size() == kMostDrawn) break;
      cases.insert(ranked.cases.front());
    }
  } else {
    for (std::size_t k = 0; k < kMostDrawn; ++k) cases.insert(k * (n - 1) / (kMostDrawn - 1));
  }
  drawn.cases.assign(cases.begin(), cases.end());
  drawn.note =
      fmt::format("{} of {} cases are drawn, {}; --draw chooses others", drawn.cases.size(), n,
                  fitted != nullptr ? "those that fit best" : "evenly spread");
  return drawn;
}

}  // namespace kedge::report
