// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <memory>
#include <optional>
#include <vector>

#include "kedge/campaign/site_potential.hpp"
#include "kedge/core/units.hpp"
#include "kedge/potential/muffin_tin_potential.hpp"
#include "kedge/scattering/engine.hpp"
#include "kedge/scattering/occupied_states.hpp"

namespace kedge::campaign {

/// The atoms whose states are counted, in their muffin tins with ground-state exchange-correlation.
struct CountingModel {
  std::unique_ptr<potential::PotentialModel> ground_state;
  std::unique_ptr<potential::MuffinTinPotential> muffin_tin;
  std::unique_ptr<scattering::Engine> engine;
};

/// How far from the absorber atoms take part in self-consistency and have a projected density of
/// states [bohr].
inline constexpr double kStatesRadius = bohr_from_angstrom(5.0);

/// Scatterers within `radius` [bohr] of the absorber, l <= 2 (1 up to helium, 3 beyond Z = 54),
/// spheres as those of multiple scattering, V0 that of the points between these atoms.
/// @param model  must outlive the result   @note Rank-local; the engine is collective on comm
[[nodiscard]] CountingModel counting_model(MPI_Comm comm, const io::Input& input,
                                           const SiteAtoms& atoms,
                                           const potential::SuperposedPotential& model,
                                           double radius);

/// Middle of a gap in the levels of the free atoms that has all valence states above it [hartree
/// from the vacuum].
///
/// Levels: orbital energies of the scatterers, moved by the electrostatic potential of the other
/// atoms at the nucleus. Going down from the highest, the first gap of 20 eV is taken; the bottom
/// lies 0.55 of it below its upper end, 20 eV at most: bands begin up to some 10 eV below the
/// levels they come from.
[[nodiscard]] double valence_bottom(const SiteAtoms& atoms, int n_scatterers);

/// Valence electrons of the superposed density, 4 pi r^2 n(r) [1/bohr] on the mesh of each sphere:
/// the spherical mean of the whole density less the atom's own states below `bottom`. A hole in a
/// shell above `bottom` is filled, since the states of that shell are counted as well.
[[nodiscard]] std::vector<std::vector<double>> superposed_valence(
    const SiteAtoms& atoms, const potential::SuperposedPotential& model,
    const potential::MuffinTinPotential& muffin_tin, double bottom);

/// integral dr over the sphere of each scatterer.
[[nodiscard]] std::vector<double> electrons_in_spheres(
    const potential::MuffinTinPotential& muffin_tin,
    const std::vector<std::vector<double>>& density);

/// Where the search of the Fermi level begins [hartree from the vacuum].
[[nodiscard]] double first_guess(const potential::PotentialModel& counted, double bottom);

/// Fermi level of a cluster [hartree from the vacuum]: the states of the muffin tins within 3.5
/// Angstrom of the absorber are filled until all these spheres together hold the valence electrons
/// of the superposed density in them (docs/conventions.md), then scattering::out_of_band(). It does
/// not depend on structure.radius, if that is not smaller.
/// @param filled_to  result of the count if it is known, from the self-consistent potential
/// @throws Error{numerical} if the count is not reached
/// @note Collective on comm; the same for any number of ranks
[[nodiscard]] double fermi_level(MPI_Comm comm, const io::Input& input, const SiteAtoms& atoms,
                                 const potential::SuperposedPotential& model,
                                 std::optional<double> filled_to = {});

}  // namespace kedge::campaign
