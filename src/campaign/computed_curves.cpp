// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/computed_curves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/spectrum/peaks.hpp"
#include "kedge/spectrum/site_sum.hpp"

namespace kedge::campaign {

namespace {

/// By how much each site of a case is moved on the loss axis of the file: chemical shift, that of
/// the case, and what the user gave it [eV].
std::vector<double> shifts_of_case(const io::Results& results, std::size_t i_case) {
  std::vector<spectrum::SiteSpectrum> sites(results.header.sites.size());
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const auto& levels = results.levels[i_case * sites.size() + i];
    sites[i].core_binding_rel_fermi_ev =
        spectrum::core_binding_rel_fermi_ev(levels.core_level_ev, levels.fermi_ev);
    // A site that the case lacks, or that has not been set up, is never the least bound one.
    if (results.header.site(i_case, i).atom_number == 0 ||
        !std::isfinite(sites[i].core_binding_rel_fermi_ev)) {
      sites[i].core_binding_rel_fermi_ev = std::numeric_limits<double>::infinity();
    }
  }
  auto shifts = spectrum::chemical_shifts_ev(sites);
  const double of_case = shift_from_file_axis_ev(results, least_bound_fermi_ev(results, i_case));
  for (std::size_t i = 0; i < shifts.size(); ++i) {
    shifts[i] += results.adjustment(i).shift_ev + of_case;
  }
  return shifts;
}

/// The points of a curve from one place to another; empty if there are none.
measured::UniformCurve between(const measured::UniformCurve& curve, double low, double high) {
  constexpr double kRounding = 1e-6;  // of a step
  const double count = static_cast<double>(curve.y.size());
  const double from = std::max(0.0, std::ceil((low - curve.first) / curve.step - kRounding));
  const double to =
      std::min(count, std::floor((high - curve.first) / curve.step + kRounding) + 1.0);
  if (to <= from) return {};
  return {curve.first + from * curve.step,
          curve.step,
          {curve.y.begin() + static_cast<std::ptrdiff_t>(from),
           curve.y.begin() + static_cast<std::ptrdiff_t>(to)}};
}

/// Where a spectrum is known [eV from the Fermi level]: without limits if no energy at its ends is
/// missing.
struct Known {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};
Known known(const OpenedResults& opened, const SpectrumIndex& index) {
  const std::vector<double>& all = opened.results.header.energy_ev;
  const std::vector<double> done = raw_spectrum(opened.results, index).energy_ev;
  Known out;
  if (done.empty()) return out;
  if (done.front() > all.front()) out.low = done.front();
  if (done.back() < all.back()) out.high = done.back();
  return out;
}

double axis_of_losses(const io::Results& results) {
  return energy_loss_ev(results).front() - results.header.energy_ev.front();
}

measured::UniformCurve site_curve(const OpenedResults& opened, const SpectrumIndex& index,
                                  double shift_ev) {
  const io::Results& results = opened.results;
  const RawSpectrum raw = raw_spectrum(results, index);
  const bool unfinished = raw.energy_ev.size() < results.header.energy_ev.size();
  if (raw.energy_ev.size() < 2) return {};
  if (unfinished && raw.energy_ev.back() <= opened.settings.cut_ev) return {};
  auto curve =
      unfinished ? opened.fine.of(raw.energy_ev, raw.intensity) : opened.fine.of(raw.intensity);
  curve.first += axis_of_losses(results) + shift_ev;
  return curve;
}

}  // namespace

measured::UniformCurve fine_site_curve(const OpenedResults& opened, const SpectrumIndex& index) {
  const double shift = shifts_of_case(opened.results, index.i_case)[index.i_site];
  const double axis = axis_of_losses(opened.results) + shift;
  const Known ends = known(opened, index);
  return between(site_curve(opened, index, shift), ends.low + axis, ends.high + axis);
}

