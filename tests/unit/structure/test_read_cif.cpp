// SPDX-License-Identifier: BSD-3-Clause
#include <Eigen/LU>
#include <cmath>
#include <map>

#include "kedge/core/units.hpp"
#include "kedge/structure/cluster.hpp"
#include "kedge/structure/read_cif.hpp"
#include "kedge/structure/read_structure.hpp"
#include "support.hpp"

namespace kedge::structure {
namespace {

using test::expect_error;
using test::input_file;

/// A cubic cell of 4 Angstrom; `rest` is symmetry and atoms.
std::string cubic(const std::string& rest) {
  return "data_cubic\n"
         "_cell_length_a 4.00(1)\n_cell_length_b 4\n_cell_length_c 4\n"
         "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n" +
         rest;
}
std::string operations(const std::string& list) {
  return "loop_\n_symmetry_equiv_pos_as_xyz\n" + list;
}
std::string atoms(const std::string& list, const std::string& columns = "") {
  return "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n" +
         columns + list;
}
const char* const kInversion = "x,y,z\n-x,-y,-z\n";

void expect_input_error(const std::string& text, const std::string& place,
                        const std::string& word) {
  expect_error(
      ErrorKind::input, [&] { (void)parse_cif(text, "a.cif"); }, place, word);
}

TEST(ReadCif, ModelCrystalOfInputs) {
  const Structure crystal = read_structure(input_file("nacb11h12/NaCB11H12_Pca21_model.cif"));
  EXPECT_TRUE(crystal.periodic);
  EXPECT_EQ(crystal.sites.size(), 100U);
  EXPECT_EQ(sum_formula(crystal), "C4H48B44Na4");
  std::map<int, int> classes;
  for (const Site& site : crystal.sites) ++classes[site.equivalence_class];
  EXPECT_EQ(classes.size(), 25U);
  for (const auto& [first, count] : classes) {
    EXPECT_EQ(count, 4);
    EXPECT_EQ(multiplicity(crystal, first), 4);
  }
  EXPECT_EQ(crystal.sites[8].label, "B1");
  EXPECT_EQ(crystal.sites[9].label, "B1_2");
  EXPECT_EQ(crystal.sites[9].equivalence_class, 8);
  const Eigen::Vector3d frac = crystal.cell.inverse() * crystal.sites[9].position_cart;
  // -x, -y, z + 1/2 of B1 (-0.131258, 0.318829, 0.927863), brought into the cell.
  const Eigen::Vector3d expected(0.131258, 0.681171, 0.427863);
  EXPECT_LT((frac - expected).norm(), 1e-12);  // rounding of a few products of order 1
}

TEST(ReadCif, RockSaltOfInputs) {
  const Structure crystal = read_structure(input_file("lif/LiF.cif"));
  EXPECT_EQ(sum_formula(crystal), "F4Li4");
  EXPECT_EQ(multiplicity(crystal, 0), 4);
  EXPECT_EQ(multiplicity(crystal, 7), 4);
  // Rounding of one division; the nearest neighbours are a/2 apart.
  EXPECT_NEAR(angstrom_from_bohr(closest_pair(crystal).distance), 4.0263 / 2, 1e-12);
}

TEST(ReadCif, ByteOrderMarkAndWindowsLinesAreRead) {
  std::string text = "\xEF\xBB\xBF" + cubic(operations("x,y,z\n") + atoms("C1 0 0 0\n"));
  EXPECT_EQ(parse_cif(text, "a.cif").sites.size(), 1U);
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
    text.replace(at, 1, "\r\n");
  }
  EXPECT_EQ(parse_cif(text, "a.cif").sites.size(), 1U);
}

TEST(ReadCif, CellVectorsHaveTheGivenLengthsAndAngles) {
  const std::string text =
      "data_triclinic\n_cell.length_a 3\n_cell.length_b 4\n_cell.length_c 5\n"
      "_cell.angle_alpha 70\n_cell.angle_beta 80\n_cell.angle_gamma 100\n" +
      operations("x,y,z\n") + atoms("C1 0 0 0\n");
  const Eigen::Matrix3d cell = parse_cif(text, "a.cif").cell * kBohrAngstrom;
  const auto degrees = [&](int i, int j) {
    return std::acos(cell.col(i).normalized().dot(cell.col(j).normalized())) * 180.0 / kPi;
  };
  // Rounding through a cosine and its inverse at angles far from 0.
  EXPECT_NEAR(cell.col(2).norm(), 5.0, 1e-12);
  EXPECT_NEAR(degrees(1, 2), 70.0, 1e-10);
  EXPECT_NEAR(degrees(0, 2), 80.0, 1e-10);
  EXPECT_NEAR(degrees(0, 1), 100.0, 1e-10);
  EXPECT_GT(cell.determinant(), 0.0);
}

TEST(ReadCif, RoundedSpecialPositionIsMergedAndMadeExact) {
  // (0.3333, 0.6667, 0) lies 4e-5 from the threefold axis of P3: one atom, not three.
  const std::string text =
      "data_p3\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 5\n"
      "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 120\n"
      "_space_group_IT_number 143\n" +
      operations("x,y,z\n-y,x-y,z\ny-x,-x,z\n") + atoms("C1 0.3333 0.6667 0\nB1 0.1 0.25 0.5\n");
  const Structure crystal = parse_cif(text, "a.cif");
  ASSERT_EQ(crystal.sites.size(), 4U);
  EXPECT_EQ(multiplicity(crystal, 0), 1);
  EXPECT_EQ(multiplicity(crystal, 1), 3);
  const Eigen::Vector3d frac = crystal.cell.inverse() * crystal.sites[0].position_cart;
  EXPECT_LT((frac - Eigen::Vector3d(1.0 / 3, 2.0 / 3, 0)).norm(), 1e-12);  // rounding
}

TEST(ReadCif, SymmetryFromSymbols) {
  const auto sites = [](const std::string& symmetry) {
    return parse_cif(cubic(symmetry + atoms("C1 0.1 0.2 0.3\n")), "a.cif").sites.size();
  };
  EXPECT_EQ(sites("_space_group_name_Hall '-P 1'\n"), 2U);
  EXPECT_EQ(sites("_space_group_name_H-M_alt 'P -1'\n"), 2U);
  EXPECT_EQ(sites("_space_group_name_H-M_alt 'P 21/c'\n"), 4U);
  expect_input_error(cubic("_space_group_name_H-M_alt 'F d -3 m'\n" + atoms("C1 0 0 0\n")),
                     "a.cif:8:", "settings");
  EXPECT_EQ(
      parse_cif(cubic("_space_group_name_H-M_alt 'F d -3 m:2'\n" + atoms("C1 0.125 0.125 0.125\n")),
                "a.cif")
          .sites.size(),
      8U);
  expect_input_error(cubic("_space_group_name_H-M_alt 'Q 7'\n" + atoms("C1 0 0 0\n")),
                     "a.cif:8:", "not known");
  expect_input_error(cubic(atoms("C1 0 0 0\n")), "a.cif", "no symmetry");
}

TEST(ReadCif, OperationsAreChecked) {
  const std::string site = atoms("C1 0.1 0.2 0.3\n");
  expect_input_error(cubic(operations("x,y,z\nx,y,nonsense\n") + site), "a.cif:8:", "operation 2");
  expect_input_error(cubic(operations("x,y,z\n-y,x,z\n") + site), "a.cif:8:", "no group");
  expect_input_error(cubic(operations("x,y,z\nx,y,z\n") + site), "a.cif:8:", "repeats operation 1");
  expect_input_error(cubic(operations("x,y,z\n-y,x-y,z\ny-x,-x,z\n") + site),
                     "a.cif:8:", "operation 2 does not leave the cell");
}

TEST(ReadCif, SpaceGroupOfFileIsCompared) {
  const std::string rest = operations(kInversion) + atoms("C1 0.1 0.2 0.3\n");
  EXPECT_NO_THROW((void)parse_cif(cubic("_symmetry_Int_Tables_number 2\n" + rest), "a.cif"));
  expect_input_error(cubic("_symmetry_Int_Tables_number 29\n" + rest), "a.cif:8:",
                     "names space group 29, but its 2 symmetry operations form number 2");
  expect_input_error(cubic("_symmetry_space_group_name_H-M 'P m'\n" + rest),
                     "a.cif:8:", "number 6");
}

TEST(ReadCif, DisorderIsRefusedWithTheSiteNamed) {
  const std::string p1 = operations("x,y,z\n");
  expect_input_error(cubic(p1 + atoms("C1 0 0 0 1\nB2 .5 .5 .5 0.5\n", "_atom_site_occupancy\n")),
                     "site B2", "occupancy 0.5");
  EXPECT_EQ(parse_cif(cubic(p1 + atoms("C1 0 0 0 1.0\nB2 .5 .5 .5 ?\n", "_atom_site_occupancy\n")),
                      "a.cif")
                .sites.size(),
            2U);
  expect_input_error(
      cubic(p1 + atoms("C1 0 0 0 .\nB2 .5 .5 .5 2\n", "_atom_site_disorder_group\n")), "site B2",
      "disorder_group 2");
  expect_input_error(cubic(p1 + atoms("C1 0 0 0 dum\n", "_atom_site_calc_flag\n")), "site C1",
                     "dummy");
}

TEST(ReadCif, SitesAreChecked) {
  const std::string p1 = operations("x,y,z\n");
  expect_input_error(cubic(p1 + atoms("C1 0 0 ?\n")), "a.cif:11: site C1", "fract_z");
  expect_input_error(cubic(p1 + atoms("Q1 0 0 0\n")), "site Q1", "no element");
  expect_input_error(cubic(operations(kInversion) + atoms("C1 .1 .2 .3\nC2 .9 .8 .7\n")), "(C1_2)",
                     "(C2)");
  // 0.01 x 4 Angstrom from the inversion centre: images 0.08 Angstrom apart.
  expect_input_error(cubic(operations(kInversion) + atoms("C1 .01 0 0\n")), "(C1)", "apart");
}

TEST(ReadCif, MissingPartsAreNamed) {
  const std::string atom = operations("x,y,z\n") + atoms("C1 0 0 0\n");
  expect_input_error("data_a\n_cell_length_a 4\n" + atom, "a.cif", "_cell_angle_alpha");
  expect_input_error("data_a\n_cell_length_a 1e300\n_cell_angle_alpha 90\n" + atom, "a.cif",
                     "up to 10000 Angstrom");
  expect_input_error(cubic(operations("x,y,z\n") + atoms("C1 1e18 0 0\n")), "site C1", "1e18");
  expect_input_error("data_a\n_cell_length_a four\n" + atom, "a.cif:2:", "four");
  expect_input_error(cubic(operations("x,y,z\n")), "a.cif", "_atom_site_fract_x");
  expect_input_error("data_a\n_tag_without_value\n", "a.cif", "no valid CIF");
  expect_input_error(cubic(atom) + cubic(atom), "a.cif", "CIF");
}

TEST(ReadCif, FormulaTimesZIsCompared) {
  const std::string rest = operations(kInversion) + atoms("C1 .1 .2 .3\n");
  const std::string z = "_cell_formula_units_Z 2\n";
  EXPECT_NO_THROW((void)parse_cif(cubic("_chemical_formula_sum C\n" + z + rest), "a.cif"));
  expect_input_error(cubic("_chemical_formula_sum 'C H4'\n" + z + rest), "a.cif",
                     "0 atoms of H, but formula \"C H4\" times Z = 2 wants 8");
}

}  // namespace
}  // namespace kedge::structure
