// SPDX-License-Identifier: BSD-3-Clause
#include "interstitial.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "kedge/core/units.hpp"

namespace kedge::potential {
namespace {

// Of the groups. They leave less than 2e-6 hartree of a mean over 10 000 points; with 0.02 of ln
// r_s 2e-5, where the energy from which on plasmons are emitted passes through many points.
constexpr double kLogDensityStep = 0.005;  // of ln r_s
constexpr double kLevelStep = 0.01;        // [hartree]

}  // namespace

Interstitial interstitial_lattice(const structure::Cluster& cluster, std::span<const double> radii,
                                  int n_scatterers) {
  const auto n = static_cast<std::size_t>(n_scatterers);
  double farthest = 0.0;
  for (std::size_t a = 0; a < n; ++a) {
    farthest = std::max(farthest, cluster.atoms[a].position_cart.norm());
  }
  const double largest = *std::max_element(radii.begin(), radii.begin() + n_scatterers);
  if (n == 1) farthest = 2.0 * largest;
  // A finer lattice changes V0 of B12 by 2 meV, of LiF by 20 (docs/accuracy.md).
  const double step = bohr_from_angstrom(0.125);
  const int half = static_cast<int>(farthest / step) + 2;
  // What lies farther away from a point does not count there.
  const double reach =
      std::max(2.0 * largest, *std::max_element(radii.begin(), radii.end())) + step;
  const auto part = [step](double beyond) { return std::clamp(beyond / step + 0.5, 0.0, 1.0); };
  // Little is left in a dense packing: shrink the spheres by a tenth until there is some.
  for (double shrink = 1.0; shrink > 0.3; shrink *= 0.9) {
    std::vector<std::size_t> near_row;
    const auto inside = [&](const Eigen::Vector3d& r) {
      const double reached = part(farthest - r.norm());
      double between = 1.0;
      double near = 0.0;
      for (const std::size_t a : near_row) {
        if (reached * between <= 0.0) break;
        const double d = (r - cluster.atoms[a].position_cart).norm();
        between *= part(d - shrink * radii[a]);
        if (a < n) near = std::max(near, part(2.0 * largest - d));
      }
      // The farthest atom's rim and that of the absorber's surroundings may be one.
      return between * std::min(reached, near);
    };
    Interstitial out;
    double sum = 0.0;
    for (int i = -half; i <= half; ++i) {
      for (int j = -half; j <= half; ++j) {
        near_row.clear();
        for (std::size_t a = 0; a < cluster.atoms.size(); ++a) {
          const Eigen::Vector3d& at = cluster.atoms[a].position_cart;
          if (std::hypot(step * i - at.x(), step * j - at.y()) < reach) near_row.push_back(a);
        }
        for (int k = -half; k <= half; ++k) {
          const Eigen::Vector3d r = step * Eigen::Vector3d(i, j, k);
          const double share = inside(r);
          if (share <= 0.0) continue;
          out.points.push_back(r);
          out.share.push_back(share);
          sum += share;
        }
      }
    }
    if (sum <= 20.0) continue;
    for (double& share : out.share) share /= sum;
    return out;
  }
  return {{Eigen::Vector3d::Zero()}, {1.0}};
}

std::vector<WeightedField> merged(std::span<const LocalField> fields,
                                  std::span<const double> share) {
  std::map<std::pair<long, long>, WeightedField> groups;  // in order: sums keep their digits
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const LocalField& f = fields[i];
    const std::pair cell = {std::lround(std::log(f.r_s) / kLogDensityStep),
                            std::lround(f.level / kLevelStep)};
    WeightedField& group = groups[cell];
    group.field.electrostatic += share[i] * f.electrostatic;
    group.field.ground_state += share[i] * f.ground_state;
    group.field.level += share[i] * f.level;
    group.field.r_s += share[i] * f.r_s;
    group.share += share[i];
  }
  std::vector<WeightedField> out;
  for (auto& [cell, group] : groups) {
    for (double* value : {&group.field.electrostatic, &group.field.ground_state, &group.field.level,
                          &group.field.r_s}) {
      *value /= group.share;
    }
    out.push_back(group);
  }
  return out;
}

}  // namespace kedge::potential
