// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kedge/campaign/cases.hpp"
#include "kedge/core/error.hpp"

namespace {

using kedge::campaign::CaseParameters;
using testing::ElementsAre;

kedge::io::Input parse(const std::string& absorber, const std::string& fermi = "-7") {
  return kedge::io::parse_input(
      "[structure]\nfile = a.xyz\nabsorber = B\n[energy]\ngrid = 0:1:3\nfermi = " + fermi +
          "\n[xrs]\nq = 4.5\n[absorber]\n" + absorber,
      "job.ini", "", {});
}

std::vector<std::pair<double, double>> pairs(const kedge::io::Input& input) {
  std::vector<std::pair<double, double>> all;
  for (const CaseParameters& c : kedge::campaign::cases(input)) {
    all.emplace_back(c.screening, c.dilatorb);
  }
  return all;
}

TEST(Cases, OneWithoutLists) {
  EXPECT_THAT(pairs(parse("")), ElementsAre(std::pair(1.0, 0.0)));
}

TEST(Cases, FirstKeyOfTheInputChangesSlowest) {
  EXPECT_THAT(pairs(parse("screening = 1,0.5\ndilatorb = 0,0.1\n")),
              ElementsAre(std::pair(1.0, 0.0), std::pair(1.0, 0.1), std::pair(0.5, 0.0),
                          std::pair(0.5, 0.1)));
  EXPECT_THAT(pairs(parse("dilatorb = 0,0.1\nscreening = 1,0.5\n")),
              ElementsAre(std::pair(1.0, 0.0), std::pair(0.5, 0.0), std::pair(1.0, 0.1),
                          std::pair(0.5, 0.1)));
  EXPECT_THAT(pairs(parse("dilatorb = 0,0.1\n")),
              ElementsAre(std::pair(1.0, 0.0), std::pair(1.0, 0.1)));
}

TEST(Cases, EachGetsTheFermiLevelOfItsScreening) {
  const auto input = parse("screening = 1,0.5\ndilatorb = 0,0.1\n", "-7,-7.5");
  for (const CaseParameters& c : kedge::campaign::cases(input)) {
    const auto one = kedge::campaign::input_of_case(input, c);
    EXPECT_EQ(one.energy.fermi_ev, c.screening == 1.0 ? -7.0 : -7.5);
    EXPECT_THAT(one.absorber.screening, ElementsAre(c.screening));
    EXPECT_THAT(one.absorber.dilatorb, ElementsAre(c.dilatorb));
  }
}

TEST(Cases, ListsSideBySide) {
  const auto input = parse(
      "screening = 1,1,0.5\ndilatorb = 0,0.1,0.2\n[cases]\ncombine = zip\n[structure]\nstrain = "
      "0,0,0.01\n",
      "-7,-8,-9");
  const auto all = kedge::campaign::cases(input);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].screening, 1.0);
  EXPECT_EQ(all[1].dilatorb, 0.1);
  EXPECT_EQ(all[0].i_structure, all[1].i_structure);
  EXPECT_EQ(all[2].i_structure, 1U);
  EXPECT_EQ(kedge::campaign::input_of_case(input, all[1]).energy.fermi_ev, -8.0);
}

TEST(Cases, ZippedListsMustBeOfOneLength) {
  const auto input = parse("screening = 1,0.5\ndilatorb = 0,0.1,0.2\n[cases]\ncombine = zip\n");
  try {
    (void)kedge::campaign::cases(input);
    FAIL() << "no exception";
  } catch (const kedge::Error& error) {
    EXPECT_EQ(error.kind(), kedge::ErrorKind::input);
    EXPECT_THAT(error.what(),
                testing::HasSubstr("absorber.screening has 2 values and absorber.dilatorb has 3"));
  }
}

TEST(Cases, StructuresAreCountedOnce) {
  const auto input = parse("screening = 1,0.5\n[structure]\nswap = none,1<->2\nradius = 4,5\n");
  const auto all = kedge::campaign::cases(input);
  ASSERT_EQ(all.size(), 8U);
  for (const CaseParameters& c : all) {
    const auto one = kedge::campaign::input_of_case(input, c);
    EXPECT_EQ(one.structure.edit.swaps.empty(), c.i_structure == 0U);
    EXPECT_EQ(one.sweeps.size(), 0U);
  }
}

TEST(Cases, TooManyAreRefusedBeforeTheyFillTheMemory) {
  EXPECT_THROW(
      (void)kedge::campaign::cases(parse("screening = 0:0.0001:1\ndilatorb = 0:0.0001:1\n")),
      kedge::Error);
}

TEST(Cases, TextsHaveColumnsOfTheirOwn) {
  const auto columns =
      kedge::campaign::case_columns(parse("[structure]\nswap = none,1<->2\nstrain = 0,0.01\n"));
  ASSERT_EQ(columns.size(), 4U);
  EXPECT_EQ(columns[2].key, "structure.swap");
  EXPECT_THAT(columns[2].texts, ElementsAre("none", "none", "1<->2", "1<->2"));
  EXPECT_THAT(columns[3].values, ElementsAre(0.0, 0.01, 0.0, 0.01));
}

TEST(Cases, WeightsGoWithFramesAndGroupTheRest) {
  const auto input = parse("screening = 1,0.5\n[structure]\nframe = 1,2,3\nweights = 1, 2, 5\n");
  kedge::io::ResultsHeader header;
  header.cases = kedge::campaign::case_columns(input);
  EXPECT_THAT(header.weights(), ElementsAre(1.0, 2.0, 5.0, 1.0, 2.0, 5.0));
  EXPECT_THAT(header.average_groups(),
              ElementsAre(ElementsAre(0U, 1U, 2U), ElementsAre(3U, 4U, 5U)));
  for (const char* wrong : {"1, 2", "1, 2, 0", "1, 2, x", "1, 2, 3, 4"}) {
    EXPECT_THROW((void)kedge::campaign::case_columns(
                     parse("[structure]\nframe = 1,2,3\nweights = " + std::string(wrong) + "\n")),
                 kedge::Error);
  }
  EXPECT_THROW((void)kedge::campaign::case_columns(parse("[structure]\nweights = equal\n")),
               kedge::Error);
}

TEST(Cases, ColumnsTellWhatIsSwept) {
  const auto columns = kedge::campaign::case_columns(parse("screening = 1,0.5\n"));
  ASSERT_EQ(columns.size(), 2U);
  EXPECT_TRUE(columns[0].swept);
  EXPECT_THAT(columns[0].values, ElementsAre(1.0, 0.5));
  EXPECT_FALSE(columns[1].swept);
}

}  // namespace
