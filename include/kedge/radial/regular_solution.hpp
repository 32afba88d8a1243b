// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "kedge/math/spectral_mesh.hpp"

namespace kedge::radial {

/// Mesh of elements that grow geometrically from 1e-5/Z to `sphere_radius` (an element end), then
/// on to `outer_radius`.
[[nodiscard]] math::SpectralMesh atomic_mesh(double nuclear_charge, double sphere_radius,
                                             double outer_radius);

/// Solution of the radial equation for one l and one energy, real or complex.
///
/// Two first-order equations for P = r R (large component) and Q, M = 1 + (E - V)/(2 c^2):
///   P' = P/r + 2 M Q,   Q' = -Q/r + [l(l+1)/(2 M r^2) + V - E] P.
/// With M = 1 (c -> infinity) this is -P''/2 + [l(l+1)/(2 r^2) + V - E] P = 0; with M it is the
/// scalar-relativistic equation, the spin-orbit term left out.
///
/// Source: D. D. Koelling, B. N. Harmon, J. Phys. C 10, 3107 (1977), Eqs. (10)-(12).
template <class Scalar>
struct Solution {
  std::vector<Scalar> p;  ///< on the mesh
  std::vector<Scalar> q;
};
using RegularSolution = Solution<double>;
using ComplexSolution = Solution<std::complex<double>>;

/// The solution that is regular at the origin, scaled so that max |p| is of order one.
/// @param potential  V on the mesh [hartree], -nuclear_charge/r at the origin
/// @param energy  on the same zero as the potential [hartree]
/// @note Rank-local. Collocation in each element: spectral accuracy where V r is analytic.
[[nodiscard]] RegularSolution regular_solution(const math::SpectralMesh& mesh,
                                               std::span<const double> potential,
                                               double nuclear_charge, int l, double energy,
                                               bool relativistic);

/// The same at a complex energy; the scale is then complex as well.
[[nodiscard]] ComplexSolution regular_solution(const math::SpectralMesh& mesh,
                                               std::span<const double> potential,
                                               double nuclear_charge, int l,
                                               std::complex<double> energy, bool relativistic);

/// The solution with P = p_end, Q = q_end at the end of the mesh, integrated inwards; it grows as
/// r^-l at the origin.
/// @note Rank-local. Wherever it is used it is multiplied by the regular solution, which is small
/// there.
[[nodiscard]] RegularSolution irregular_solution(const math::SpectralMesh& mesh,
                                                 std::span<const double> potential, int l,
                                                 double energy, bool relativistic, double p_end,
                                                 double q_end);
[[nodiscard]] ComplexSolution irregular_solution(const math::SpectralMesh& mesh,
                                                 std::span<const double> potential, int l,
                                                 std::complex<double> energy, bool relativistic,
                                                 std::complex<double> p_end,
                                                 std::complex<double> q_end);

/// Eigenvalue of the bound core state (n, l) in a spherical potential.
///
/// The regular solution must join the decaying wave of the WKB form, P'/P = -sqrt(l(l+1)/r^2 + 2(V
/// - E)), at the end of the mesh; the state must be confined well within it. Nodes are counted, so
/// that the right state is found.
/// @param guess  starting energy, e.g. the free atom's eigenvalue moved by the mean change of the
/// potential
/// @throws Error{numerical} if no such state lies within 5 hartree of the guess.
[[nodiscard]] double core_energy(const math::SpectralMesh& mesh, std::span<const double> potential,
                                 double nuclear_charge, int n, int l, double guess,
                                 bool relativistic);

}  // namespace kedge::radial
