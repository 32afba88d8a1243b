// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "kedge/core/units.hpp"
#include "kedge/structure/read_structure.hpp"
#include "kedge/structure/read_xyz.hpp"
#include "support.hpp"

namespace kedge::structure {
namespace {

using test::expect_error;
using test::input_file;

void expect_input_error(const std::string& text, const std::string& place,
                        const std::string& word) {
  expect_error(
      ErrorKind::input, [&] { (void)parse_xyz(text, "a.xyz"); }, place, word);
}

TEST(ReadXyz, PositionsInBohrLabelsAndTitle) {
  const Structure water = parse_xyz(
      "3\r\n water, any geometry \r\nO 0 0 +0.1\r\n\tH  0.8 0 -5.0e-1\r\n1 -0.8 0.0 -0.5\r\n\r\n",
      "water.xyz");
  ASSERT_EQ(water.sites.size(), 3U);
  EXPECT_EQ(water.title, "water, any geometry");
  EXPECT_EQ(water.source, "water.xyz");
  EXPECT_FALSE(water.periodic);
  EXPECT_EQ(water.sites[0].label, "O1");
  EXPECT_EQ(water.sites[2].label, "H3");
  EXPECT_EQ(water.sites[2].atomic_number, 1);
  EXPECT_EQ(water.sites[2].equivalence_class, 2);
  EXPECT_DOUBLE_EQ(water.sites[1].position_cart.x(), 0.8 / kBohrAngstrom);
  EXPECT_DOUBLE_EQ(water.sites[1].position_cart.z(), -0.5 / kBohrAngstrom);
}

TEST(ReadXyz, IonPairOfInputs) {
  const Structure molecule = read_structure(input_file("nacb11h12/NaCB11H12_molecule.xyz"));
  EXPECT_EQ(sum_formula(molecule), "CH12B11Na");
  EXPECT_EQ(molecule.sites[0].atomic_number, 6);
  EXPECT_EQ(molecule.sites[24].label, "Na25");
}

TEST(ReadXyz, WrongCounts) {
  expect_input_error("", "a.xyz:1:", "empty");
  expect_input_error("two\n\nH 0 0 0\n", "a.xyz:1:", "number of atoms");
  expect_input_error("0\n\n", "a.xyz:1:", "positive");
  expect_input_error("2\n\nH 0 0 0\n", "a.xyz:4:", "atom 2 is missing");
  expect_input_error("1\n\nH 0 0 0\nH 0 0 1\n", "a.xyz:4:", "correct the count");
}

TEST(ReadXyz, WrongAtomLines) {
  expect_input_error("1\n\nXx 0 0 0\n", "a.xyz:3:", "\"Xx\" is no element");
  expect_input_error("1\n\n104 0 0 0\n", "a.xyz:3:", "no element");
  expect_input_error("1\n\nH 0 nan 0\n", "a.xyz:3:", "coordinate y is \"nan\"");
  expect_input_error("1\n\nH inf 0 0\n", "a.xyz:3:", "finite");
  expect_input_error("1\n\nH 0 0 -1e308\n", "a.xyz:3:", "at most 1e+06");
  expect_input_error("1\n\nH 0 0 1.0x\n", "a.xyz:3:", "1.0x");
  expect_input_error("1\n\nH 0 0 0 0.5\n", "a.xyz:3:", "5 columns");
}

TEST(ReadXyz, FramesLatticesAndClashesAreRefused) {
  expect_input_error("1\n\nH 0 0 0\n1\n\nH 0 0 1\n", "a.xyz", "2 frames, wanted one");
  expect_input_error("1\nLattice=\"4 0 0 0 4 0 0 0 4\"\nH 0 0 0\n", "a.xyz:2:", "CIF");
  expect_input_error("2\n\nH 0 0 0\nLi 0 0 0.29\n", "a.xyz", "atoms 1 (H1) and 2 (Li2)");
}

TEST(ReadXyz, FramesFollowOneAnother) {
  const auto frames = parse_xyz_frames("1\nfirst\nH 0 0 0\n\n1\nsecond\nH 0 0 1\n\n", "a.xyz");
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[1].title, "second");
  EXPECT_EQ(frames[1].sites[0].position_cart.z(), bohr_from_angstrom(1.0));
  const auto refused = [](const std::string& text, const std::string& place,
                          const std::string& word) {
    expect_error(
        ErrorKind::input, [&] { (void)parse_xyz_frames(text, "a.xyz"); }, place, word);
  };
  refused("1\n\nH 0 0 0\n1\n\nHe 0 0 1\n", "a.xyz", "frame 2 has other atoms");
  refused("1\n\nH 0 0 0\n2\n\nH 0 0 1\n", "a.xyz:7:", "atom 2 is missing");
  refused("1\n\nH 0 0 0\n0\n\nH 0 0 1\n", "a.xyz:4:", "number of atoms");
  refused("2\n\nH 0 0 0\nH 0 0 1\n2\n\nH 0 0 1\nH 0 0 1\n", "frame 2", "Angstrom apart");
}

TEST(ReadStructure, NamesTheFileThatCannotBeUsed) {
  expect_error(
      ErrorKind::input, [] { (void)read_structure("no/such/file.xyz"); }, "no/such/file.xyz");
  expect_error(
      ErrorKind::input, [] { (void)parse_structure("", "a.pdb"); }, ".pdb", ".cif");
}

}  // namespace
}  // namespace kedge::structure
