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

// 24 points hold 0.02 electrons of the 26 of a cage of light atoms where the arc ends in a band, 12 points 0.2.
constexpr int kArcPoints = 24;
constexpr int kPiecePoints = 6;
constexpr double kPiece = hartree_from_ev(2.0);
constexpr double kResolution = hartree_from_ev(0.04);
constexpr double kHighest = hartree_from_ev(30.0);  // above the start
constexpr double kGapShare = 0.02;   // of the electrons in 2 eV: less than the count is sure of
constexpr double kTopShare = 0.001;  // of the electrons: left out at the top of a band

/// a += factor b
void add(Electrons& a, const Electrons& b, double factor) {
  for (std::size_t i = 0; i < a.in_sphere.size(); ++i) {
    a.in_sphere[i] += factor * b.in_sphere[i];
    for (std::size_t k = 0; k < a.density[i].size(); ++k) a.density[i][k] += factor * b.density[i][k];
  }
}

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

double Electrons::total() const { return std::accumulate(in_sphere.begin(), in_sphere.end(), 0.0); }

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

/// States counted piece by piece from the bottom; `below` holds those up to `top`.
class Search {
 public:
  Search(Engine& engine, const Filling& filling) : engine_(engine), filling_(filling), top_(filling.start), wanted_(filling.electrons) {
    below_ = between(filling.bottom, top_, kArcPoints);
  }

  /// Finds the interval from top on in which the count passes what is wanted, or a gap in which it is near that.
  void bracket() {
    width_ = std::min(filling_.step, kPiece);
    piece_ = between(top_, top_ + width_, kPiecePoints);
    if (in_gap() && std::abs(missing()) < kGapShare * filling_.electrons) return;
    if (missing() < 0.0) {
      step_down();
      while (missing() < 0.0) {
        width_ = std::min(2.0 * width_, kPiece);
        step_down();
      }
      return;
    }
    while (piece_.total() < missing()) {
      add(below_, piece_, 1.0);
      top_ += width_;
      if (top_ > filling_.start + kHighest) throw not_reached();
      width_ = std::min(2.0 * width_, kPiece);
      piece_ = between(top_, top_ + width_, kPiecePoints);
    }
  }

  /// True if the bracket holds next to nothing: where in a gap the count is met means nothing.
  [[nodiscard]] bool in_gap() const { return piece_.total() < kGapShare * filling_.electrons * width_ / kPiece; }

  /// Bisects the bracket.
  [[nodiscard]] FilledStates met() {
    while (width_ > kResolution) {
      width_ *= 0.5;
      const Electrons lower = between(top_, top_ + width_, kPiecePoints);
      if (lower.total() >= missing()) {
        piece_ = lower;
      } else {
        add(below_, lower, 1.0);
        add(piece_, lower, -1.0);
        top_ += width_;
      }
    }
    const double fraction = piece_.total() > 0.0 ? std::clamp(missing() / piece_.total(), 0.0, 1.0) : 0.5;
    add(below_, piece_, fraction);
    const double fermi = top_ + fraction * width_;
    return {fermi, fermi, below_, solves_};
  }

  /// All states below the gap are filled; the level is at the top of the band below it.
  [[nodiscard]] FilledStates full_band() {
    const double in_the_gap = top_;
    const Electrons full = below_;
    while (in_gap()) {
      width_ = std::min(2.0 * width_, kPiece);
      step_down();
    }
    wanted_ = below_.total() + piece_.total() - kTopShare * filling_.electrons;
    return {met().fermi, in_the_gap, full, solves_};
  }

 private:
  [[nodiscard]] double missing() const { return wanted_ - below_.total(); }

  Electrons between(double from, double to, int points) {
    solves_ += points;
    return electrons_on(engine_, semicircle(from, to, points));
  }

  void step_down() {
    if (top_ - width_ <= filling_.bottom) throw not_reached();
    top_ -= width_;
    piece_ = between(top_, top_ + width_, kPiecePoints);
    add(below_, piece_, -1.0);
  }

  [[nodiscard]] Error not_reached() const {
    return Error(ErrorKind::numerical,
                 fmt::format("Fermi level: {:.3f} valence electrons are wanted in the muffin-tin spheres, {:.3f} are found up to "
                             "{:.2f} eV; give the level (energy.fermi) or other radii (potential.muffin_tin_radius)",
                             filling_.electrons, below_.total(), ev_from_hartree(top_)));
  }

  Engine& engine_;
  const Filling& filling_;
  double top_;
  double width_ = 0.0;
  double wanted_;
  Electrons below_;
  Electrons piece_;  // from top to top + width
  int solves_ = 0;
};

}  // namespace

FilledStates fill_states(Engine& engine, const Filling& filling) {
  Search search(engine, filling);
  search.bracket();
  return search.in_gap() ? search.full_band() : search.met();
}

double out_of_band(Engine& engine, double level) {
  constexpr int kEachSide = 8;
  constexpr int kPoints = 3;
  constexpr double kBand = 5.0;
  constexpr double kGap = 2.0;
  constexpr double kNothing = 1e-3;  // electrons in an interval
  constexpr double width = hartree_from_ev(0.125);
  std::vector<double> states;
  for (int i = -kEachSide; i <= kEachSide; ++i) {
    double sum = 0.0;
    for (const PathPoint& point : semicircle(level + (i - 0.5) * width, level + (i + 0.5) * width, kPoints)) {
      const Complex green = integrated_green(engine.green(point.energy), engine.absorber_mesh()).sum();
      sum -= (2.0 / kPi) * (point.weight * green).imag();
    }
    states.push_back(sum);
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
