// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "kedge/structure/cluster.hpp"

namespace kedge::potential {

/// A lattice between atoms.
struct Interstitial {
  std::vector<Eigen::Vector3d> points;
  std::vector<double> share;  // of the mean, 1 in all
};

/// The region between the first n_scatterers atoms. A point next to its rim counts with the part of
/// its cell that lies inside, as if the rim were flat: V0 changes smoothly with the radii of the
/// atoms, and with it the potential as a function of what the radii depend on.
/// @param radii  of all atoms of the cluster
[[nodiscard]] Interstitial interstitial_lattice(const structure::Cluster& cluster,
                                                std::span<const double> radii, int n_scatterers);

/// What the potential at a point is made of [hartree, bohr].
struct LocalField {
  double electrostatic;
  double ground_state;  ///< exchange-correlation
  double level, r_s;    ///< V_gs and Wigner-Seitz radius with what the atom itself adds
};

struct WeightedField {
  LocalField field;
  double share;  ///< of a mean, 1 in all
};

/// Points that nearly agree in r_s and level taken together, each group by its mean: a mean over
/// all of a function of both errs by its second derivatives only. @param share  of each field
[[nodiscard]] std::vector<WeightedField> merged(std::span<const LocalField> fields,
                                                std::span<const double> share);

}  // namespace kedge::potential
