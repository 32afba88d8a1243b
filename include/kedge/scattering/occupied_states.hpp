// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <complex>
#include <vector>

#include "kedge/scattering/engine.hpp"
#include "kedge/scattering/state_counter.hpp"

namespace kedge::scattering {

/// One point of a quadrature in the upper half plane of the energy: integral f dz = sum weight
/// f(energy).
struct PathPoint {
  std::complex<double> energy;
  std::complex<double> weight;
};

/// Half a circle from one real energy to a higher one, Gauss-Legendre points in the angle. f may
/// have poles on the real axis between the ends; one at a distance d from an end of an arc of
/// radius R leaves an error of about exp(-2 n sqrt(d/R)).
[[nodiscard]] std::vector<PathPoint> semicircle(double from, double to, int points);

/// The same half circle with points that crowd at its upper end, on a scale of 1/50 of its radius,
/// for ends among narrow states.
[[nodiscard]] std::vector<PathPoint> path_to_level(double from, double to, int points);

/// Electrons of both spins in the spheres of a muffin-tin potential.
struct Electrons {
  std::vector<double> in_sphere;  ///< of each scatterer
  /// 4 pi r^2 n(r) [1/bohr] of each scatterer, spherical mean, on its mesh
  std::vector<std::vector<double>> density;

  [[nodiscard]] double total() const;
};

/// Electrons in states with energies from the first to the last point of a path:
///   4 pi r^2 n(r) = -(2/pi) Im integral sum_L G_LL(r, r; z) dz.
/// G is analytic above the real axis as long as the potential does not depend on the energy, so
/// that any path will do.
///
/// Source: R. Zeller, J. Deutz, P. H. Dederichs, Solid State Commun. 44, 993 (1982).
/// @pre the potential of the engine does not depend on energy   @note Collective on the engine's
/// communicator
[[nodiscard]] Electrons electrons_on(Engine& engine, const std::vector<PathPoint>& path);

/// What is to be filled into a potential.
struct Filling {
  double bottom = 0.0;     ///< energy in a gap below all states that are filled [hartree]
  double start = 0.0;      ///< where the search of the Fermi level begins [hartree], > bottom
  double electrons = 0.0;  ///< wanted in all spheres together
  double step = 0.07;      ///< first step of the search [hartree], doubled up to 2 eV
};

struct FilledStates {
  double fermi = 0.0;  ///< [hartree]
  double end = 0.0;    ///< to which states are filled: the Fermi level, or in a gap somewhere above
                       ///< it [hartree]
  double electrons = 0.0;  ///< up to `end`, in all spheres
};

/// Fills states from the bottom until the spheres hold the electrons wanted.
///
/// Counts up to `start`, in pieces from there until the count is passed, then bisection to 0.04 eV
/// and linear interpolation. If the last of them held less than 2 % of the electrons in 2 eV (or as
/// much less as it is narrower), the count has been met in a gap, where it says nothing; so has it
/// if there is a gap at `start` with 2 % more or less below it. All states below are then filled,
/// and the level is the top of the band below, where 0.1 % of the electrons are left out. The
/// result does not depend on the number of ranks if the engine's method is DenseMethod::lapack.
/// @throws Error{numerical} if the count is not reached from `bottom` to 30 eV above `start`
/// @note Collective on the engine's communicator
[[nodiscard]] FilledStates fill_states(StateCounter& counter, const Filling& filling);

/// Moves a level out of a band of the absorber where a gap is near.
///
/// States of the absorber's sphere are counted in intervals of 1/8 eV up to 1 eV to both sides. If
/// the interval of `level` holds more than five times as many as the emptiest, the level goes to
/// the middle of the nearest interval with at most twice as many as the emptiest; else it stays, as
/// in a metal.
/// @return [hartree]   @note Collective on the engine's communicator
[[nodiscard]] double out_of_band(StateCounter& counter, double level);

}  // namespace kedge::scattering
