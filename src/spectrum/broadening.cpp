// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/spectrum/broadening.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kedge/core/error.hpp"
#include "kedge/spectrum/curve.hpp"

namespace kedge::spectrum {
namespace {

using std::numbers::inv_pi;
using std::numbers::pi;

/// Half widths below this count as zero [eV]; no spectrum is known to 1e-9 eV.
constexpr double kNoWidth = 1e-9;
/// A Gaussian contributes nothing beyond this many sigma: erfc(8.5/sqrt 2) is below 1e-16.
constexpr double kGaussianReach = 8.5;

/// A curve that is linear between its points, `below` before the first and its last value after
/// the last point.
struct Polyline {
  std::vector<double> x;
  std::vector<double> y;
  double below = 0.0;

  [[nodiscard]] double at(double value) const {
    return value < x.front() ? below : linear_at(x, y, value);
  }
};

void check_settings(const BroadeningSettings& settings) {
  const auto check = [](const char* key, double value, bool zero_allowed) {
    if (std::isfinite(value) && (value > 0.0 || (zero_allowed && value == 0.0))) return;
    throw Error(ErrorKind::input, fmt::format("[broadening] {} = {}: wanted a finite number {} 0",
                                              key, value, zero_allowed ? ">=" : ">"));
  };
  check("core_hole", settings.core_hole_width_ev, true);
  check("instrument", settings.instrument_ev, true);
  if (settings.model != WidthModel::none) check("gamma_max", settings.gamma_max_ev, true);
  if (settings.model == WidthModel::arctangent) {
    check("centre", settings.centre_ev, false);
    check("width", settings.width_ev, false);
  }
  if (settings.model == WidthModel::seah_dench) check("seah_dench_a", settings.seah_dench_a, true);
  if (!std::isfinite(settings.cut_ev)) {
    throw Error(ErrorKind::input,
                fmt::format("[broadening] cut = {}: wanted a finite energy", settings.cut_ev));
  }
}

/// Gamma_f without the checks.
double final_state_width(double energy_ev, const BroadeningSettings& settings) {
  const double above = energy_ev - settings.cut_ev;
  if (above <= 0.0 || settings.gamma_max_ev == 0.0) return 0.0;
  switch (settings.model) {
    case WidthModel::none:
      return 0.0;
    case WidthModel::arctangent: {
      const double e = above / settings.centre_ev;
      const double slope = pi / 3.0 * settings.gamma_max_ev / settings.width_ev;
      return settings.gamma_max_ev * (0.5 + inv_pi * std::atan(slope * (e - 1.0 / (e * e))));
    }
    case WidthModel::seah_dench: {
      const double linear = settings.seah_dench_a * above;
      return linear * settings.gamma_max_ev / (settings.gamma_max_ev + linear);
    }
  }
  throw Error(ErrorKind::internal, "unknown width model");
}

double half_width(double energy_ev, const BroadeningSettings& settings) {
  return 0.5 * (settings.core_hole_width_ev + final_state_width(energy_ev, settings));
}

Polyline unoccupied_part(std::span<const double> energies, std::span<const double> intensity,
                         double cut_ev) {
  check_curve(energies, intensity, "raw spectrum");
  if (cut_ev >= energies.back()) {
    throw Error(ErrorKind::input,
                fmt::format("[broadening] cut = {} eV leaves nothing of a spectrum that ends at {} "
                            "eV from the Fermi level",
                            cut_ev, energies.back()));
  }
  Polyline part;
  if (energies.front() < cut_ev) {
    part.x.push_back(cut_ev);
    part.y.push_back(linear_at(energies, intensity, cut_ev));
  }
  for (std::size_t i = 0; i < energies.size(); ++i) {
    if (energies[i] <= cut_ev && !part.x.empty()) continue;
    part.x.push_back(energies[i]);
    part.y.push_back(intensity[i]);
  }
  return part;
}

double lorentzian_at(const Polyline& curve, double energy, double half) {
  if (half < kNoWidth) return curve.at(energy);
  const auto angle_at = [&](std::size_t j) { return std::atan((curve.x[j] - energy) / half); };
  const auto log_at = [&](std::size_t j) {
    const double distance = curve.x[j] - energy;
    return std::log(distance * distance + half * half);
  };
  double sum = 0.0;
  double angle = 0.0;
  double log = 0.0;
  bool known = false;  // angle and log of the point before
  for (std::size_t j = 1; j < curve.x.size(); ++j) {
    // Where the curve is zero it adds nothing: nearly everywhere for the hats that make a matrix.
    if (curve.y[j - 1] == 0.0 && curve.y[j] == 0.0) {
      known = false;
      continue;
    }
    if (!known) {
      angle = angle_at(j - 1);
      log = log_at(j - 1);
    }
    known = true;
    const double next_angle = angle_at(j);
    const double next_log = log_at(j);
    const double slope = (curve.y[j] - curve.y[j - 1]) / (curve.x[j] - curve.x[j - 1]);
    const double at_energy = curve.y[j] - slope * (curve.x[j] - energy);
    sum += at_energy * (next_angle - angle) + 0.5 * slope * half * (next_log - log);
    angle = next_angle;
    log = next_log;
  }
  if (curve.y.back() != 0.0) {
    sum += curve.y.back() * (0.5 * pi - (known ? angle : angle_at(curve.x.size() - 1)));
  }
  return inv_pi * sum;
}

/// Probability of a standard normal number below u.
double normal_below(double u) {
  return 0.5 * std::erfc(-u / std::numbers::sqrt2);
}
/// Its density.
double normal_density(double u) {
  return std::exp(-0.5 * u * u) / std::sqrt(2.0 * pi);
}

double gaussian_at(const Polyline& curve, double energy, double sigma) {
  if (sigma < kNoWidth) return curve.at(energy);
  const auto low =
      std::lower_bound(curve.x.begin(), curve.x.end(), energy - kGaussianReach * sigma);
  // The interval that holds the lower end of the reach counts too.
  auto j = static_cast<std::size_t>(low - curve.x.begin());
  if (j > 0) --j;
  double u = (curve.x[j] - energy) / sigma;
  double below = normal_below(u);
  double density = normal_density(u);
  double sum = j == 0 ? curve.below * below : 0.0;
  for (++j; j < curve.x.size() && u < kGaussianReach; ++j) {
    u = (curve.x[j] - energy) / sigma;
    const double next_below = normal_below(u);
    const double next_density = normal_density(u);
    const double slope = (curve.y[j] - curve.y[j - 1]) / (curve.x[j] - curve.x[j - 1]);
    const double at_energy = curve.y[j] - slope * (curve.x[j] - energy);
    sum += at_energy * (next_below - below) + slope * sigma * (density - next_density);
    below = next_below;
    density = next_density;
  }
  if (j == curve.x.size()) sum += curve.y.back() * (1.0 - below);
  return sum;
}

double sigma_of(double fwhm) {
  return fwhm / std::sqrt(8.0 * std::numbers::ln2);
}

/// Energies on which the Lorentzian result is held: see broadened.
std::vector<double> intermediate_grid(const Polyline& curve, double low, double high, double sigma,
                                      const BroadeningSettings& settings) {
  constexpr double kPointsPerScale = 30.0;
  std::vector<double> grid;
  const auto scale = [&](double energy) { return std::max(sigma, half_width(energy, settings)); };
  const double smallest_step = (high - low) / 1e5;
  for (double energy = low; energy < high;
       energy += std::max(smallest_step, scale(energy) / kPointsPerScale)) {
    grid.push_back(energy);
  }
  grid.push_back(high);
  for (const double energy : curve.x) {
    if (energy > low && energy < high) grid.push_back(energy);
  }
  // At the edge the result rises within b of the hole, however small: points in geometric steps.
  const double edge = curve.x.front();
  const double finest = std::max(1e-6 * sigma, half_width(edge, settings) / kPointsPerScale);
  for (double step = finest; step < sigma; step *= 1.1) {
    for (const double energy : {edge - step, edge + step}) {
      if (energy > low && energy < high) grid.push_back(energy);
    }
  }
  std::sort(grid.begin(), grid.end());
  // Points closer than this only add rounding to the slopes.
  const double same = 1e-8 * sigma;
  grid.erase(
      std::unique(grid.begin(), grid.end(), [same](double a, double b) { return b - a < same; }),
      grid.end());
  return grid;
}

}  // namespace

WidthModel width_model(const std::string& name) {
  if (name == "none") return WidthModel::none;
  if (name == "arctangent") return WidthModel::arctangent;
  if (name == "seah-dench") return WidthModel::seah_dench;
  throw Error(ErrorKind::input,
              fmt::format("[broadening] model = {}: wanted arctangent, seah-dench or none", name));
}

double final_state_width_ev(double energy_rel_fermi_ev, const BroadeningSettings& settings) {
  check_settings(settings);
  return final_state_width(energy_rel_fermi_ev, settings);
}

double missing_gaussian_ev(double energy_rel_fermi_ev, const BroadeningSettings& settings) {
  const Resolution& resolution = settings.resolution;
  if (resolution.energy_ev.empty()) return settings.instrument_ev;
  const double own = linear_at(resolution.energy_ev, resolution.fwhm_ev, energy_rel_fermi_ev);
  return std::sqrt(std::max(0.0, settings.instrument_ev * settings.instrument_ev - own * own));
}

std::vector<double> lorentzian_broadened(std::span<const double> energies_rel_fermi_ev,
                                         std::span<const double> intensity,
                                         std::span<const double> output_rel_fermi_ev,
                                         const BroadeningSettings& settings) {
  check_settings(settings);
  const Polyline curve = unoccupied_part(energies_rel_fermi_ev, intensity, settings.cut_ev);
  std::vector<double> result;
  result.reserve(output_rel_fermi_ev.size());
  for (const double energy : output_rel_fermi_ev) {
    result.push_back(lorentzian_at(curve, energy, half_width(energy, settings)));
  }
  return result;
}

std::vector<double> gaussian_broadened(std::span<const double> energies_ev,
                                       std::span<const double> intensity,
                                       std::span<const double> output_ev, double fwhm_ev) {
  BroadeningSettings settings;
  settings.instrument_ev = fwhm_ev;
  check_settings(settings);
  check_curve(energies_ev, intensity, "spectrum");
  const double sigma = sigma_of(fwhm_ev);
  const Polyline curve{{energies_ev.begin(), energies_ev.end()},
                       {intensity.begin(), intensity.end()},
                       intensity.front()};
  std::vector<double> result;
  result.reserve(output_ev.size());
  for (const double energy : output_ev) {
    result.push_back(gaussian_at(curve, energy, sigma));
  }
  return result;
}

std::vector<double> broadened(std::span<const double> energies_rel_fermi_ev,
                              std::span<const double> intensity,
                              std::span<const double> output_rel_fermi_ev,
                              const BroadeningSettings& settings) {
  check_settings(settings);
  const double sigma = sigma_of(settings.instrument_ev);
  if (sigma < kNoWidth || output_rel_fermi_ev.empty()) {
    return lorentzian_broadened(energies_rel_fermi_ev, intensity, output_rel_fermi_ev, settings);
  }
  Polyline curve = unoccupied_part(energies_rel_fermi_ev, intensity, settings.cut_ev);
  if (half_width(curve.x.back(), settings) >= kNoWidth) {
    const auto [first, last] = std::ranges::minmax(output_rel_fermi_ev);
    const double reach = kGaussianReach * sigma;
    Polyline smooth;
    smooth.x = intermediate_grid(curve, first - reach, last + reach, sigma, settings);
    for (const double energy : smooth.x) {
      smooth.y.push_back(lorentzian_at(curve, energy, half_width(energy, settings)));
    }
    smooth.below = smooth.y.front();
    curve = std::move(smooth);
  }
  std::vector<double> result;
  result.reserve(output_rel_fermi_ev.size());
  for (const double energy : output_rel_fermi_ev) {
    result.push_back(gaussian_at(curve, energy, sigma_of(missing_gaussian_ev(energy, settings))));
  }
  return result;
}

}  // namespace kedge::spectrum
