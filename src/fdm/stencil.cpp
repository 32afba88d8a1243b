// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/stencil.hpp"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "kedge/core/error.hpp"

namespace kedge::fdm {
namespace {

// Of h^4 v^2: the mean over directions of the compact stencil's error on a plane wave, 1/36 - 1/70.
constexpr double kCompactMean = 17.0 / 1260.0;
// Of h^4 |grad v|^2: (1/144 - 1/280) 4/2 and 1/210 4/2.
constexpr double kCompactSlope = 17.0 / 2520.0;
constexpr double kStarSlope = 1.0 / 105.0;

/// e_p h^p 3/(p+3), the mean error of the star.
double mean_error(double spacing, int order) {
  const double h2 = spacing * spacing;
  switch (order) {
    case 4:
      return h2 * h2 / 180.0 * 3.0 / 7.0;
    case 6:
      return h2 * h2 * h2 / 1120.0 * 3.0 / 9.0;
    default:
      return h2 * h2 * h2 * h2 / 6300.0 * 3.0 / 11.0;
  }
}

}  // namespace

std::vector<double> second_derivative(int order) {
  switch (order) {
    case 4:
      return {-5.0 / 2.0, 4.0 / 3.0, -1.0 / 12.0};
    case 6:
      return {-49.0 / 18.0, 3.0 / 2.0, -3.0 / 20.0, 1.0 / 90.0};
    case 8:
      return {-205.0 / 72.0, 8.0 / 5.0, -1.0 / 5.0, 8.0 / 315.0, -1.0 / 560.0};
    default:
      throw Error(ErrorKind::input, fmt::format("stencil order {} is not one of 4, 6, 8", order));
  }
}

double Stencil::diagonal(double v, double slope_squared) const {
  const double h4 = spacing * spacing * spacing * spacing;
  if (!compact) {
    return v + mean_error(spacing, order) * std::pow(-2.0 * v, order / 2 + 1) +
           (order == 4 ? kStarSlope * h4 * slope_squared : 0.0);
  }
  const double x = spacing * spacing * v;
  return v / (1.0 - x / 6.0 + kCompactMean * x * x) + kCompactSlope * h4 * slope_squared;
}

double Stencil::amplitude(double v) const {
  // d'(v)^-1/2 to the order of the method, which stays positive at any v.
  if (!compact) {
    return 1.0 + mean_error(spacing, order) * (order / 2 + 1) * std::pow(-2.0 * v, order / 2);
  }
  const double x = spacing * spacing * v;
  return (1.0 - x / 6.0 + kCompactMean * x * x) * (1.0 + 0.5 * kCompactMean * x * x);
}

double Stencil::source_mean() const {
  return compact ? spacing * spacing / 6.0 : 0.0;
}

int Stencil::reach() const {
  int reach = 0;
  for (const Neighbour& n : neighbours) {
    for (const int step : n.offset) reach = std::max(reach, std::abs(step));
  }
  return reach;
}

std::vector<std::array<int, 3>> Stencil::offsets() const {
  std::vector<std::array<int, 3>> out;
  for (const Neighbour& n : neighbours) out.push_back(n.offset);
  return out;
}

Stencil make_stencil(int order, bool compact, double spacing) {
  const std::vector<double> star = second_derivative(order);
  Stencil s;
  s.spacing = spacing;
  s.order = order;
  s.compact = compact && order == 4;
  const double factor = -0.5 / (spacing * spacing);
  if (s.compact) {
    // sum_i D_i + 1/6 sum_(i<j) D_i D_j: -6 + 3 4/6 at the node, 1 - 4/6 at a face, 1/6 at an edge.
    s.centre = -4.0 * factor;
    for (int i = -1; i <= 1; ++i) {
      for (int j = -1; j <= 1; ++j) {
        for (int k = -1; k <= 1; ++k) {
          const int steps = std::abs(i) + std::abs(j) + std::abs(k);
          if (steps == 1 || steps == 2) {
            s.neighbours.push_back({{i, j, k}, factor * (steps == 1 ? 1.0 / 3.0 : 1.0 / 6.0)});
          }
        }
      }
    }
    return s;
  }
  s.centre = 3.0 * factor * star[0];
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (int step = 1; step < static_cast<int>(star.size()); ++step) {
      for (const int sign : {-1, 1}) {
        std::array<int, 3> offset{};
        offset[axis] = sign * step;
        s.neighbours.push_back({offset, factor * star[static_cast<std::size_t>(step)]});
      }
    }
  }
  return s;
}

double plane_wave_shift(const Stencil& stencil, double kinetic) {
  const double phase = std::sqrt(2.0 * kinetic) * stencil.spacing;
  double largest = 0.0;
  for (const Eigen::Vector3d& along :
       {Eigen::Vector3d(1.0, 0.0, 0.0), Eigen::Vector3d(1.0, 1.0, 0.0),
        Eigen::Vector3d(1.0, 1.0, 1.0)}) {
    // -1/2 Lap_h y + d y = 0 would hold for a wave without error; what is left, over d'(v), is how
    // far V - E would have to move.
    double rest = stencil.centre + stencil.diagonal(-kinetic, 0.0);
    for (const Stencil::Neighbour& n : stencil.neighbours) {
      const Eigen::Vector3d steps(n.offset[0], n.offset[1], n.offset[2]);
      rest += n.weight * std::cos(phase * steps.dot(along.normalized()));
    }
    largest = std::max(largest, std::abs(rest) * std::pow(stencil.amplitude(-kinetic), 2));
  }
  return largest;
}

}  // namespace kedge::fdm
