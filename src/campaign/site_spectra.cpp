// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/site_spectra.hpp"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "kedge/atom/atom.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/fdm/engine.hpp"
#include "kedge/spectrum/curve.hpp"
#include "kedge/spectrum/site_sum.hpp"

namespace kedge::campaign {

namespace {

int atomic_number_of(const std::string& element) {
  const auto number = atomic_number(element);
  if (!number) {
    throw Error(ErrorKind::io, fmt::format("'{}' in the result file is no element", element));
  }
  return *number;
}

/// Fermi level of the site that stands on the loss axis of the file: the least bound one of the
/// first case that is begun [eV from the vacuum]; NaN if none is.
double file_axis_fermi_ev(const io::Results& results) {
  double fermi = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i_case = 0; i_case < results.header.n_cases() && std::isnan(fermi); ++i_case) {
    fermi = least_bound_fermi_ev(results, i_case);
  }
  return fermi;
}

std::size_t count_done(const io::Results& results, std::size_t i_case, std::size_t i_site) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < results.header.energy_ev.size(); ++i) {
    if (results.done[results.index(i_case, i_site, i)] == io::Status::done) ++count;
  }
  return count;
}

/// Broadening of spectra known at all energies, (energy, energy): it is linear, so the hat
/// functions of the piecewise-linear spectrum tell it for all.
Eigen::MatrixXd broadening_matrix(const std::vector<double>& energy_ev,
                                  const spectrum::BroadeningSettings& settings) {
  const auto n = static_cast<Eigen::Index>(energy_ev.size());
  Eigen::MatrixXd matrix(n, n);
  std::vector<double> unit(energy_ev.size(), 0.0);
  for (Eigen::Index k = 0; k < n; ++k) {
    unit[static_cast<std::size_t>(k)] = 1.0;
    const auto column = spectrum::broadened(energy_ev, unit, energy_ev, settings);
    matrix.col(k) = Eigen::Map<const Eigen::VectorXd>(column.data(), n);
    unit[static_cast<std::size_t>(k)] = 0.0;
  }
  return matrix;
}

/// Sites that are summed, and the Fermi level of each [eV from the vacuum].
struct SummedSites {
  std::vector<spectrum::SiteSpectrum> spectra;
  std::vector<double> fermi_ev;
};

/// Appends the sites of one case, each with its multiplicity times `weight`; false if one of them
/// has no spectrum.
bool append_sites(SummedSites& sites, double weight, const io::Results& results, std::size_t i_case,
                  std::size_t i_q, int l, const GridBroadening& broadening) {
  for (std::size_t i_site = 0; i_site < results.header.sites.size(); ++i_site) {
    const io::CaseSite in_case = results.header.site(i_case, i_site);
    if (in_case.atom_number == 0) continue;
    const auto& levels = results.levels[i_case * results.header.sites.size() + i_site];
    spectrum::SiteSpectrum site;
    site.intensity = site_spectrum(results, {i_case, i_site, i_q, l}, broadening);
    if (site.intensity.empty()) return false;
    site.energy_rel_fermi_ev = results.header.energy_ev;
    site.core_binding_rel_fermi_ev =
        spectrum::core_binding_rel_fermi_ev(levels.core_level_ev, levels.fermi_ev);
    const io::SiteAdjustment adjustment = results.adjustment(i_site);
    site.multiplicity = weight * in_case.multiplicity * adjustment.weight;
    site.extra_shift_ev = adjustment.shift_ev;
    sites.spectra.push_back(std::move(site));
    sites.fermi_ev.push_back(levels.fermi_ev);
  }
  return true;
}

/// Mean per absorber on the loss axis of the file; empty without sites.
std::vector<double> sum_on_file_axis(const io::Results& results, SummedSites summed) {
  std::vector<spectrum::SiteSpectrum>& sites = summed.spectra;
  if (sites.empty()) return {};
  const auto least =
      std::ranges::min_element(sites, {}, &spectrum::SiteSpectrum::core_binding_rel_fermi_ev);
  const double shift = shift_from_file_axis_ev(
      results, summed.fermi_ev[static_cast<std::size_t>(least - sites.begin())]);
  for (spectrum::SiteSpectrum& site : sites) site.extra_shift_ev += shift;
  const std::vector<double> losses = energy_loss_ev(results);
  const double edge = losses.front() - results.header.energy_ev.front();
  const spectrum::SiteSum sum = spectrum::sum_sites(sites, edge);
  // All sites share one grid, so the axis of the sum is that of the file; cases then compare point
  // by point.
  std::vector<double> intensity;
  for (const double loss : losses) {
    intensity.push_back(spectrum::linear_at(sum.loss_ev, sum.intensity, loss));
  }
  return intensity;
}

}  // namespace

