// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <array>
#include <complex>
#include <optional>
#include <vector>

#include "kedge/math/rational_fit.hpp"
#include "kedge/scattering/engine.hpp"

namespace kedge::scattering {

/// Electrons, both spins, of states with energies in an interval.
struct States {
  double all = 0.0;       ///< in all spheres
  double absorber = 0.0;  ///< in that of the absorber
};

/// Counts the states of a muffin-tin potential between real energies with as few solves as it can.
///
///   N(a, b) = -(2/pi) Im integral_a^b F(z) dz,  F = sum_L integral G_LL(r, r; z) dr over the
///   spheres,
/// along half a circle. F is a sum of poles on the real axis and a smooth part, so that a rational
/// function through samples in the upper half plane gives it elsewhere: all intervals are counted
/// with the samples of all before, and new ones are taken where the function still changes. Solved
/// one by one, an interval takes 3 to 24 points of its own; here the level and the surroundings of
/// a cage of 19 atoms take 30 to 40 in all.
/// @pre the potential of the engine does not depend on energy
class StateCounter {
 public:
  explicit StateCounter(Engine& engine) : engine_(engine) {}

  /// Adds samples until the intervals between the edges, two or more in ascending order, are known
  /// to `tolerance` electrons: the last two samples changed no more, also if no error cancels, and
  /// each was foreseen as well.
  /// @throws Error{numerical} if 60 samples of one interval do not suffice
  /// @note Collective on the engine's communicator; the same on every rank
  void refine(const std::vector<double>& edges, double tolerance);

  /// States between two energies, from the samples there are.
  [[nodiscard]] States between(double from, double to) const;

  [[nodiscard]] int solves() const { return static_cast<int>(samples_.size()); }

 private:
  void solve(std::complex<double> energy);

  Engine& engine_;
  std::vector<std::complex<double>> samples_;
  Eigen::MatrixXcd values_;  // (samples, functions): in all spheres, in the absorber's
  // through all samples, all but the last, all but two
  std::array<std::optional<math::RationalFit>, 3> fits_;
};

}  // namespace kedge::scattering
