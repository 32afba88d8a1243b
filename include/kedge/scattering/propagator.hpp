// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <complex>
#include <vector>

namespace kedge::scattering {

/// Free propagator between two sites in scaled spherical waves.
///
/// G_0(r + R_n, r' + R_m) = sum_LL' j_l(kr) Y_L(r) g_LL'(R) j_l'(kr') Y_L'(r'),  R = R_n - R_m,
///   g_LL'(R) = -2 i k 4 pi sum_L'' i^(l - l' + l'') C_LL'L'' h_l''^+(kR) Y_L''(R),   C = Gaunt
///   coefficients of real
/// harmonics, k^2/2 = E - V0, Im k >= 0. i^(l - l' + l'') is real since l + l' + l'' is even, so
/// that g_LL'(R) = g_L'L(-R): the matrix over all sites is complex symmetric at any complex energy.
/// Waves are scaled by s_l = (k b)^l/(2l + 1)!!, b the muffin-tin radius of the site: what is
/// returned is s_l g_LL' s_l', finite for k -> 0 and of order one for any l.
///
/// Source: J. Korringa, Physica 13, 392 (1947); the form follows A. Gonis, W. H. Butler, Multiple
/// Scattering in Solids (Springer, 2000), Sec. 2.3, turned to real harmonics.
class Propagator {
 public:
  explicit Propagator(int lmax);

  /// @param k  [1/bohr], not zero   @param out  (harmonic_count(lmax_n), harmonic_count(lmax_m))
  /// @note Rank-local
  void block(std::complex<double> k, const Eigen::Vector3d& displacement, int lmax_n,
             double scale_n, int lmax_m, double scale_m, Eigen::Ref<Eigen::MatrixXcd> out) const;

 private:
  struct Term {
    int harmonic;   // L''
    double weight;  // 4 pi i^(l - l' + l'') C
  };
  int lmax_;
  std::vector<std::size_t> first_;  // of each pair L, L' in terms_, L' fastest
  std::vector<Term> terms_;
};

/// s_l = (k b)^l/(2l + 1)!!, l = 0 .. lmax.
[[nodiscard]] std::vector<std::complex<double>> wave_scales(std::complex<double> k, double radius,
                                                            int lmax);

}  // namespace kedge::scattering