spectrum::BroadeningSettings broadening_settings(const io::Input& input,
                                                 const std::string& element) {
  const auto& given = input.broadening;
  spectrum::BroadeningSettings settings;
  settings.core_hole_width_ev =
      given.core_hole_ev ? *given.core_hole_ev
                         : atom::core_hole_width_ev(atomic_number_of(element), input.edge.name);
  settings.model = spectrum::width_model(given.model);
  settings.gamma_max_ev = given.gamma_max_ev;
  settings.centre_ev = given.centre_ev;
  settings.width_ev = given.width_ev;
  settings.seah_dench_a = given.seah_dench_a;
  settings.instrument_ev = given.instrument_ev;
  settings.cut_ev = given.cut_ev.value_or(0.0);
  return settings;
}

spectrum::BroadeningSettings broadening_settings(const io::Input& input,
                                                 const io::ResultsHeader& header) {
  spectrum::BroadeningSettings settings = broadening_settings(input, header.element);
  settings.resolution = {header.energy_ev, header.resolution_ev};
  return settings;
}

std::vector<double> energy_resolution_ev(const io::Input& input) {
  const std::vector<double>& energy = input.energy.grid_ev;
  std::vector<double> fwhm(energy.size(), 0.0);
  if (!io::reduced_energies(input) || energy.size() < 2) return fwhm;
  for (std::size_t i = 0; i < energy.size(); ++i) {
    const double below = i > 0 ? energy[i] - energy[i - 1] : energy[1] - energy[0];
    const double above = i + 1 < energy.size() ? energy[i + 1] - energy[i] : below;
    const double step = 0.5 * (below + above);
    const double cell = std::min(step, input.engine.energy_cell_ev);
    if (cell <= 0.0) continue;
    const double sigma = fdm::kCellSigma * cell;
    fwhm[i] = std::sqrt(8.0 * std::numbers::ln2 * (sigma * sigma + step * step / 6.0));
  }
  return fwhm;
}

std::string describe(const spectrum::BroadeningSettings& settings) {
  std::string model = "no energy-dependent width";
  if (settings.model == spectrum::WidthModel::arctangent) {
    model = fmt::format("arctangent up to {:g} eV, centre {:g} eV, width {:g} eV",
                        settings.gamma_max_ev, settings.centre_ev, settings.width_ev);
  } else if (settings.model == spectrum::WidthModel::seah_dench) {
    model = fmt::format("Seah-Dench up to {:g} eV, a = {:g}", settings.gamma_max_ev,
                        settings.seah_dench_a);
  }
  const std::vector<double>& own = settings.resolution.fwhm_ev;
  std::string of_energies;
  if (std::ranges::any_of(own, [](double width) { return width > 0.0; })) {
    const auto [least, most] = std::ranges::minmax(own);
    of_energies = most - least < 5e-3
                      ? fmt::format(" ({:.2g} of them by the energies)", most)
                      : fmt::format(" ({:.2g} to {:.2g} of them by the energies)", least, most);
  }
  return fmt::format("core hole {:.4g} eV, {}, instrument {:g} eV{}, cut at {:g} eV",
                     settings.core_hole_width_ev, model, settings.instrument_ev, of_energies,
                     settings.cut_ev);
}

std::string describe(const io::Results& results) {
  std::string text;
  for (std::size_t i = 0; i < results.adjustments.size(); ++i) {
    const io::SiteAdjustment one = results.adjustments[i];
    if (one.weight == 1.0 && one.shift_ev == 0.0) continue;
    const io::SiteRecord& site = results.header.sites[i];
    text += fmt::format("{}{} (atom {}) weight {:g}, shift {:g} eV", text.empty() ? "" : "; ",
                        site.label, site.atom_number, one.weight, one.shift_ev);
  }
  return text;
}

