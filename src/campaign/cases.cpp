// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/cases.hpp"

#include <algorithm>

namespace kedge::campaign {

std::vector<CaseParameters> cases(const io::Input& input) {
  const auto& swept = input.swept_keys;
  const auto place = [&](const char* key) { return std::find(swept.begin(), swept.end(), key); };
  const bool dilatorb_first = place("absorber.dilatorb") < place("absorber.screening");
  std::vector<CaseParameters> all;
  if (dilatorb_first) {
    for (const double dilatorb : input.absorber.dilatorb) {
      for (const double screening : input.absorber.screening) all.push_back({screening, dilatorb});
    }
  } else {
    for (const double screening : input.absorber.screening) {
      for (const double dilatorb : input.absorber.dilatorb) all.push_back({screening, dilatorb});
    }
  }
  return all;
}

io::Input input_of_case(const io::Input& input, const CaseParameters& parameters) {
  io::Input one = input;
  one.absorber.screening = {parameters.screening};
  one.absorber.dilatorb = {parameters.dilatorb};
  const auto& levels = input.energy.fermi_by_screening_ev;
  if (!levels.empty()) {
    const auto& screening = input.absorber.screening;
    const auto same = std::find(screening.begin(), screening.end(), parameters.screening);
    one.energy.fermi_ev = levels.at(static_cast<std::size_t>(same - screening.begin()));
    one.energy.fermi_by_screening_ev.clear();
  }
  return one;
}

std::vector<io::CaseColumn> case_columns(const io::Input& input) {
  io::CaseColumn screening{
      "absorber.screening", "electron", input.absorber.screening.size() > 1, {}};
  io::CaseColumn dilatorb{"absorber.dilatorb", "", input.absorber.dilatorb.size() > 1, {}};
  for (const CaseParameters& parameters : cases(input)) {
    screening.values.push_back(parameters.screening);
    dilatorb.values.push_back(parameters.dilatorb);
  }
  return {screening, dilatorb};
}

}  // namespace kedge::campaign
