// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "kedge/core/units.hpp"
#include "kedge/io/results_file.hpp"

namespace kedge::io {

std::string oscillator_strength_text() {
  return fmt::format("df/dE [1/eV] = cross section [Mbarn] / {:.3f} Mbarn eV", kMbarnEvPerElectron);
}

std::string CaseColumn::text(std::size_t i_case) const {
  return texts.empty() ? fmt::format("{:g}", values.at(i_case)) : texts.at(i_case);
}

CaseSite ResultsHeader::site(std::size_t i_case, std::size_t i_site) const {
  if (!case_sites.empty()) return case_sites.at(i_case * sites.size() + i_site);
  const SiteRecord& record = sites.at(i_site);
  return {record.atom_number, record.multiplicity, record.position_angstrom};
}

std::size_t ResultsHeader::n_solves() const {
  const auto absent = std::ranges::count(case_sites, 0, &CaseSite::atom_number);
  return (n_cases() * sites.size() - static_cast<std::size_t>(absent)) * energy_ev.size();
}

std::vector<Status> ResultsHeader::initial_status() const {
  std::vector<Status> status;
  for (std::size_t i_case = 0; i_case < n_cases(); ++i_case) {
    for (std::size_t i_site = 0; i_site < sites.size(); ++i_site) {
      const bool absent = site(i_case, i_site).atom_number == 0;
      status.insert(status.end(), energy_ev.size(), absent ? Status::absent : Status::missing);
    }
  }
  return status;
}

std::vector<double> ResultsHeader::weights() const {
  const auto column = std::ranges::find(cases, std::string("weight"), &CaseColumn::key);
  return column == cases.end() ? std::vector<double>() : column->values;
}

std::vector<std::vector<std::size_t>> ResultsHeader::average_groups() const {
  std::vector<std::vector<std::size_t>> groups;
  if (weights().empty()) return groups;
  std::map<std::string, std::size_t> known;
  for (std::size_t i_case = 0; i_case < n_cases(); ++i_case) {
    std::string rest;
    for (const CaseColumn& column : cases) {
      if (!column.swept || column.key == "structure.file" || column.key == "structure.frame") {
        continue;
      }
      rest += column.text(i_case) + ';';
    }
    const std::size_t group = known.emplace(rest, known.size()).first->second;
    groups.resize(std::max(groups.size(), group + 1));
    groups[group].push_back(i_case);
  }
  return groups;
}

}  // namespace kedge::io
