// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include "kedge/core/units.hpp"
#include "kedge/structure/cluster.hpp"
#include "kedge/structure/edit.hpp"
#include "kedge/structure/read_cif.hpp"
#include "kedge/structure/read_structure.hpp"
#include "support.hpp"

namespace kedge::structure {
namespace {

using test::expect_error;
using test::input_file;
using testing::ElementsAre;

constexpr double kRounding = 1e-12;  // bohr: a few operations on lengths of order 10

const Structure& cage() {
  static const Structure molecule = read_structure(input_file("nacb11h12/NaCB11H12_molecule.xyz"));
  return molecule;
}

Structure changed(const std::string& swap, const std::string& vacancy = "none") {
  Edit edit;
  edit.swaps = parse_swaps(swap);
  edit.vacancies = parse_vacancies(vacancy);
  return edited(cage(), edit);
}

TEST(Edit, SwapExchangesPlacesAndKeepsNumbers) {
  const Structure made = changed("1<->7");
  EXPECT_EQ(made.sites[0].atomic_number, 6);
  EXPECT_EQ(made.sites[6].atomic_number, 5);
  EXPECT_EQ(made.sites[0].position_cart, cage().sites[6].position_cart);
  EXPECT_EQ(made.sites[6].position_cart, cage().sites[0].position_cart);
  EXPECT_EQ(made.sites[0].label, "C1");
  // The absorber follows its element.
  EXPECT_THAT(select_absorbers(made, "C"), ElementsAre(0));
}

TEST(Edit, SeveralSwapsActOneAfterAnother) {
  const Structure made = changed("1<->7+1<->25");  // carbon to 7, then on to the place of sodium
  EXPECT_EQ(made.sites[0].position_cart, cage().sites[24].position_cart);
  EXPECT_EQ(made.sites[24].position_cart, cage().sites[6].position_cart);
}

TEST(Edit, VacancyKeepsTheNumbersOfTheOthers) {
  const Structure made = changed("none", "25");
  EXPECT_EQ(made.sites.size(), 25U);
  EXPECT_EQ(made.sites[24].atomic_number, 0);
  const Cluster cluster = cut_cluster(made, 0, 20.0, 30.0);
  EXPECT_EQ(cluster.n_scatterers, 24);
  EXPECT_EQ(sum_formula(made), "CH12B11");
}

TEST(Edit, DisplacementFollowsTheLineFromTheCentre) {
  Edit edit;
  edit.displaced = parse_atoms("25");
  edit.along = parse_direction("from 1-12");
  edit.distance = 0.5;
  const Structure made = edited(cage(), edit);
  Eigen::Vector3d centre = Eigen::Vector3d::Zero();
  for (std::size_t i = 0; i < 12; ++i) centre += cage().sites[i].position_cart / 12.0;
  const double before = (cage().sites[24].position_cart - centre).norm();
  EXPECT_NEAR((made.sites[24].position_cart - centre).norm(), before + 0.5, kRounding);
  edit.along = parse_direction("to 1-12");
  EXPECT_NEAR((edited(cage(), edit).sites[24].position_cart - centre).norm(), before - 0.5,
              kRounding);
}

TEST(Edit, NormalPointsToTheSideOfTheDisplacedAtomWhateverTheOrder) {
  Edit edit;
  edit.displaced = parse_atoms("25");
  edit.distance = 0.7;
  for (const char* face : {"normal 7,8,12", "normal 8,7,12"}) {
    edit.along = parse_direction(face);
    const Eigen::Vector3d normal = displacement_direction(cage(), edit);
    EXPECT_NEAR(normal.norm(), 1.0, kRounding);
    const Eigen::Vector3d corner = cage().sites[6].position_cart;
    EXPECT_NEAR(normal.dot(cage().sites[7].position_cart - corner), 0.0, kRounding);
    EXPECT_NEAR(normal.dot(cage().sites[11].position_cart - corner), 0.0, kRounding);
    EXPECT_GT(normal.dot(cage().sites[24].position_cart - corner), 0.0);
    EXPECT_NEAR((edited(cage(), edit).sites[24].position_cart - cage().sites[24].position_cart -
                 0.7 * normal)
                    .norm(),
                0.0, kRounding);
  }
}

TEST(Edit, StrainScalesAllLengthsOrOneDirection) {
  Edit edit;
  edit.strain = 0.1;
  const Structure larger = edited(cage(), edit);
  EXPECT_NEAR((larger.sites[3].position_cart - 1.1 * cage().sites[3].position_cart).norm(), 0.0,
              kRounding);
  edit.strain_along = Eigen::Vector3d::UnitZ();
  const Structure longer = edited(cage(), edit);
  EXPECT_NEAR(longer.sites[3].position_cart.z(), 1.1 * cage().sites[3].position_cart.z(),
              kRounding);
  EXPECT_EQ(longer.sites[3].position_cart.x(), cage().sites[3].position_cart.x());
}

TEST(Edit, CrystalStrainsItsCellAndLosesSymmetryWhereAnAtomMoves) {
  const Structure crystal = read_structure(input_file("nacb11h12/NaCB11H12_Pca21_model.cif"));
  const auto classes = [](const Structure& structure) {
    int count = 0;
    for (std::size_t i = 0; i < structure.sites.size(); ++i) {
      if (structure.sites[i].equivalence_class == static_cast<int>(i)) ++count;
    }
    return count;
  };
  ASSERT_EQ(classes(crystal), 25);
  Edit edit;
  edit.strain = 0.02;
  const Structure strained = edited(crystal, edit);
  EXPECT_NEAR((strained.cell - 1.02 * crystal.cell).norm(), 0.0,
              1e-10);  // bohr, rounding of lengths of order 20
  EXPECT_EQ(classes(strained), 25);
  Edit move;
  move.displaced = {0};
  move.along = parse_direction("1, 0.3, 0.2");
  move.distance = 0.2;
  // One of four equivalent atoms moves off its place: nothing but the identity is left.
  EXPECT_EQ(classes(edited(crystal, move)), static_cast<int>(crystal.sites.size()));
}

TEST(Edit, DistanceToAnElementIsThatOfTheNearestAtom) {
  const auto length = [](int a, int b) {
    return (cage().sites[static_cast<std::size_t>(a)].position_cart -
            cage().sites[static_cast<std::size_t>(b)].position_cart)
        .norm();
  };
  EXPECT_NEAR(nearest_distance(cage(), 0, "Na"), length(0, 24), kRounding);
  EXPECT_NEAR(nearest_distance(cage(), 0, "13"), length(0, 12), kRounding);
  EXPECT_TRUE(std::isnan(nearest_distance(cage(), 0, "Fe")));
  EXPECT_TRUE(std::isnan(nearest_distance(cage(), 0, "C")));  // itself does not count
  const Structure crystal = read_structure(input_file("lif/LiF.cif"));
  int fluorine = 0;
  while (crystal.sites[static_cast<std::size_t>(fluorine)].atomic_number != 9) ++fluorine;
  // Rock salt: half a lattice constant to the other kind, its diagonal over two to the same kind.
  const double a = crystal.cell.col(0).norm();
  EXPECT_NEAR(nearest_distance(crystal, fluorine, "Li"), 0.5 * a, 1e-9);
  EXPECT_NEAR(nearest_distance(crystal, fluorine, "F"), a / std::sqrt(2.0), 1e-9);
}

TEST(NearestDistance, OwnImageInACellThatIsNotReduced) {
  // Between axes of 130 degrees their sum is the shortest way to an image.
  const Structure oblique = kedge::structure::parse_cif(
      "data_x\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 9\n_cell_angle_alpha 90\n"
      "_cell_angle_beta 90\n_cell_angle_gamma 130\n_space_group_name_H-M_alt 'P 1'\n"
      "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n"
      "_atom_site_fract_y\n_atom_site_fract_z\nB1 B 0 0 0\n",
      "oblique.cif");
  EXPECT_NEAR(nearest_distance(oblique, 0, "B"),
              bohr_from_angstrom(8.0 * std::cos(65.0 * kedge::kPi / 180.0)), 1e-9);
}

TEST(Edit, WhatCannotBeIsRefused) {
  expect_error(
      ErrorKind::input, [] { (void)changed("1<->26"); }, "structure.swap", "no atom 26", "1 to 25");
  expect_error(
      ErrorKind::input, [] { (void)changed("2<->3"); }, "both B");
  expect_error(
      ErrorKind::input, [] { (void)changed("none", "30"); }, "structure.vacancy", "no atom 30");
  expect_error(
      ErrorKind::input, [] { (void)changed("none", "1-25"); }, "every atom");
  Edit edit;
  edit.displaced = {24};
  edit.along = parse_direction("to 7");
  edit.distance = nearest_distance(cage(), 24, "7") - bohr_from_angstrom(0.4);
  expect_error(
      ErrorKind::input, [&] { (void)edited(cage(), edit); }, "Angstrom apart", "at least 0.5");
  edit.along = parse_direction("from 25");
  expect_error(
      ErrorKind::input, [&] { (void)edited(cage(), edit); }, "no line");
}

TEST(ParseEdit, RangesAreWrittenOut) {
  EXPECT_THAT(list_of_swaps("none, 1<->2-4"), ElementsAre("none", "1<->2", "1<->3", "1<->4"));
  EXPECT_THAT(list_of_swaps("1<->2+3<->4, 5<->6"), ElementsAre("1<->2+3<->4", "5<->6"));
  EXPECT_THAT(list_of_vacancies("none, 13-15, 24+25"),
              ElementsAre("none", "13", "14", "15", "24+25"));
  EXPECT_THAT(parse_atoms("1-3, 7"), ElementsAre(0, 1, 2, 6));
}

TEST(ParseEdit, SlipsAreNamed) {
  expect_error(
      ErrorKind::input, [] { (void)list_of_swaps("1-900000<->1-900000"); }, "more than 100000");
  expect_error(
      ErrorKind::input, [] { (void)list_of_vacancies("1-900000"); }, "more than 100000");
  expect_error(
      ErrorKind::input, [] { (void)parse_atoms("1-9000000"); }, "9000000");
  for (const char* text : {"1<-7", "1<->", "a<->2", "0<->2", "3<->3", "1<->2<->3", ""}) {
    expect_error(
        ErrorKind::input, [&] { (void)parse_swaps(text); }, " ");
  }
  for (const char* text : {"", "x", "3-1", "1,1", "-4"}) {
    expect_error(
        ErrorKind::input, [&] { (void)parse_atoms(text); }, " ");
  }
  for (const char* text : {"0,0,0", "1,0", "from", "normal 1,2", "up", "from x", "1,nan,0"}) {
    expect_error(
        ErrorKind::input, [&] { (void)parse_direction(text); }, " ");
  }
}

}  // namespace
}  // namespace kedge::structure
