// SPDX-License-Identifier: BSD-3-Clause
#include "muffin_tin.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kedge/core/units.hpp"

namespace kedge::potential {
namespace {

constexpr double kOverlap = 1.1;

/// Radius at which the potentials of two atoms set `distance` apart are equal; V_A rises with r, V_B falls.
double crossing(const std::function<double(int, double)>& v, int a, int b, double distance) {
  double low = 0.05 * distance;
  double high = 0.95 * distance;
  for (int i = 0; i < 30; ++i) {
    const double middle = 0.5 * (low + high);
    (v(a, middle) < v(b, distance - middle) ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double accepted(double radius, double distance, int own_number, int neighbour_number) {
  const double ratio = radius / (0.5 * distance);
  if (own_number == 1) {
    return ratio >= 0.45 && ratio <= 1.75 ? radius : std::min(0.55 * distance, bohr_from_angstrom(0.8));
  }
  const double low = neighbour_number == 1 ? 0.99 : 0.25;
  const double high = neighbour_number == 1 ? 1.75 : 1.5;
  return ratio >= low && ratio <= high ? radius : 0.5 * distance;
}

}  // namespace

std::vector<double> muffin_tin_radii_of(const structure::Cluster& cluster,
                                        const std::function<double(int, double)>& spherical_mean) {
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
    const double radius = crossing(spherical_mean, a, neighbour, kOverlap * distance) / kOverlap;
    radii.push_back(accepted(radius, distance, atom.atomic_number,
                             cluster.atoms[static_cast<std::size_t>(neighbour)].atomic_number));
  }
  return radii;
}

}  // namespace kedge::potential
