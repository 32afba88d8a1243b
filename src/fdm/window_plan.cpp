// SPDX-License-Identifier: BSD-3-Clause
#include "window_plan.hpp"

#include <algorithm>
#include <cmath>

#include "kedge/core/units.hpp"
#include "outer_variable.hpp"

namespace kedge::fdm {
namespace {

// States of the empty sphere in a band, and its width [hartree]: about as much as few columns hold
// well.
constexpr double kStatesOfBand = 30.0;
constexpr double kWidthOfBand = 0.12;
// Of these in a single band, and in each of several: a little more saves a band where the last
// would be a small rest. With 1.06 in each the largest error of B12 is 1e-3, at its narrow state,
// of an estimate of 3e-3.
constexpr double kMostOfOne = 1.3;
constexpr double kMostOfMany = 1.07;
// Where states and not the width set the limits two nodes fewer serve: a polynomial through n nodes
// errs as the n-th power of the width. Of the crystal at 6 Angstrom errors of 4e-4 and 2e-3 stay
// the same to 2e-5.
constexpr double kNarrowBand = 0.6;
// From here on fewer snapshots and nodes.
constexpr double kCoarseTolerance = 0.015;

// [hartree] below the level outside for each snapshot there: solutions decay outside the atoms and
// change slowly with energy.
constexpr double kSnapshotBelow = 0.4;

// Columns that the first snapshots of a basis may fill: three snapshots of a tolerance of 0.02,
// five of 0.01, as a sphere of 5 Angstrom needs them for 24 eV.
constexpr double kMostColumns = 640.0;
// Snapshots of a stretch of several, and solves of each beyond those that their states ask for: at
// the end of a stretch there are none of the next. Of the crystal at 6 Angstrom without more the
// largest error is 5e-3, there.
constexpr int kOfLargeStretch = 2;
constexpr int kMoreSolves = 1;
constexpr double kRounding = 1e-6;  // of a number of snapshots

/// States of the empty sphere between two energies, one spin.
double states_between(double radius, double low, double high) {
  const auto below = [radius](double energy) {
    return 2.0 / (9.0 * kPi) * std::pow(std::sqrt(2.0 * std::max(energy, 0.0)) * radius, 3);
  };
  return below(high) - below(low);
}

}  // namespace

int nodes_between(double low, double high, int most, double scale) {
  return high - low < kNarrowBand * kWidthOfBand * scale ? most - 2 : most;
}

std::vector<double> band_limits(double radius, const EnergyRange& side, double scale) {
  const auto [low, high] = side;
  // Bands of the width as far as that holds fewer than the states, bands of as many states from
  // there on.
  const auto states_there = [&](double energy) {
    return states_between(radius, energy, energy + kWidthOfBand);
  };
  double dense = low;
  if (states_there(low) < kStatesOfBand) {
    double above = high;
    for (int i = 0; i < 50; ++i) {
      const double middle = 0.5 * (dense + above);
      (states_there(middle) < kStatesOfBand ? dense : above) = middle;
    }
  }
  const auto bands_below = [&](double energy) {
    return (std::min(energy, dense) - low) / kWidthOfBand +
           (energy > dense ? states_between(radius, dense, energy) / kStatesOfBand : 0.0);
  };
  const double all = bands_below(high) / scale;
  const int count = all <= kMostOfOne ? 1 : static_cast<int>(std::ceil(all / kMostOfMany));
  std::vector<double> limits = {low};
  for (int i = 1; i < count; ++i) {
    double below = limits.back();
    double above = high;
    for (int step = 0; step < 50; ++step) {
      const double middle = 0.5 * (below + above);
      (bands_below(middle) < bands_below(high) * i / count ? below : above) = middle;
    }
    limits.push_back(below);
  }
  limits.push_back(high);
  return limits;
}

WindowSettings window_settings(double tolerance) {
  WindowSettings out;
  out.tolerance = tolerance;
  if (tolerance >= kCoarseTolerance) {
    out.states = 100.0;
    out.solves = 6;
    out.nodes = 7;
    out.band_scale = 1.5;
  }
  return out;
}

WindowCut cut_window(double radius, const std::vector<EnergyRange>& sides,
                     const WindowSettings& settings, int sources) {
  const double of_snapshot = 2.0 * sources * settings.solves;  // real and imaginary parts
  const double most = std::max(2.0, std::floor(kMostColumns / of_snapshot));
  const auto snapshots = static_cast<double>(first_snapshots(radius, sides, settings).size());
  const int count = static_cast<int>(std::ceil(snapshots / most));
  WindowCut out{{sides}, settings};
  if (count < 2 || sides.back().high < 0.0) return out;
  // Those above the level outside have as many states each; what lies below goes with the first.
  const EnergyRange above = sides.back();
  const double states = states_between(radius, above.low, above.high);
  if (settings.one_potential) {
    out.settings.states = states / (count * kOfLargeStretch);
    out.settings.solves =
        kMoreSolves +
        static_cast<int>(std::ceil(settings.solves * out.settings.states / settings.states));
  }
  for (int i = 1; i < count; ++i) {
    double low = above.low;
    double high = above.high;
    for (int step = 0; step < 50; ++step) {
      const double middle = 0.5 * (low + high);
      (states_between(radius, above.low, middle) < states * i / count ? low : high) = middle;
    }
    out.stretches.back().back().high = low;
    out.stretches.push_back({{low, above.high}});
  }
  return out;
}

WindowReport foreseen_window(double radius, const std::vector<EnergyRange>& sides,
                             const WindowSettings& settings, int sources) {
  WindowReport size;
  const WindowCut window = cut_window(radius, sides, settings, sources);
  for (const std::vector<EnergyRange>& stretch : window.stretches) {
    for (const EnergyRange& side : stretch) {
      const auto limits = band_limits(radius, side, settings.band_scale);
      size.bands += static_cast<int>(limits.size()) - 1;
      ++size.nodes;
      for (std::size_t i = 0; i + 1 < limits.size(); ++i) {
        size.nodes +=
            nodes_between(limits[i], limits[i + 1], settings.nodes, settings.band_scale) - 1;
      }
    }
    const int snapshots =
        static_cast<int>(first_snapshots(radius, stretch, window.settings).size());
    const int solves = window.settings.solves * snapshots;
    size.snapshots += snapshots;
    size.solves += solves;
    size.columns = std::max(size.columns, 2 * sources * solves);
  }
  return size;
}

std::vector<double> first_snapshots(double radius, const std::vector<EnergyRange>& sides,
                                    const WindowSettings& settings) {
  std::vector<double> energies;
  for (const auto& [low, high] : sides) {
    // Of a narrow side below, those above hold what solutions there are.
    const bool below = high < 0.0;
    const double wanted =
        below ? (high - low) / kSnapshotBelow : states_between(radius, low, high) / settings.states;
    const int least = below ? (sides.size() > 1 ? 0 : 1) : 2;
    const int count = std::max(
        least, static_cast<int>(below ? std::round(wanted) : std::ceil(wanted - kRounding)));
    // Half way between places uniform in energy, where the states are, and in the wave number: the
    // narrow ones lie low.
    for (int i = 0; i < count; ++i) {
      const double x = (i + 0.5) / count;
      const double w = outer_variable(low) + x * (outer_variable(high) - outer_variable(low));
      energies.push_back(0.5 * (low + x * (high - low)) + 0.5 * kinetic_at(w));
    }
  }
  return energies;
}

}  // namespace kedge::fdm
