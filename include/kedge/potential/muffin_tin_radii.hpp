// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kedge/atom/radial_function.hpp"
#include "kedge/potential/exchange_correlation.hpp"
#include "kedge/structure/structure.hpp"

namespace kedge::potential {

/// What decided the muffin-tin radius of an atom.
enum class RadiusRule {
  level,          ///< its potential reaches the common level there
  norman,         ///< the distance to the nearest neighbour shared in the ratio of the Norman radii
  half_distance,  ///< half of that distance
  hydrogen,       ///< that of hydrogen where the level gives none
  alone,          ///< there is no neighbour
  given           ///< the user
};

struct MuffinTinRadius {
  double touching = 0.0;  ///< [bohr]; spheres of this radius touch, or nearly so
  RadiusRule rule = RadiusRule::level;
};

/// What the rules know of one atom with its nearest neighbour B at the distance d.
struct RadiusCandidate {
  int atomic_number = 0;
  int neighbour_number = 0;
  double distance = 0.0;  ///< d [bohr]
  double level = 0.0;  ///< radius at which its potential reaches the common level, at most d [bohr]
  double norman = 0.0;  ///< min(3/4 d, d/(1 + N_B/N)), N and N_B the Norman radii [bohr]
};

/// Whether the radius from the common level is taken: within 0.25 .. 1.5 of d/2, within 0.99
/// .. 1.75 next to hydrogen, for hydrogen itself within 0.45 .. 1.75.
[[nodiscard]] bool level_fits(const RadiusCandidate& atom);

/// Chooses between the candidates. The spheres of multiple scattering are 1 + overlap times the
/// radii returned.
///
/// Where the level fits, R = level/(1 + overlap). A hydrogen atom it does not fit takes min(d/2,
/// 0.8 Angstrom/(1 + overlap)). Is there another atom it does not fit, but whose Norman radius is
/// within the same window, then *all* atoms, hydrogen included, take their Norman radii: radii of
/// two rules in one cluster would leave gaps between some spheres. An atom that neither fits takes
/// d/2.
[[nodiscard]] std::vector<MuffinTinRadius> choose_radii(std::span<const RadiusCandidate> atoms,
                                                        double overlap);

/// Muffin-tin radii of the scatterers of a cluster, from the spherical means of its potential.
///
/// About each atom, V(r) = <v> + V_xc(<n>) with the means over directions of the superposed
/// electrostatic potential and density, neighbours cut off where their own v is below -1 rydberg,
/// and V held at its first maximum beyond it (there the neighbours' wells begin). The common level
/// is where the potentials of the absorber A and of its nearest neighbour B, put (1 + overlap) d
/// apart, cross: V_A(r) = V_B((1 + overlap) d - r); so the rims of all spheres lie at one
/// potential. A potential that does not reach it gives the radius of its maximum. The Norman radius
/// N holds as many electrons of the superposed density as the free atom has.
///
/// Source: the level and the windows are the defaults of FDMNES (Y. Joly, Phys. Rev. B 63, 125120
/// (2001)), which draws each sphere 10 % larger; J. G. Norman, Mol. Phys. 31, 1191 (1976).
/// @param fields  of each atom of the cluster   @note Rank-local
[[nodiscard]] std::vector<MuffinTinRadius> muffin_tin_radii(
    const structure::Cluster& cluster,
    std::span<const std::shared_ptr<const atom::AtomicField>> fields, const GroundStateXc& xc,
    double overlap);

}  // namespace kedge::potential
