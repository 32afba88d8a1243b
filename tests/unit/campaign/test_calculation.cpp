// SPDX-License-Identifier: BSD-3-Clause
/// From an input with structure edits to the structures, sites and tables of its cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "kedge/campaign/calculation.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/core/error.hpp"

namespace {

using kedge::campaign::Calculation;
using testing::ElementsAre;
using testing::HasSubstr;

class CalculationOfCases : public testing::Test {
 protected:
  CalculationOfCases() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kedge-cases-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    // C, B, B in a row, hydrogen at both ends.
    write("cbb.xyz", "5\nCB2H2\nC 0 0 0\nB 0 0 1.6\nB 0 0 3.2\nH 0 0 -1.1\nH 0 0 4.4\n");
    write("hbh.xyz", "3\nBH2\nH 0 0 -1.2\nB 0 0 0\nH 0 0 1.2\n");
    write("two.xyz", "2\nframe 1\nB 0 0 0\nH 0 0 1.2\n2\nframe 2\nB 0 0 0\nH 0 0 1.3\n");
  }
  ~CalculationOfCases() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  CalculationOfCases(const CalculationOfCases&) = delete;
  CalculationOfCases& operator=(const CalculationOfCases&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  [[nodiscard]] Calculation read(const std::string& structure) const {
    write("job.ini",
          "[energy]\ngrid = 0:1:3\nfermi = -5\n[xrs]\nq = 4.5\n[engine]\nkind = ms\n[structure]\n" +
              structure);
    return kedge::campaign::read_calculation(MPI_COMM_WORLD, folder_ / "job.ini", {});
  }
  void refused(const std::string& structure, const std::string& word) const {
    try {
      (void)read(structure);
      ADD_FAILURE() << "accepted: " << structure;
    } catch (const kedge::Error& error) {
      EXPECT_EQ(error.kind(), kedge::ErrorKind::input) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(word));
    }
  }

  std::filesystem::path folder_;
};

const std::string kRow = "file = cbb.xyz\nabsorber = B\n";

TEST_F(CalculationOfCases, SwappedAbsorbersKeepTheirNumbersAndChangePlaces) {
  const Calculation made =
      read("file = cbb.xyz\nabsorber = C\nswap = none,1<->2-3\n[cases]\ndistances = B,5\n");
  const auto& header = made.header;
  EXPECT_EQ(header.n_cases(), 3U);
  EXPECT_EQ(made.structures.size(), 3U);
  ASSERT_EQ(header.sites.size(), 1U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(header.site(i, 0).atom_number, 1);
    EXPECT_NEAR(header.site(i, 0).position_angstrom[2], 1.6 * static_cast<double>(i),
                1e-9);  // rounding of the units
    EXPECT_NEAR(header.distances[2 * i], 1.6, 1e-9);
    EXPECT_NEAR(header.distances[2 * i + 1], 4.4 - 1.6 * static_cast<double>(i), 1e-9);
  }
  EXPECT_EQ(header.case_sites.size(), 3U);
}

// The engine of these tests is multiple scattering, whose solves go with the cube of the number of
// atoms.
TEST_F(CalculationOfCases, LargerClustersCostMoreAndAbsentSitesNothing) {
  const Calculation made =
      read(kRow + "radius = 2,5\nvacancy = none,2\n[absorber]\nscreening = 1,0.5\n");
  const auto costs = kedge::campaign::solve_costs(made);
  // Within 2 Angstrom of either boron atom: itself and two neighbours; within 5 all five. Without
  // atom 2, atom 3 has lost one.
  const std::vector<double> small = {27, 27}, small_vacancy = {0, 8}, large = {125, 125},
                            large_vacancy = {0, 64};
  std::vector<double> expected;
  for (const auto* part : {&small, &small, &small_vacancy, &small_vacancy, &large, &large,
                           &large_vacancy, &large_vacancy}) {
    expected.insert(expected.end(), part->begin(), part->end());
  }
  EXPECT_EQ(costs, expected);
}

TEST_F(CalculationOfCases, AbsorberThatIsTakenOutIsAbsentFromItsCase) {
  const Calculation made = read(kRow + "vacancy = none,2\n");
  ASSERT_EQ(made.header.sites.size(), 2U);
  EXPECT_EQ(made.header.site(1, 0).atom_number, 0);
  EXPECT_EQ(made.header.site(1, 1).atom_number, 3);
  EXPECT_EQ(made.header.n_solves(), 3U * 4U);
  EXPECT_EQ(made.sites_of_structure[1][0], -1);
}

