// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/computed_curves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/spectrum/site_sum.hpp"

namespace kedge::campaign {

namespace {

constexpr double kBelowFirstEv = 10.0;

/// Chemical shift of each site in one case [eV].
std::vector<double> shifts_of_case(const io::Results& results, std::size_t i_case) {
  std::vector<spectrum::SiteSpectrum> sites(results.header.sites.size());
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const auto& levels = results.levels[i_case * sites.size() + i];
    sites[i].core_binding_rel_fermi_ev =
        spectrum::core_binding_rel_fermi_ev(levels.core_level_ev, levels.fermi_ev);
  }
  return spectrum::chemical_shifts_ev(sites);
}

measured::UniformCurve site_curve(const io::Results& results, const SpectrumIndex& index,
                                  const spectrum::BroadeningSettings& settings, double shift_ev) {
  const RawSpectrum raw = raw_spectrum(results, index);
  if (raw.energy_ev.size() < 2) return {};
  const std::vector<double>& energies = results.header.energy_ev;
  const double edge = energy_loss_ev(results).front() - energies.front();
  const double first = energies.front() - kBelowFirstEv;
  const auto count = static_cast<std::size_t>((energies.back() - first) / kFineStepEv) + 1;
  std::vector<double> output;
  output.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    output.push_back(first + kFineStepEv * static_cast<double>(i) - shift_ev);
  }
  return {edge + first, kFineStepEv,
          spectrum::broadened(raw.energy_ev, raw.intensity, output, settings)};
}

}  // namespace

measured::UniformCurve fine_site_curve(const io::Results& results, const SpectrumIndex& index,
                                       const spectrum::BroadeningSettings& settings) {
  return site_curve(results, index, settings, shifts_of_case(results, index.i_case)[index.i_site]);
}

measured::UniformCurve fine_case_curve(const io::Results& results, std::size_t i_case,
                                       std::size_t i_q, int l,
                                       const spectrum::BroadeningSettings& settings) {
  const std::vector<double> shifts = shifts_of_case(results, i_case);
  measured::UniformCurve sum;
  double absorbers = 0.0;
  for (std::size_t i_site = 0; i_site < results.header.sites.size(); ++i_site) {
    const auto curve = site_curve(results, {i_case, i_site, i_q, l}, settings, shifts[i_site]);
    if (curve.y.empty()) return {};
    const double multiplicity = results.header.sites[i_site].multiplicity;
    absorbers += multiplicity;
    if (sum.y.empty()) sum = {curve.first, curve.step, std::vector<double>(curve.y.size(), 0.0)};
    for (std::size_t i = 0; i < sum.y.size(); ++i) sum.y[i] += multiplicity * curve.y[i];
  }
  for (double& y : sum.y) y /= absorbers;
  return sum;
}

SweepGrid sweep_grid(const io::ResultsHeader& header) {
  SweepGrid grid;
  std::vector<const io::CaseColumn*> columns;
  std::size_t wanted = 1;
  for (const io::CaseColumn& column : header.cases) {
    if (!column.swept) continue;
    std::vector<double> nodes = column.values;
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    if (nodes.size() < 2) continue;
    wanted *= nodes.size();
    columns.push_back(&column);
    grid.keys.push_back(column.key);
    grid.units.push_back(column.units);
    grid.nodes.push_back(std::move(nodes));
  }
  const std::size_t n_cases = header.n_cases();
  grid.cases.assign(wanted, n_cases);
  for (std::size_t i_case = 0; i_case < n_cases && wanted == n_cases; ++i_case) {
    std::size_t node = 0;
    for (std::size_t d = 0; d < columns.size(); ++d) {
      const auto& nodes = grid.nodes[d];
      const auto at = std::lower_bound(nodes.begin(), nodes.end(), columns[d]->values[i_case]);
      node = node * nodes.size() + static_cast<std::size_t>(at - nodes.begin());
    }
    grid.cases[node] = i_case;
  }
  if (std::find(grid.cases.begin(), grid.cases.end(), n_cases) != grid.cases.end()) {
    throw Error(ErrorKind::input,
                fmt::format("{} cases do not fill the grid of {} once; no best value is "
                            "interpolated between them",
                            n_cases, join(grid.keys, ", ")));
  }
  return grid;
}

}  // namespace kedge::campaign
