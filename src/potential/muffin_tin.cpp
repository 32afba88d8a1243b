// SPDX-License-Identifier: BSD-3-Clause
#include "muffin_tin.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kedge/core/units.hpp"

namespace kedge::potential {
namespace {

constexpr double kOverlap = 1.1;

/// Spherical mean of the potential about one atom, made monotonic: beyond its first maximum, where the neighbours' wells
/// begin, it stays at the maximum, so that two potentials cross once.
class RisingPotential {
 public:
  RisingPotential(const std::function<double(int, double)>& v, int atom, double reach) : step_(reach / kSteps) {
    bool past_maximum = false;
    for (int i = 1; i <= kSteps; ++i) {
      const double value = past_maximum ? values_.back() : v(atom, i * step_);
      past_maximum = past_maximum || (!values_.empty() && value < values_.back());
      values_.push_back(past_maximum ? values_.back() : value);
    }
  }
  [[nodiscard]] double operator()(double r) const {
    const double x = std::clamp(r / step_ - 1.0, 0.0, static_cast<double>(kSteps - 1) - 1e-9);
    const auto i = static_cast<std::size_t>(x);
    return values_[i] + (x - static_cast<double>(i)) * (values_[i + 1] - values_[i]);
  }

 private:
  static constexpr int kSteps = 200;
  double step_;
  std::vector<double> values_;
};

/// Radius at which the potentials of two atoms set `distance` apart are equal.
double crossing(const RisingPotential& a, const RisingPotential& b, double distance) {
  double low = 0.01 * distance;
  double high = 0.99 * distance;
  for (int i = 0; i < 40; ++i) {
    const double middle = 0.5 * (low + high);
    (a(middle) < b(distance - middle) ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

/// Radius of the sphere about an atom whose superposed density holds as many electrons as its nuclear charge.
/// Source: J. G. Norman, Mol. Phys. 31, 1191 (1976).
double norman_radius(const std::function<double(int, double)>& density_mean, int atom, int atomic_number) {
  constexpr double kStep = 0.01;
  double electrons = 0.0;
  double r = 0.0;
  while (electrons < atomic_number && r < 10.0) {
    const double middle = r + 0.5 * kStep;
    electrons += 4.0 * kPi * middle * middle * density_mean(atom, middle) * kStep;
    r += kStep;
  }
  return r;
}

struct Range {
  double low, high;
};

/// Radii, in units of half the distance, for which a crossing is taken.
Range window(int own_number, int neighbour_number) {
  if (own_number == 1) return {0.45, 1.75};
  return neighbour_number == 1 ? Range{0.99, 1.75} : Range{0.25, 1.5};
}

}  // namespace

std::vector<double> muffin_tin_radii_of(const structure::Cluster& cluster,
                                        const std::function<double(int, double)>& potential_mean,
                                        const std::function<double(int, double)>& density_mean) {
  std::vector<double> radii;
  for (int a = 0; a < cluster.n_scatterers; ++a) {
    const auto& atom = cluster.atoms[static_cast<std::size_t>(a)];
    double distance = std::numeric_limits<double>::infinity();
    int neighbour = -1;
    // Neighbours among the scatterers: atoms beyond them have no potential of their own.
    for (int b = 0; b < cluster.n_scatterers; ++b) {
      const double d = (cluster.atoms[static_cast<std::size_t>(b)].position_cart - atom.position_cart).norm();
      if (b != a && d < distance) {
        distance = d;
        neighbour = b;
      }
    }
    if (neighbour < 0) {
      radii.push_back(bohr_from_angstrom(1.0));  // a single atom
      continue;
    }
    const int own_number = atom.atomic_number;
    const int neighbour_number = cluster.atoms[static_cast<std::size_t>(neighbour)].atomic_number;
    const double apart = kOverlap * distance;
    const Range range = window(own_number, neighbour_number);
    const auto fits = [&](double r) { return r >= 0.5 * range.low * distance && r <= 0.5 * range.high * distance; };
    double radius = crossing(RisingPotential(potential_mean, a, apart), RisingPotential(potential_mean, neighbour, apart),
                             apart) / kOverlap;
    if (!fits(radius) && own_number == 1) {
      radius = std::min(0.5 * kOverlap * distance, bohr_from_angstrom(0.8));
    } else if (!fits(radius)) {
      const double ratio = norman_radius(density_mean, neighbour, neighbour_number) /
                           norman_radius(density_mean, a, own_number);
      radius = std::min(0.75 * distance, distance / (1.0 + ratio));
      if (!fits(radius)) radius = 0.5 * distance;
    }
    radii.push_back(radius);
  }
  return radii;
}

}  // namespace kedge::potential
