// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/scattering/occupied_states.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"

namespace kedge::scattering {
namespace {

using Complex = std::complex<double>;

constexpr int kParts = 8;  // of the piece that holds the level
constexpr double kPiece = hartree_from_ev(2.0);
constexpr double kResolution = hartree_from_ev(0.04);
constexpr double kCountError =
    1e-3;  // electrons: 2e-4 eV where the count is steep, 4 electrons per eV
constexpr double kHighest = hartree_from_ev(30.0);  // above the start
constexpr double kGapShare = 0.02;   // of the electrons in 2 eV: less than the count is sure of
constexpr double kTopShare = 0.001;  // of the electrons: left out at the top of a band

}  // namespace

std::vector<PathPoint> semicircle(double from, double to, int points) {
  const math::Rule rule = math::gauss_legendre(points);
  const double radius = 0.5 * (to - from);
  std::vector<PathPoint> path;
  for (std::size_t i = 0; i < rule.x.size(); ++i) {
    // z = middle + R exp(i phi), phi from pi to 0
    const Complex arm = radius * std::polar(1.0, 0.5 * kPi * (1.0 - rule.x[i]));
    path.push_back({0.5 * (from + to) + arm, Complex(0.0, -0.5 * kPi * rule.w[i]) * arm});
  }
  return path;
}

std::vector<PathPoint> path_to_level(double from, double to, int points) {
  // Angle from the end pi (exp(a s) - 1)/(exp(a) - 1), s from 1 to 0.
  constexpr double kCrowding = 4.0;
  const math::Rule rule = math::gauss_legendre(points);
  const double radius = 0.5 * (to - from);
  std::vector<PathPoint> path;
  for (std::size_t i = 0; i < rule.x.size(); ++i) {
    const double s = 0.5 * (1.0 - rule.x[i]);
    const double angle = kPi * std::expm1(kCrowding * s) / std::expm1(kCrowding);
    const double slope = kPi * kCrowding * std::exp(kCrowding * s) / std::expm1(kCrowding);
    const Complex arm = radius * std::polar(1.0, angle);
    path.push_back({0.5 * (from + to) + arm, Complex(0.0, -0.5 * rule.w[i] * slope) * arm});
  }
  return path;
}

double Electrons::total() const {
  return std::accumulate(in_sphere.begin(), in_sphere.end(), 0.0);
}

Electrons electrons_on(Engine& engine, const std::vector<PathPoint>& path) {
  Electrons sum;
  for (const PathPoint& point : path) {
    const std::vector<SiteGreen> green = engine.green_of_all(point.energy);
    sum.in_sphere.resize(green.size());
    sum.density.resize(green.size());
    for (std::size_t a = 0; a < green.size(); ++a) {
      const std::vector<Complex> radial = radial_green(green[a]);
      const std::vector<double>& weights = engine.mesh(static_cast<int>(a)).weights();
      sum.density[a].resize(radial.size());
      for (std::size_t i = 0; i < radial.size(); ++i) {
        const double part = -(2.0 / kPi) * (point.weight * radial[i]).imag();
        sum.density[a][i] += part;
        sum.in_sphere[a] += weights[i] * part;
      }
    }
  }
  return sum;
}

namespace {

/// States counted piece by piece from the bottom; `below_` holds those up to `top_`.
class Search {
 public:
  Search(StateCounter& counter, const Filling& filling)
      : counter_(counter), filling_(filling), top_(filling.start), wanted_(filling.electrons) {
    below_ = between(filling.bottom, top_);
  }

  /// Finds the interval from top on in which the count passes what is wanted, or a gap in which it
  /// is near that.
  void bracket() {
    width_ = std::min(filling_.step, kPiece);
    piece_ = between(top_, top_ + width_);
    if (in_gap() && std::abs(missing()) < kGapShare * filling_.electrons) return;
    if (missing() < 0.0) {
      step_down();
      while (missing() < 0.0) {
        width_ = std::min(2.0 * width_, kPiece);
        step_down();
      }
      return;
    }
    while (piece_ < missing()) {
      below_ += piece_;
      top_ += width_;
      if (top_ > filling_.start + kHighest) throw not_reached();
      width_ = std::min(2.0 * width_, kPiece);
      piece_ = between(top_, top_ + width_);
    }
  }

