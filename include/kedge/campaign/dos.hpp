// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <span>
#include <vector>

#include "kedge/campaign/site_potential.hpp"
#include "kedge/io/input.hpp"
#include "kedge/structure/structure.hpp"

namespace kedge::campaign {

/// 1-based numbers of the atoms of dos.atoms in any of the structures, ascending; empty for "none".
/// An element that a case has taken out of its structure counts: it has no states there.
/// @throws Error{input} if one is in no structure, or a structure has fewer atoms
/// @note Rank-local
[[nodiscard]] std::vector<int> dos_atoms(const io::Input& input,
                                         std::span<const structure::Structure> structures);

/// n_l(E) = -(2/pi) Im sum_m integral G_lm,lm(r, r; E + i width) dr over the muffin tin of each
/// atom of dos.atoms, in the potential of the occupied states (counting_model): the states of both
/// spins, each a Lorentzian.
/// @param fermi  [hartree from the vacuum]
/// @return (atom, l = 0 .. 3, energy) [1/eV]; an l that is not in the scattering is 0; of an atom's
/// periodic images the one nearest to the
///   absorber; NaN for an atom farther than 5 Angstrom or than structure.radius
/// @note Collective on comm
[[nodiscard]] std::vector<double> projected_dos(MPI_Comm comm, const io::Input& input,
                                                const structure::Structure& structure,
                                                const SiteAtoms& atoms,
                                                const potential::SuperposedPotential& model,
                                                double fermi);

}  // namespace kedge::campaign