TEST_F(CalculationOfCases, AbsorberThatNoCaseHasIsNoSite) {
  const Calculation made = read(kRow + "vacancy = 2\n");
  ASSERT_EQ(made.header.sites.size(), 1U);
  EXPECT_EQ(made.header.sites[0].atom_number, 3);
  EXPECT_EQ(made.header.n_solves(), 4U);
}

TEST_F(CalculationOfCases, FramesMakeCasesAndTheResolvedInputNamesThem) {
  const Calculation made = read("file = two.xyz\nabsorber = B\nweights = 1,3\n");
  EXPECT_EQ(made.header.n_cases(), 2U);
  EXPECT_THAT(made.header.input_text, HasSubstr("frame = 1:1:2"));
  EXPECT_THAT(made.header.weights(), ElementsAre(1.0, 3.0));
  EXPECT_NE(made.structures[0].sites[1].position_cart.z(),
            made.structures[1].sites[1].position_cart.z());
  EXPECT_EQ(read("file = two.xyz\nabsorber = B\nframe = 2\n").header.n_cases(), 1U);
}

TEST_F(CalculationOfCases, ListOfFiles) {
  const Calculation made = read("file = cbb.xyz,hbh.xyz\nabsorber = 2\n");
  EXPECT_EQ(made.header.n_cases(), 2U);
  EXPECT_EQ(made.header.more_structures.size(), 1U);
  refused("file = cbb.xyz,two.xyz\nabsorber = B\n", "2 frames and structure.file lists several");
  refused("file = cbb.xyz,two.xyz\nframe = 1\nabsorber = B\n", "same number");
  refused("file = cbb.xyz,no.xyz\nabsorber = B\n", "no.xyz");
  refused("file = cbb.xyz,two.xyz\nframe = 1\nabsorber = 1\n", "wanted one element");
}

TEST_F(CalculationOfCases, InvalidEditsAreRefusedWithTheirCase) {
  refused(kRow + "swap = none,1<->9\n",
          "case 2 (structure.swap = 1<->9): structure.swap: there is no atom 9");
  refused(kRow + "displace = 3\ndisplace_along = to 2\ndisplace_by = 0,1.3\n",
          "case 2 (structure.displace_by = 1.3)");
  refused(kRow + "displace = 9\ndisplace_along = 0,0,1\n", "no atom 9");
  refused(kRow + "vacancy = 2+3\n", "every absorber");
  refused(kRow + "strain = -0.3,-0.1\nvacancy = 1,12\n", "no atom 12");
  refused("file = two.xyz\nabsorber = B\nframe = 3\n", "has 2 frames");
  refused(kRow + "[cases]\ndistances = 7\n", "no atom 7");
  refused(kRow + "[cases]\ndistances = foo\n", "foo");
  refused(kRow + "[cases]\ndistances = B, Fe\n", "no case has another atom 'Fe'");
}

TEST_F(CalculationOfCases, StatesAreThoseOfTheSameAtomsInAllCases) {
  const Calculation made = read(kRow + "vacancy = 2,none\n[dos]\natoms = B,1\n");
  EXPECT_THAT(made.header.dos_atoms, ElementsAre(1, 2, 3));
  EXPECT_EQ(made.input.dos.atoms, "1,2,3");  // whatever case it is the input of
  refused(kRow + "[dos]\nwidth = 0.2,0.3\n", "0.2,0.3");
  refused("file = cbb.xyz,hbh.xyz\nabsorber = 2\n[dos]\natoms = 5\n", "no atom 5");
}

TEST_F(CalculationOfCases, RulesHoldForEveryCase) {
  refused(kRow + "[xanes]\nquadrupole = yes\npolarization = isotropic | 0,0,1\n",
          "case 2 (xanes.polarization = 0,0,1)");
  refused(kRow + "displace = none|3\n", "displace_along");
}

TEST_F(CalculationOfCases, WeightsOfListsSideBySideAreThoseOfTheCases) {
  const Calculation made = read(
      "file = cbb.xyz,cbb.xyz,hbh.xyz\nabsorber = 2\nweights = 1,2,3\nradius = "
      "3,4,5\n[cases]\ncombine = zip\n");
  EXPECT_THAT(made.header.weights(), ElementsAre(1.0, 2.0, 3.0));
}

TEST_F(CalculationOfCases, RadiusOfEveryCaseIsChecked) {
  refused(kRow + "radius = 5,1\n", "too small");
}

}  // namespace
