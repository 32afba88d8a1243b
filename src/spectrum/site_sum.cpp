// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/spectrum/site_sum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/spectrum/curve.hpp"

namespace kedge::spectrum {
namespace {

void check_sites(std::span<const SiteSpectrum> sites) {
  if (sites.empty()) throw Error(ErrorKind::input, "site sum: no sites; at least one is wanted");
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const std::string what = fmt::format("spectrum of absorber {}", i + 1);
    check_curve(sites[i].energy_rel_fermi_ev, sites[i].intensity, what);
    if (!(sites[i].multiplicity >= 0.0) || !std::isfinite(sites[i].multiplicity) ||
        !std::isfinite(sites[i].core_binding_rel_fermi_ev) ||
        !std::isfinite(sites[i].extra_shift_ev)) {
      throw Error(
          ErrorKind::input,
          fmt::format("{}: multiplicity {}, core binding {} eV and extra shift {} eV; wanted "
                      "0 or more and finite energies",
                      what, sites[i].multiplicity, sites[i].core_binding_rel_fermi_ev,
                      sites[i].extra_shift_ev));
    }
  }
  if (std::all_of(sites.begin(), sites.end(),
                  [](const auto& site) { return site.multiplicity == 0.0; })) {
    throw Error(ErrorKind::input, "site sum: every site has weight 0; wanted one above 0");
  }
}

/// Energies from the Fermi level of the least bound site.
std::vector<double> common_grid(std::span<const SiteSpectrum> sites,
                                std::span<const double> shifts) {
  const auto bound = std::min_element(sites.begin(), sites.end(), [](const auto& a, const auto& b) {
    return a.core_binding_rel_fermi_ev < b.core_binding_rel_fermi_ev;
  });
  const auto least = static_cast<std::size_t>(bound - sites.begin());
  const std::vector<double>& own = sites[least].energy_rel_fermi_ev;
  double start = own.front();
  for (std::size_t i = 0; i < sites.size(); ++i) {
    start = std::min(start, sites[i].energy_rel_fermi_ev.front() + shifts[i]);
  }
  const double step = own[1] - own[0];
  // A start within rounding of a step makes no step of its own.
  const auto extra = static_cast<int>(std::ceil((own.front() - start) / step - 1e-9));
  std::vector<double> grid;
  for (int n = extra; n > 0; --n) grid.push_back(own.front() - n * step);
  grid.insert(grid.end(), own.begin(), own.end());
  return grid;
}

}  // namespace

double core_binding_rel_fermi_ev(double core_level_rel_vacuum_ev, double fermi_rel_vacuum_ev) {
  return fermi_rel_vacuum_ev - core_level_rel_vacuum_ev;
}

std::vector<double> chemical_shifts_ev(std::span<const SiteSpectrum> sites) {
  std::vector<double> shifts;
  for (const auto& site : sites) shifts.push_back(site.core_binding_rel_fermi_ev);
  if (shifts.empty()) return shifts;
  const double least = *std::min_element(shifts.begin(), shifts.end());
  for (double& shift : shifts) shift -= least;
  return shifts;
}

SiteSum sum_sites(std::span<const SiteSpectrum> sites, double edge_energy_ev) {
  check_sites(sites);
  SiteSum sum;
  sum.shift_ev = chemical_shifts_ev(sites);
  for (std::size_t i = 0; i < sites.size(); ++i) sum.shift_ev[i] += sites[i].extra_shift_ev;
  const std::vector<double> grid = common_grid(sites, sum.shift_ev);
  double absorbers = 0.0;
  for (const auto& site : sites) absorbers += site.multiplicity;
  for (const double energy : grid) {
    double total = 0.0;
    for (std::size_t i = 0; i < sites.size(); ++i) {
      const auto& own = sites[i].energy_rel_fermi_ev;
      const double at = energy - sum.shift_ev[i];
      if (at >= own.front()) {
        total += sites[i].multiplicity * cubic_at(own, sites[i].intensity, at);
      }
    }
    sum.loss_ev.push_back(edge_energy_ev + energy);
    sum.intensity.push_back(total / absorbers);
  }
  return sum;
}

}  // namespace kedge::spectrum
