// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/grid/sphere_grid.hpp"

#include <cmath>

namespace kedge::grid {

SphereGrid::SphereGrid(double spacing, double radius, const Eigen::Vector3d& shift)
    : spacing_(spacing), radius_(radius), shift_(shift) {
  half_ =
      static_cast<std::int32_t>(std::ceil((radius + shift.cwiseAbs().maxCoeff()) / spacing)) + 1;
  const std::int32_t width = 2 * half_ + 1;
  lookup_.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(width) *
                     static_cast<std::size_t>(width),
                 -1);
  std::size_t cell = 0;
  for (std::int32_t i = -half_; i <= half_; ++i) {
    for (std::int32_t j = -half_; j <= half_; ++j) {
      for (std::int32_t k = -half_; k <= half_; ++k, ++cell) {
        if (position({i, j, k}).squaredNorm() < radius * radius) {
          lookup_[cell] = static_cast<std::int32_t>(nodes_.size());
          nodes_.push_back({i, j, k});
        }
      }
    }
  }
}

std::int32_t SphereGrid::index(const std::array<std::int32_t, 3>& node) const {
  const std::int32_t width = 2 * half_ + 1;
  std::size_t cell = 0;
  for (const std::int32_t c : node) {
    if (c < -half_ || c > half_) return -1;
    cell = cell * static_cast<std::size_t>(width) + static_cast<std::size_t>(c + half_);
  }
  return lookup_[cell];
}

}  // namespace kedge::grid
