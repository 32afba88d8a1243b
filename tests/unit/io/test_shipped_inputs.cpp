// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "kedge/campaign/calculation.hpp"

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
    EXPECT_NO_THROW({
      const auto calculation = kedge::campaign::read_calculation(MPI_COMM_WORLD, entry.path(), {});
      EXPECT_FALSE(calculation.sites.empty());
      EXPECT_GT(calculation.input.energy.grid_ev.size(), 10U);
    });
  }
  EXPECT_GE(found, 6);
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

}  // namespace
