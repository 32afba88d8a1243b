// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <cmath>

namespace kedge::structure {

/// Calls visit(v) for every v = offset + cell n, n integer, with |v| <= radius.
///
/// With inverse = cell^-1, |v| <= radius implies |f_i| <= radius |row i of inverse| for the
/// fractional components f of v, so each n_i runs over a short interval whatever the shape of the
/// cell.
/// @param cell  columns a, b, c [bohr]   @param inverse  its inverse [1/bohr]
template <class Visit>
void for_each_image(const Eigen::Matrix3d& cell, const Eigen::Matrix3d& inverse,
                    const Eigen::Vector3d& offset, double radius, Visit visit) {
  const Eigen::Vector3d offset_frac = inverse * offset;
  const Eigen::Vector3d reach_frac = radius * inverse.rowwise().norm();
  // The margin keeps images that lie on the limit within rounding; the norm decides.
  constexpr double kMargin = 1e-9;
  Eigen::Vector3i low;
  Eigen::Vector3i high;
  for (int i = 0; i < 3; ++i) {
    low[i] = static_cast<int>(std::ceil(-reach_frac[i] - offset_frac[i] - kMargin));
    high[i] = static_cast<int>(std::floor(reach_frac[i] - offset_frac[i] + kMargin));
  }
  for (int i = low[0]; i <= high[0]; ++i) {
    for (int j = low[1]; j <= high[1]; ++j) {
      for (int k = low[2]; k <= high[2]; ++k) {
        const Eigen::Vector3d image = offset + cell * Eigen::Vector3d(i, j, k);
        if (image.norm() <= radius) visit(image);
      }
    }
  }
}

}  // namespace kedge::structure
