// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <memory>
#include <vector>

#include "kedge/campaign/site_potential.hpp"

namespace kedge::campaign {

/// Outcome of a self-consistent calculation of one cluster.
struct SelfConsistency {
  /// of all atoms, changed where they were counted
  std::vector<std::shared_ptr<const atom::AtomicField>> fields;
  /// of the scatterers [bohr], those of the superposed atoms
  std::vector<double> muffin_tin_radii;
  double fermi = 0.0;                 ///< [hartree from the vacuum]
  std::vector<double> charge_change;  ///< electrons that went into each sphere; their sum is zero
  std::vector<double> changes;        ///< of each iteration, see below [electrons]
};

/// Feeds the density of the occupied states back until it stays.
///
/// Inside its muffin tin each atom a within 5 Angstrom has, on top of the superposition,
///   dn_a(r) = n_occupied(r) - n_superposed(r),   dv_a(r) = integral dn_a(r')/|r - r'| d3r',
/// spherical; outside dn_a = 0 and dv_a = dQ_a/r. Core states stay as they are, the core hole
/// included, and so does the density between the spheres. The Fermi level is where the occupied
/// states hold as many electrons in all spheres as the superposition, so that sum dQ_a = 0:
/// whatever charge the superposition has (1 - s with a core hole) stays, and nothing else is needed
/// to make the sum of the potentials converge. Where that count falls into a gap, the densities are
/// scaled to it. dn is mixed after Anderson. The change of an iteration is the largest integral
/// |n_out - n_in| d3r of a sphere.
/// @throws Error{numerical} if the change is not below 0.005 electrons after most_iterations, with
/// the last changes and advice
/// @note Collective on comm; the same for any number of ranks
[[nodiscard]] SelfConsistency self_consistent(MPI_Comm comm, const io::Input& input,
                                              const SiteAtoms& atoms, int most_iterations = 30);

}  // namespace kedge::campaign