RawSpectrum raw_spectrum(const io::Results& results, const SpectrumIndex& index) {
  const auto& header = results.header;
  RawSpectrum raw;
  for (std::size_t i = 0; i < header.energy_ev.size(); ++i) {
    if (results.done[results.index(index.i_case, index.i_site, i)] != io::Status::done) continue;
    if (index.i_q == kAbsorption) {
      const double value = results.xanes.at(results.index(index.i_case, index.i_site, i));
      if (!std::isfinite(value)) {
        throw Error(
            ErrorKind::input,
            fmt::format("case {}, site {}: the file has no absorption at {:g} eV, wanted for a "
                        "measured absorption spectrum",
                        index.i_case + 1, header.sites[index.i_site].label, header.energy_ev[i]));
      }
      raw.energy_ev.push_back(header.energy_ev[i]);
      raw.intensity.push_back(value);
      continue;
    }
    double sum = 0.0;
    for (int l = 0; l <= header.lmax; ++l) {
      if (index.l >= 0 && index.l != l) continue;
      sum += results.s_of(index.i_case, index.i_site, index.i_q, static_cast<std::size_t>(l))[i];
    }
    raw.energy_ev.push_back(header.energy_ev[i]);
    raw.intensity.push_back(sum);
  }
  return raw;
}

GridBroadening::GridBroadening(const io::Results& results,
                               const spectrum::BroadeningSettings& settings, std::size_t n_spectra)
    : energy_ev_(results.header.energy_ev), settings_(settings) {
  // A hat costs a fraction of a whole spectrum.
  if (energy_ev_.size() >= 2 && 4 * n_spectra > energy_ev_.size()) {
    matrix_ = broadening_matrix(energy_ev_, settings_);
  }
}

std::vector<double> GridBroadening::of(const RawSpectrum& raw) const {
  const bool unfinished = raw.energy_ev.size() < energy_ev_.size();
  if (raw.energy_ev.size() < 2) return {};
  if (unfinished && raw.energy_ev.back() <= settings_.cut_ev) return {};
  if (matrix_.size() == 0 || unfinished) {
    return spectrum::broadened(raw.energy_ev, raw.intensity, energy_ev_, settings_);
  }
  std::vector<double> y(raw.intensity.size());
  const auto n = static_cast<Eigen::Index>(y.size());
  Eigen::Map<Eigen::VectorXd>(y.data(), n) =
      matrix_ * Eigen::Map<const Eigen::VectorXd>(raw.intensity.data(), n);
  return y;
}

std::vector<double> site_spectrum(const io::Results& results, const SpectrumIndex& index,
                                  const GridBroadening& broadening) {
  return broadening.of(raw_spectrum(results, index));
}

double least_bound_fermi_ev(const io::Results& results, std::size_t i_case) {
  double fermi = std::numeric_limits<double>::quiet_NaN();
  double least = std::numeric_limits<double>::infinity();
  const std::size_t n_sites = results.header.sites.size();
  for (std::size_t i_site = 0; i_site < n_sites; ++i_site) {
    const io::LevelsRecord& levels = results.levels[i_case * n_sites + i_site];
    const double binding =
        spectrum::core_binding_rel_fermi_ev(levels.core_level_ev, levels.fermi_ev);
    if (!(binding < least)) continue;  // nor one that is not there
    least = binding;
    fermi = levels.fermi_ev;
  }
  return fermi;
}

double shift_from_file_axis_ev(const io::Results& results, double fermi_ev) {
  const double shift = fermi_ev - file_axis_fermi_ev(results);
  return atom::edge_is_from_vacuum(atomic_number_of(results.header.element)) && std::isfinite(shift)
             ? shift
             : 0.0;
}

std::vector<double> energy_loss_ev(const io::Results& results) {
  const int absorber = atomic_number_of(results.header.element);
  double edge = atom::edge_energy_ev(absorber, results.header.edge);
  const double fermi = file_axis_fermi_ev(results);
  if (atom::edge_is_from_vacuum(absorber) && std::isfinite(fermi)) edge += fermi;
  std::vector<double> loss;
  for (const double energy : results.header.energy_ev) loss.push_back(edge + energy);
  return loss;
}

std::vector<double> case_sum(const io::Results& results, std::size_t i_case, std::size_t i_q, int l,
                             const GridBroadening& broadening) {
  SummedSites sites;
  if (!append_sites(sites, 1.0, results, i_case, i_q, l, broadening)) return {};
  return sum_on_file_axis(results, std::move(sites));
}

std::vector<double> weighted_sum(const io::Results& results, const std::vector<std::size_t>& group,
                                 std::size_t i_q, const GridBroadening& broadening) {
  const std::vector<double> weights = results.header.weights();
  SummedSites sites;
  for (const std::size_t i_case : group) {
    if (!append_sites(sites, weights.at(i_case), results, i_case, i_q, -1, broadening)) return {};
  }
  return sum_on_file_axis(results, std::move(sites));
}

