// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

namespace kedge::math {

/// Number of harmonics with l <= lmax, and position of (l, m) in that list: L = l^2 + l + m.
[[nodiscard]] constexpr int harmonic_count(int lmax) {
  return (lmax + 1) * (lmax + 1);
}
[[nodiscard]] constexpr int harmonic_index(int l, int m) {
  return l * l + l + m;
}

/// Real spherical harmonics Y_L of the direction of r, for all l <= lmax.
///
/// Y_l0 = N_l0 P_l(cos theta); m > 0: sqrt(2) N_lm P_l^m cos(m phi); m < 0: sqrt(2) N_l|m| P_l^|m|
/// sin(|m| phi), with P_l^m without the Condon-Shortley phase, N_lm = sqrt((2l+1)/(4 pi)
/// (l-m)!/(l+m)!). Orthonormal on the unit sphere. Y_1 is sqrt(3/4pi) (y, z, x)/r for m = -1, 0, 1.
/// At r = 0 the direction is taken as z.
/// @param[out] y  harmonic_count(lmax) values
void real_harmonics(const Eigen::Vector3d& r, int lmax, std::span<double> y);

/// Gaunt coefficients of real harmonics, G(L1, L2, L3) = integral Y_L1 Y_L2 Y_L3 dOmega.
class Gaunt {
 public:
  /// l of the three harmonics up to lmax1, lmax2, lmax3. Computed by a quadrature that is exact for
  /// them.
  Gaunt(int lmax1, int lmax2, int lmax3);
  [[nodiscard]] double operator()(int harmonic1, int harmonic2, int harmonic3) const {
    return values_[static_cast<std::size_t>((harmonic1 * n2_ + harmonic2) * n3_ + harmonic3)];
  }

 private:
  int n2_ = 0;
  int n3_ = 0;
  std::vector<double> values_;
};

}  // namespace kedge::math
