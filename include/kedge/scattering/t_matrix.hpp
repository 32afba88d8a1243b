// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "kedge/math/spectral_mesh.hpp"

namespace kedge::scattering {

/// How one sphere scatters one partial wave, and its radial functions.
///
/// Outside the sphere the regular solution is R = j_l - 2 i k t h_l^+, t = -exp(i delta)
/// sin(delta)/(2k) for real energies, and the irregular one is H = h_l^+, k^2/2 = E - V0. With F =
/// P/r of the radial solution at the radius b,
///   2 i k t = (F' j - F k j')/(F' h - F k h'),     R = A P/r,  A = -i/[k b^2 (F' h - F k h')],
/// from the Wronskian j h' - j' h = i/(kr)^2 per kr. Everything is scaled by s_l (see Propagator):
/// R/s, H s, t/s^2.
struct PartialWave {
  int l = 0;
  std::complex<double> t;         ///< t/s^2 [1/hartree bohr]
  std::complex<double> factor;    ///< A/s: R/s = factor P/r
  std::complex<double> s_matrix;  ///< 1 - 4 i k t: exp(2 i delta) for real energies
};

/// A sphere at a complex energy: `p` normalised so that integral P^2 dr = 1 over the mesh (complex
/// square).
struct ComplexWave {
  PartialWave wave;
  std::vector<std::complex<double>> p;
  /// r H s of the irregular solution on the mesh.
  std::vector<std::complex<double>> irregular;
};

/// A sphere at a real energy: `p` real with integral P^2 dr = 1.
struct RealWave {
  PartialWave wave;
  std::vector<double> p;
};

/// @param potential  spherical V on the mesh, which ends at the radius b [hartree]
/// @param kinetic  E - V0 [hartree], not zero; Im k >= 0 for k = sqrt(2 kinetic)
/// Outside the sphere electrons are non-relativistic, as in the finite differences.
/// @note Rank-local
[[nodiscard]] RealWave real_wave(const math::SpectralMesh& mesh, std::span<const double> potential,
                                 double nuclear_charge, int l, double energy, double kinetic,
                                 bool relativistic);
[[nodiscard]] ComplexWave complex_wave(const math::SpectralMesh& mesh,
                                       std::span<const double> potential, double nuclear_charge,
                                       int l, std::complex<double> energy,
                                       std::complex<double> kinetic, bool relativistic);

/// k = sqrt(2 kinetic) with Im k >= 0.
[[nodiscard]] std::complex<double> wave_number(std::complex<double> kinetic);

}  // namespace kedge::scattering
