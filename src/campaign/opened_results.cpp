// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/opened_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kedge/campaign/computed_curves.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"

namespace kedge::campaign {

FineBroadening::FineBroadening(std::vector<double> energy_rel_fermi_ev,
                               const spectrum::BroadeningSettings& settings, double step_ev)
    : energy_rel_fermi_ev_(std::move(energy_rel_fermi_ev)), settings_(settings), step_(step_ev) {
  constexpr double kBelowFirstEv = 10.0;
  first_ = energy_rel_fermi_ev_.front() - kBelowFirstEv;
  count_ = static_cast<std::size_t>((energy_rel_fermi_ev_.back() - first_) / step_ + 1e-9) + 1;
}

measured::UniformCurve FineBroadening::of(const std::vector<double>& energy_rel_fermi_ev,
                                          const std::vector<double>& intensity) const {
  std::vector<double> gaussian;  // that is missing at each energy
  for (const double energy : energy_rel_fermi_ev_) {
    gaussian.push_back(spectrum::missing_gaussian_ev(energy, settings_));
  }
  const auto [least, most] = std::ranges::minmax(gaussian);
  const double sigma = most / std::sqrt(8.0 * std::numbers::ln2);
  constexpr double kSameWidth = 1e-6;
  const bool smooth =
      0.5 * settings_.core_hole_width_ev >= 1.2 * step_ && most - least < kSameWidth;
  // The discrete Gaussian needs the curve beyond both ends.
  const auto margin = smooth ? static_cast<std::size_t>(std::ceil(9.0 * sigma / step_)) : 0;
  std::vector<double> output;
  output.reserve(count_ + 2 * margin);
  const double start = first_ - step_ * static_cast<double>(margin);
  for (std::size_t i = 0; i < count_ + 2 * margin; ++i) {
    output.push_back(start + step_ * static_cast<double>(i));
  }
  if (!smooth) {
    return {first_, step_, spectrum::broadened(energy_rel_fermi_ev, intensity, output, settings_)};
  }
  const measured::UniformCurve wide = measured::gaussian_smoothed(
      {start, step_,
       spectrum::lorentzian_broadened(energy_rel_fermi_ev, intensity, output, settings_)},
      sigma * sigma);
  const auto begin = wide.y.begin() + static_cast<std::ptrdiff_t>(margin);
  return {first_, step_, {begin, begin + static_cast<std::ptrdiff_t>(count_)}};
}

measured::UniformCurve FineBroadening::of(const std::vector<double>& intensity) const {
  const auto n = static_cast<Eigen::Index>(energy_rel_fermi_ev_.size());
  // A hat costs a fraction of a whole spectrum.
  if (matrix_.size() == 0 && 4 * ++asked_ <= energy_rel_fermi_ev_.size()) {
    return of(energy_rel_fermi_ev_, intensity);
  }
  if (matrix_.size() == 0) {
    matrix_.resize(static_cast<Eigen::Index>(count_), n);
    std::vector<double> unit(energy_rel_fermi_ev_.size(), 0.0);
    for (Eigen::Index k = 0; k < n; ++k) {
      unit[static_cast<std::size_t>(k)] = 1.0;
      const auto column = of(energy_rel_fermi_ev_, unit);
      matrix_.col(k) =
          Eigen::Map<const Eigen::VectorXd>(column.y.data(), static_cast<Eigen::Index>(count_));
      unit[static_cast<std::size_t>(k)] = 0.0;
    }
  }
  measured::UniformCurve curve{first_, step_, std::vector<double>(count_)};
  Eigen::Map<Eigen::VectorXd>(curve.y.data(), static_cast<Eigen::Index>(count_)) =
      matrix_ * Eigen::Map<const Eigen::VectorXd>(intensity.data(), n);
  return curve;
}

OpenedResults open_results(const std::filesystem::path& file,
                           const std::vector<std::string>& overrides) {
  OpenedResults opened{file, io::read_results(file), {}, {}};
  std::vector<std::string> all = opened.results.broadening_overrides;
  all.insert(all.end(), overrides.begin(), overrides.end());
  const io::Input input = io::parse_input(opened.results.header.input_text,
                                          file.string() + ":/entry/process/input", {}, all);
  opened.settings = broadening_settings(input, opened.results.header);
  opened.fine = FineBroadening(opened.results.header.energy_ev, opened.settings, kFineStepEv);
  return opened;
}

std::size_t case_index(const io::ResultsHeader& header, int number) {
  if (number < 1 || static_cast<std::size_t>(number) > header.n_cases()) {
    throw Error(ErrorKind::input,
                fmt::format("--case {}: wanted a case from 1 to {}", number, header.n_cases()));
  }
  return static_cast<std::size_t>(number) - 1;
}

}  // namespace kedge::campaign