  /// True if the bracket holds next to nothing: where in a gap the count is met means nothing.
  [[nodiscard]] bool in_gap() const {
    return piece_ < kGapShare * filling_.electrons * width_ / kPiece;
  }

  /// Bisects the bracket.
  [[nodiscard]] FilledStates met() {
    std::vector<double> edges;
    for (int i = 0; i <= kParts; ++i) edges.push_back(top_ + i * width_ / kParts);
    counter_.refine(edges, kCountError);
    while (width_ > kResolution) {
      width_ *= 0.5;
      const double lower = counter_.between(top_, top_ + width_).all;
      if (lower >= missing()) {
        piece_ = lower;
      } else {
        below_ += lower;
        piece_ -= lower;
        top_ += width_;
      }
    }
    const double fraction = piece_ > 0.0 ? std::clamp(missing() / piece_, 0.0, 1.0) : 0.5;
    const double fermi = top_ + fraction * width_;
    return {fermi, fermi, below_ + fraction * piece_};
  }

  /// All states below the gap are filled; the level is at the top of the band below it.
  [[nodiscard]] FilledStates full_band() {
    const double in_the_gap = top_;
    const double full = below_;
    while (in_gap()) {
      width_ = std::min(2.0 * width_, kPiece);
      step_down();
    }
    wanted_ = below_ + piece_ - kTopShare * filling_.electrons;
    return {met().fermi, in_the_gap, full};
  }

 private:
  [[nodiscard]] double missing() const { return wanted_ - below_; }

  [[nodiscard]] double between(double from, double to) {
    counter_.refine({from, to}, kCountError);
    return counter_.between(from, to).all;
  }

  void step_down() {
    if (top_ - width_ <= filling_.bottom) throw not_reached();
    top_ -= width_;
    piece_ = between(top_, top_ + width_);
    below_ -= piece_;
  }

  [[nodiscard]] Error not_reached() const {
    return Error(
        ErrorKind::numerical,
        fmt::format(
            "Fermi level: {:.3f} valence electrons are wanted in the muffin-tin spheres, {:.3f} "
            "are found up to "
            "{:.2f} eV; give the level (energy.fermi) or other radii (potential.muffin_tin_radius)",
            filling_.electrons, below_, ev_from_hartree(top_)));
  }

  StateCounter& counter_;
  const Filling& filling_;
  double top_;
  double width_ = 0.0;
  double wanted_;
  double below_ = 0.0;
  double piece_ = 0.0;  // from top to top + width
};

}  // namespace

FilledStates fill_states(StateCounter& counter, const Filling& filling) {
  Search search(counter, filling);
  search.bracket();
  return search.in_gap() ? search.full_band() : search.met();
}

double out_of_band(StateCounter& counter, double level) {
  constexpr int kEachSide = 8;
  constexpr double kBand = 5.0;
  constexpr double kGap = 2.0;
  constexpr double kNothing = 1e-3;  // electrons in an interval
  constexpr double width = hartree_from_ev(0.125);
  std::vector<double> edges;
  for (int i = -kEachSide; i <= kEachSide + 1; ++i) edges.push_back(level + (i - 0.5) * width);
  counter.refine(edges, kNothing);
  std::vector<double> states;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    states.push_back(counter.between(edges[i], edges[i + 1]).absorber);
  }
  const double emptiest = std::max(kNothing, *std::min_element(states.begin(), states.end()));
  const auto at = [&](int i) { return states[static_cast<std::size_t>(i + kEachSide)]; };
  if (at(0) <= kBand * emptiest) return level;
  for (int i = 1; i <= kEachSide; ++i) {
    // Upwards first: what lies below the level was counted as occupied.
    if (at(i) <= kGap * emptiest) return level + i * width;
    if (at(-i) <= kGap * emptiest) return level - i * width;
  }
  return level;
}

}  // namespace kedge::scattering
