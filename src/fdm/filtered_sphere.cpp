// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/filtered_sphere.hpp"

#include <cmath>

namespace kedge::fdm {

std::vector<double> filtered_sphere(const grid::SphereGrid& grid, double radius) {
  std::vector<double> inside(static_cast<std::size_t>(grid.size()));
  const double h = grid.spacing();
  // A linear kernel reaches one step only and never leaves [0, 1].
  constexpr int kFine = 8;
  for (std::int32_t n = 0; n < grid.size(); ++n) {
    const Eigen::Vector3d centre = grid.position(n);
    const double distance = centre.norm();
    double& value = inside[static_cast<std::size_t>(n)];
    if (distance < radius - 1.8 * h) {
      value = 1.0;
      continue;
    }
    if (distance > radius + 1.8 * h) continue;
    double sum = 0.0;
    double norm = 0.0;
    for (int i = -kFine; i <= kFine; ++i) {
      for (int j = -kFine; j <= kFine; ++j) {
        for (int k = -kFine; k <= kFine; ++k) {
          const Eigen::Vector3d offset = Eigen::Vector3d(i, j, k) / kFine;
          const double w = (1.0 - std::abs(offset.x())) * (1.0 - std::abs(offset.y())) *
                           (1.0 - std::abs(offset.z()));
          norm += w;
          if ((centre + h * offset).squaredNorm() < radius * radius) sum += w;
        }
      }
    }
    value = sum / norm;
  }
  return inside;
}

}  // namespace kedge::fdm
