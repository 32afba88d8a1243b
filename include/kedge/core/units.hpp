// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <numbers>

/// Units and constants. Hartree atomic units inside (hbar = m_e = e = 1), eV and Angstrom at the
/// edges.
///
/// Source: E. Tiesinga et al., CODATA 2018, Rev. Mod. Phys. 93, 025010 (2021); relative
/// uncertainties below 2e-10.
namespace kedge {

inline constexpr double kHartreeEv = 27.211386245988;          ///< 1 hartree in eV
inline constexpr double kBohrAngstrom = 0.529177210903;        ///< 1 bohr in Angstrom
inline constexpr double kFineStructure = 7.2973525693e-3;      ///< fine-structure constant
inline constexpr double kSpeedOfLight = 1.0 / kFineStructure;  ///< in atomic units
inline constexpr double kPi = std::numbers::pi;
/// 1 bohr^2 in Mbarn (1 barn = 1e-28 m^2), derived.
inline constexpr double kBohr2Mbarn = kBohrAngstrom * kBohrAngstrom * 100.0;
/// 2 pi^2 alpha in Mbarn eV: what the cross section of one electron for dipole absorption makes
/// over all energies (Thomas, Reiche, Kuhn), so that df/dE = cross section / this [1/eV]. Source:
/// U. Fano, J. W. Cooper, Rev. Mod. Phys. 40, 441 (1968), section 2.
inline constexpr double kMbarnEvPerElectron =
    2.0 * kPi * kPi * kFineStructure * kBohr2Mbarn * kHartreeEv;

[[nodiscard]] constexpr double hartree_from_ev(double energy_ev) {
  return energy_ev / kHartreeEv;
}
[[nodiscard]] constexpr double ev_from_hartree(double energy) {
  return energy * kHartreeEv;
}
[[nodiscard]] constexpr double bohr_from_angstrom(double length_angstrom) {
  return length_angstrom / kBohrAngstrom;
}
[[nodiscard]] constexpr double angstrom_from_bohr(double length) {
  return length * kBohrAngstrom;
}
/// Wave number in 1/bohr from 1/Angstrom.
[[nodiscard]] constexpr double per_bohr_from_per_angstrom(double q) {
  return q * kBohrAngstrom;
}

}  // namespace kedge
