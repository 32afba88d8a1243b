// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

#include "kedge/atom/atom.hpp"

namespace kedge::atom {

/// Mesh of the atomic solver: from 1e-5/Z to 150 bohr in steps of 0.01 of ln r (about 1700 points).
/// The first point is small enough for the analytic start below it, the last holds levels bound by
/// 1e-3 hartree.
[[nodiscard]] LogMesh make_log_mesh(int atomic_number);

/// integral_0^r f dr' at each mesh point, for f that vanishes at least as r below the first point.
/// Local formula of sixth order in the step of ln r.
[[nodiscard]] std::vector<double> cumulative_integral(const LogMesh& mesh,
                                                      std::span<const double> f);

/// integral_0^infinity f dr by the trapezoidal rule in ln r, which converges exponentially in the
/// step for f that vanishes with all derivatives at both ends.
[[nodiscard]] double integral(const LogMesh& mesh, std::span<const double> f);

/// Value of a smooth mesh function at any r by six-point Lagrange interpolation in ln r; f(first)
/// (r/first)^power below the mesh, 0 beyond it.
[[nodiscard]] double interpolate(const LogMesh& mesh, std::span<const double> f, double r,
                                 int power);

/// r V_H(r) of a spherical density [hartree bohr]: V_H = (1/r) integral_0^r 4 pi r'^2 n dr' +
/// integral_r^inf 4 pi r' n dr'.
[[nodiscard]] std::vector<double> hartree_times_r(const LogMesh& mesh,
                                                  std::span<const double> density);

}  // namespace kedge::atom