bool has_absorption(const io::Results& results) {
  if (results.xanes.size() != results.done.size()) return false;
  for (std::size_t i = 0; i < results.done.size(); ++i) {
    if (results.done[i] == io::Status::done && !std::isfinite(results.xanes[i])) return false;
  }
  return true;
}

namespace {

/// Sums of all cases for one q or the absorption; NaN where there is none.
io::SpectraRecord sums_of_cases(const io::Results& results, std::size_t i_q,
                                const GridBroadening& broadening) {
  io::SpectraRecord record{energy_loss_ev(results), {}};
  for (std::size_t i_case = 0; i_case < results.header.n_cases(); ++i_case) {
    std::vector<double> sum = case_sum(results, i_case, i_q, -1, broadening);
    sum.resize(results.header.energy_ev.size(), std::numeric_limits<double>::quiet_NaN());
    record.intensity.insert(record.intensity.end(), sum.begin(), sum.end());
  }
  return record;
}

io::SpectraRecord averages_of_groups(const io::Results& results, std::size_t i_q,
                                     const GridBroadening& broadening) {
  io::SpectraRecord record{energy_loss_ev(results), {}};
  for (const auto& group : results.header.average_groups()) {
    std::vector<double> sum = weighted_sum(results, group, i_q, broadening);
    sum.resize(results.header.energy_ev.size(), std::numeric_limits<double>::quiet_NaN());
    record.intensity.insert(record.intensity.end(), sum.begin(), sum.end());
  }
  return record;
}

}  // namespace

std::vector<std::string> notes_on_gaps(const io::Results& results) {
  std::vector<std::string> notes;
  const std::size_t n_energy = results.header.energy_ev.size();
  for (std::size_t i_case = 0; i_case < results.header.n_cases(); ++i_case) {
    for (std::size_t i_site = 0; i_site < results.header.sites.size(); ++i_site) {
      const std::size_t done = count_done(results, i_case, i_site);
      if (done == n_energy || results.header.site(i_case, i_site).atom_number == 0) continue;
      notes.push_back(fmt::format(
          "case {}, site {}: {} of {} energies are missing or failed; {}", i_case + 1,
          results.header.sites[i_site].label, n_energy - done, n_energy,
          done >= 2 ? "straight lines bridge them; beyond the last that is done curves end "
                      "and sums in files go on with its value"
                    : "the case has no site sum"));
    }
  }
  return notes;
}

BroadenedSums broadened_sums(const io::Results& results,
                             const spectrum::BroadeningSettings& settings) {
  const auto& header = results.header;
  BroadenedSums sums;
  sums.notes = notes_on_gaps(results);
  const GridBroadening broadening(
      results, settings,
      header.n_cases() * header.sites.size() * (header.q_per_angstrom.size() + 1));
  const bool averaged = !header.average_groups().empty();
  for (std::size_t i_q = 0; i_q < header.q_per_angstrom.size(); ++i_q) {
    sums.spectra.by_q.push_back(sums_of_cases(results, i_q, broadening));
    if (averaged) sums.spectra.averages.push_back(averages_of_groups(results, i_q, broadening));
  }
  if (has_absorption(results)) {
    sums.spectra.absorption = sums_of_cases(results, kAbsorption, broadening);
    if (averaged) {
      sums.spectra.absorption_average = averages_of_groups(results, kAbsorption, broadening);
    }
  }
  return sums;
}

std::string case_name(const io::ResultsHeader& header, std::size_t i_case) {
  std::string name;
  for (const io::CaseColumn& column : header.cases) {
    if (!column.swept) continue;
    if (!name.empty()) name += ", ";
    name += fmt::format("{} = {}", column.key, column.text(i_case));
  }
  return name;
}

std::string short_case_name(const io::ResultsHeader& header, std::size_t i_case) {
  const auto last_part = [](const std::string& key) { return key.substr(key.rfind('.') + 1); };
  std::string name;
  for (const io::CaseColumn& column : header.cases) {
    if (!column.swept) continue;
    const std::string last = last_part(column.key);
    const auto alike = std::count_if(
        header.cases.begin(), header.cases.end(),
        [&](const io::CaseColumn& other) { return other.swept && last_part(other.key) == last; });
    name += fmt::format("{}{} = {}", name.empty() ? "" : ", ", alike == 1 ? last : column.key,
                        column.text(i_case));
  }
  return name;
}

}  // namespace kedge::campaign
