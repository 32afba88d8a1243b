// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kedge/campaign/cases.hpp"

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
  for (const CaseParameters& c : kedge::campaign::cases(input))
    all.emplace_back(c.screening, c.dilatorb);
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

TEST(Cases, ColumnsTellWhatIsSwept) {
  const auto columns = kedge::campaign::case_columns(parse("screening = 1,0.5\n"));
  ASSERT_EQ(columns.size(), 2U);
  EXPECT_TRUE(columns[0].swept);
  EXPECT_THAT(columns[0].values, ElementsAre(1.0, 0.5));
  EXPECT_FALSE(columns[1].swept);
}

}  // namespace
