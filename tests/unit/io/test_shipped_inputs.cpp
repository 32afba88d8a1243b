// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "kedge/campaign/calculation.hpp"
#include "kedge/core/units.hpp"
#include "kedge/structure/edit.hpp"
#include "kedge/structure/read_structure.hpp"

namespace {

TEST(ShippedInputs, EachIsValid) {
  const char* source = std::getenv("KEDGE_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  int found = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(source) / "inputs")) {
    if (entry.path().extension() != ".ini") continue;
    SCOPED_TRACE(entry.path().string());
    ++found;
    auto parts = kedge::campaign::read_parts(MPI_COMM_WORLD, entry.path());
    if (parts.empty()) parts.emplace_back();
    for (const std::string& part : parts) {
      EXPECT_NO_THROW({
        const auto calculation =
            kedge::campaign::read_calculation(MPI_COMM_WORLD, entry.path(), {}, part);
        EXPECT_FALSE(calculation.sites.empty());
        EXPECT_GT(calculation.input.energy.grid_ev.size(), 10U);
      });
    }
  }
  EXPECT_GE(found, 9);
}

TEST(ShippedInputs, BoronMoleculeHasElevenSitesAndSixtyEnergies) {
  const std::filesystem::path source = std::getenv("KEDGE_SOURCE_DIR");
  const auto calculation = kedge::campaign::read_calculation(
      MPI_COMM_WORLD, source / "inputs/nacb11h12/molecule_B_K.ini", {});
  EXPECT_EQ(calculation.sites.size(), 11U);
  EXPECT_EQ(calculation.header.energy_ev.size(), 60U);
  const auto sizes = kedge::campaign::cluster_sizes(calculation);
  // The whole ion pair, 25 atoms, lies within 5 Angstrom of each boron atom or loses the far sodium
  // at most.
  EXPECT_TRUE(std::all_of(sizes.begin(), sizes.end(), [](int n) { return n >= 24 && n <= 25; }));
}

kedge::campaign::Calculation campaign(const std::string& name, const std::string& part = "") {
  const std::filesystem::path source = std::getenv("KEDGE_SOURCE_DIR");
  return kedge::campaign::read_calculation(MPI_COMM_WORLD, source / "inputs/nacb11h12" / name, {},
                                           part);
}

TEST(ShippedInputs, ThreeEdgesOfOneInputMake178Spectra) {
  const auto boron = campaign("campaign_180.ini", "B");
  EXPECT_EQ(boron.header.n_solves(), 165U * 97U);
  EXPECT_EQ(boron.input.output.file, "campaign_180_B.h5");
  EXPECT_EQ(campaign("campaign_180.ini", "C").header.n_solves(), 12U * 97U);
  EXPECT_EQ(campaign("campaign_180.ini", "Na").header.n_solves(), 97U);
}

TEST(ShippedInputs, CampaignOfScreeningsAndDilatations) {
  const auto made = campaign("campaign_B_screening_dilatorb.ini");
  EXPECT_EQ(made.header.n_cases(), 50U);
  EXPECT_EQ(made.header.n_solves(), 33000U);
  EXPECT_EQ(made.structures.size(), 1U);
}

TEST(ShippedInputs, CarbonTakesEachOfTheTwelvePositionsOnce) {
  const auto made = campaign("campaign_C_positions.ini");
  ASSERT_EQ(made.header.n_cases(), 12U);
  ASSERT_EQ(made.header.sites.size(), 1U);
  const auto original = kedge::structure::edited(made.structures[0], {});
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(made.structures[i].sites[0].position_cart, original.sites[i].position_cart);
    EXPECT_EQ(made.header.site(i, 0).atom_number, 1);
  }
  // Opposite of sodium (the relaxed place) and at the corner of its face: 4.75 and 2.29 Angstrom,
  // from the coordinates of the file.
  EXPECT_NEAR(made.header.distances[0], 4.747, 1e-3);
  EXPECT_NEAR(made.header.distances[11], 2.293, 1e-3);
}

TEST(ShippedInputs, SodiumMovesAlongTheNormalOfItsFace) {
  const auto made = campaign("campaign_Na_displaced.ini");
  ASSERT_EQ(made.header.n_cases(), 9U);
  const auto& at_rest = made.structures[3].sites[24].position_cart;  // -0.6, -0.4, -0.2, 0
  EXPECT_EQ(at_rest, kedge::structure::read_structure(
                         std::filesystem::path(std::getenv("KEDGE_SOURCE_DIR")) /
                         "inputs/nacb11h12/NaCB11H12_molecule.xyz")
                         .sites[24]
                         .position_cart);
  for (std::size_t i = 0; i < 9; ++i) {
    const double moved =
        kedge::angstrom_from_bohr((made.structures[i].sites[24].position_cart - at_rest).norm());
    EXPECT_NEAR(moved, std::abs(-0.6 + 0.2 * static_cast<double>(i)),
                1e-9);  // rounding of the units
  }
}

}  // namespace