measured::UniformCurve fine_case_curve(const OpenedResults& opened, std::size_t i_case,
                                       std::size_t i_q, int l) {
  const io::ResultsHeader& header = opened.results.header;
  const std::vector<double> shifts = shifts_of_case(opened.results, i_case);
  measured::UniformCurve sum;
  double absorbers = 0.0;
  Known ends;  // of all sites, in energy loss
  // The axis of the sum is that of the least bound site without a shift from the user.
  for (std::size_t i_site = 0; i_site < header.sites.size(); ++i_site) {
    const io::CaseSite in_case = header.site(i_case, i_site);
    if (in_case.atom_number == 0) continue;  // the case has no such site
    const auto curve = site_curve(opened, {i_case, i_site, i_q, l}, shifts[i_site]);
    if (curve.y.empty()) return {};
    const Known here = known(opened, {i_case, i_site, i_q, l});
    const double axis = axis_of_losses(opened.results) + shifts[i_site];
    ends = {std::max(ends.low, here.low + axis), std::min(ends.high, here.high + axis)};
    const double multiplicity = in_case.multiplicity * opened.results.adjustment(i_site).weight;
    absorbers += multiplicity;
    if (sum.y.empty()) {
      sum = {curve.first - shifts[i_site], curve.step, std::vector<double>(curve.y.size(), 0.0)};
    }
    for (std::size_t i = 0; i < sum.y.size(); ++i) {
      const double x = sum.first + sum.step * static_cast<double>(i);
      sum.y[i] += multiplicity * curve.at(x).y;
    }
  }
  if (!(absorbers > 0.0)) {
    throw Error(
        ErrorKind::input,
        fmt::format(
            "every site of case {} has weight 0 (kedge broaden --site-weight); wanted one above 0",
            i_case + 1));
  }
  for (double& y : sum.y) y /= absorbers;
  return between(sum, ends.low, ends.high);
}

std::string peak_table(const OpenedResults& opened, std::size_t i_q) {
  const auto& header = opened.results.header;
  const std::size_t n_energy = header.energy_ev.size();
  std::string text = fmt::format(
      "Peaks of the broadened site sum, {} {} edge, q = {:g} 1/Angstrom\n"
      "  case  energy loss (eV)  from Fermi (eV)  height (1/eV)  prominence (1/eV)\n",
      header.element, header.edge, header.q_per_angstrom.at(i_q));
  for (std::size_t i_case = 0; i_case < header.n_cases(); ++i_case) {
    if (n_energy < 3) {
      text += fmt::format("  {:>4}  too few energies for peaks, wanted 3 or more\n", i_case + 1);
      continue;
    }
    const measured::UniformCurve curve = fine_case_curve(opened, i_case, i_q, -1);
    if (curve.y.empty()) {
      text += fmt::format("  {:>4}  no complete spectrum\n", i_case + 1);
      continue;
    }
    std::vector<double> losses;
    for (std::size_t i = 0; i < curve.y.size(); ++i) {
      losses.push_back(curve.first + curve.step * static_cast<double>(i));
    }
    const double edge =
        axis_of_losses(opened.results) +
        shift_from_file_axis_ev(opened.results, least_bound_fermi_ev(opened.results, i_case));
    const auto peaks = spectrum::find_peaks(losses, curve.y);
    for (const spectrum::Peak& peak : peaks) {
      text += fmt::format("  {:>4}  {:>16.2f}  {:>15.2f}  {:>13.4e}  {:>17.4e}\n", i_case + 1,
                          peak.position, peak.position - edge, peak.height, peak.prominence);
    }
    if (peaks.empty()) text += fmt::format("  {:>4}  no maximum inside the grid\n", i_case + 1);
    if (const std::string name = case_name(header, i_case); !name.empty()) {
      text += fmt::format("        {}\n", name);
    }
  }
  return text;
}

SweepGrid sweep_grid(const io::ResultsHeader& header) {
  SweepGrid grid;
  std::vector<const io::CaseColumn*> columns;
  std::size_t wanted = 1;
  for (const io::CaseColumn& column : header.cases) {
    if (!column.swept || !column.texts.empty()) continue;  // texts have no order to interpolate in
    std::vector<double> nodes = column.values;
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    if (nodes.size() < 2) continue;
    // Of lists side by side the product may be anything.
    wanted = wanted > header.n_cases() ? wanted : wanted * nodes.size();
    columns.push_back(&column);
    grid.keys.push_back(column.key);
    grid.units.push_back(column.units);
    grid.nodes.push_back(std::move(nodes));
  }
  const std::size_t n_cases = header.n_cases();
  grid.cases.assign(wanted == n_cases ? wanted : 1, n_cases);
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
    std::vector<std::string> others;
    for (const io::CaseColumn& column : header.cases) {
      if (column.swept && std::ranges::find(grid.keys, column.key) == grid.keys.end()) {
        others.push_back(column.key);
      }
    }
    throw Error(
        ErrorKind::input,
        fmt::format("{} cases do not fill the grid of {} once{}; no best value is "
                    "interpolated between them",
                    n_cases, join(grid.keys, ", "),
                    others.empty() ? "" : fmt::format(" ({} has texts)", join(others, ", "))));
  }
  return grid;
}

}  // namespace kedge::campaign
