// SPDX-License-Identifier: BSD-3-Clause
/// Fermi levels of real atoms.
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstdlib>
#include <filesystem>

#include "kedge/campaign/fermi_level.hpp"
#include "kedge/core/units.hpp"
#include "kedge/structure/read_structure.hpp"

namespace kedge::physics {
namespace {

/// A fluorine of LiF with a core hole, R = 3.5 Angstrom.
io::Input lithium_fluoride(const std::string& more) {
  return io::parse_input(
      "[structure]\nfile = LiF.cif\nabsorber = F\nradius = 3.5\n[energy]\ngrid = 0:1:3\n[xrs]\nq = 3\n[atoms]\nrelativity = none\n" +
          more, "test", {}, {});
}

TEST(FermiLevel, LithiumFluorideAsFdmnes) {
  const char* source = std::getenv("KEDGE_SOURCE_DIR");
  const auto file = std::filesystem::path(source == nullptr ? "." : source) / "inputs/lif/LiF.cif";
  const structure::Structure crystal = structure::read_structure(file);
  const io::Input input = lithium_fluoride("");
  const campaign::SiteAtoms atoms(input, crystal, 0, {1.0, 0.0});
  const potential::SuperposedPotential model(atoms.cluster(),
                                             campaign::superposition_settings(input, atoms.cluster(), atoms.fields(true)));
  const double found = fermi_level(MPI_COMM_SELF, input, atoms, model);
  // FDMNES, revision of 21 January 2021, R = 4.5 Angstrom: -17.32 to -17.35 eV. Half an eV: its own V0 moves by 0.2 eV with its grid, and its
  // count is smeared by 0.2 eV.
  EXPECT_NEAR(ev_from_hartree(found), -17.32, 0.5);

  // Between the levels Li 2s, F 2p and 2s (-29 eV) and Li 1s (-52 eV), moved by the neighbours, or between Li 1s and F 1s.
  const double bottom = campaign::valence_bottom(atoms, atoms.cluster().n_scatterers);
  EXPECT_LT(ev_from_hartree(bottom), -35.0);
  EXPECT_GT(ev_from_hartree(bottom), -80.0);
  const auto counting = campaign::counting_model(MPI_COMM_SELF, input, atoms, model);
  const auto electrons = campaign::electrons_in_spheres(
      *counting.muffin_tin, campaign::superposed_valence(atoms, model, *counting.muffin_tin, bottom));
  // Of the neutral absorber with hole (7 + 1 valence electrons) most are in its sphere, and a few of the neighbours'.
  EXPECT_GT(electrons.front(), 7.0);
  EXPECT_LT(electrons.front(), 8.5);
}

}  // namespace
}  // namespace kedge::physics
