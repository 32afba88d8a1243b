// SPDX-License-Identifier: BSD-3-Clause
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>

#include "kedge/core/units.hpp"
#include "kedge/structure/cluster.hpp"
#include "kedge/structure/read_cif.hpp"
#include "kedge/structure/read_structure.hpp"
#include "kedge/structure/read_xyz.hpp"
#include "support.hpp"

namespace kedge::structure {
namespace {

using test::expect_error;
using test::input_file;
using testing::ElementsAre;

Structure lithium_fluoride() {
  return read_structure(input_file("lif/LiF.cif"));
}
Structure ion_pair() {
  return read_structure(input_file("nacb11h12/NaCB11H12_molecule.xyz"));
}

TEST(Cluster, ShellsOfRockSalt) {
  const double a = bohr_from_angstrom(4.0263);
  // The sixth shell, (2, 1, 0) a/2, lies at 1.118 a.
  const Cluster cluster = cut_cluster(lithium_fluoride(), 0, 1.05 * a, 1.05 * a);
  // About F: shell s has |n|^2 = s for integer n, Li where the sum of n is odd: 6 Li, 12 F, 8 Li, 6
  // F.
  struct Shell {
    int size;
    int atomic_number;
    double squared;
  };
  std::size_t next = 0;
  for (const Shell& shell : {Shell{1, 9, 0.0}, Shell{6, 3, 1.0}, Shell{12, 9, 2.0},
                             Shell{8, 3, 3.0}, Shell{6, 9, 4.0}}) {
    for (int n = 0; n < shell.size; ++n, ++next) {
      ASSERT_LT(next, cluster.atoms.size());
      EXPECT_EQ(cluster.atoms[next].atomic_number, shell.atomic_number);
      // Rounding of sums of numbers of order 10 bohr.
      EXPECT_NEAR(cluster.atoms[next].position_cart.norm(), 0.5 * a * std::sqrt(shell.squared),
                  1e-12);
    }
  }
  EXPECT_EQ(next, cluster.atoms.size());
  EXPECT_EQ(cluster.n_scatterers, 33);
}

TEST(Cluster, RotationsCarryTheSurroundingsOntoThoseOfEachImage) {
  const Structure crystal = read_structure(input_file("nacb11h12/NaCB11H12_Pca21_model.cif"));
  const int site = select_absorbers(crystal, "C").front();
  const auto rotations = rotations_within_class(crystal, site);
  ASSERT_EQ(static_cast<int>(rotations.size()), multiplicity(crystal, site));
  ASSERT_EQ(rotations.size(), 4U);
  const double radius = bohr_from_angstrom(4.0);
  const Cluster from = cut_cluster(crystal, site, radius, radius);
  std::size_t next = 0;
  for (std::size_t image = 0; image < crystal.sites.size(); ++image) {
    if (crystal.sites[image].equivalence_class !=
        crystal.sites[static_cast<std::size_t>(site)].equivalence_class) {
      continue;
    }
    const Eigen::Matrix3d& rotation = rotations[next++];
    EXPECT_LT((rotation.transpose() * rotation - Eigen::Matrix3d::Identity()).norm(), 1e-9);
    const Cluster to = cut_cluster(crystal, static_cast<int>(image), radius, radius);
    ASSERT_EQ(to.atoms.size(), from.atoms.size());
    for (const ClusterAtom& atom : from.atoms) {
      const Eigen::Vector3d wanted = rotation * atom.position_cart;
      // Coordinates of the file expanded by its operations: rounding of some 100 bohr.
      EXPECT_TRUE(std::ranges::any_of(to.atoms, [&](const ClusterAtom& other) {
        return other.atomic_number == atom.atomic_number &&
               (other.position_cart - wanted).norm() < 1e-9;
      })) << image;
    }
  }
  EXPECT_EQ(rotations_within_class(ion_pair(), 3).size(), 1U);
}

TEST(Cluster, EveryAbsorberOfOneClassHasTheSameCountsAndShellsOnTheLimitAreWhole) {
  const Structure crystal = lithium_fluoride();
  const double a = bohr_from_angstrom(4.0263);
  for (int site = 0; site < 8; ++site) {
    const Cluster cluster = cut_cluster(crystal, site, a / 2, a);
    EXPECT_EQ(cluster.atoms.front().site, site);
    EXPECT_EQ(cluster.n_scatterers, 7);
    EXPECT_EQ(cluster.atoms.size(), 33U);
  }
}

TEST(Cluster, LargeSuperpositionSphereHasTheMeanDensity) {
  const Structure crystal = read_structure(input_file("nacb11h12/NaCB11H12_Pca21_model.cif"));
  const double radius = 25.0;
  const Cluster cluster = cut_cluster(crystal, 8, bohr_from_angstrom(5.0), radius);
  const double volume = std::abs(crystal.cell.determinant());
  const double expected = 100.0 * 4.0 / 3.0 * kPi * std::pow(radius, 3) / volume;
  // Atoms that the surface cuts: of a layer one bond (3.4 bohr) thick, 4 pi r^2 * 3.4 * density,
  // about 400, the count fluctuates by a few times the square root.
  EXPECT_NEAR(static_cast<double>(cluster.atoms.size()), expected, 80.0);
  EXPECT_TRUE(
      std::is_sorted(cluster.atoms.begin(), cluster.atoms.end(), [](const auto& x, const auto& y) {
        // The order is by steps of 1e-6 bohr.
        return x.position_cart.norm() < y.position_cart.norm() - 2e-6;
      }));
  EXPECT_LE(cluster.atoms.back().position_cart.norm(), radius + 2e-6);
}

TEST(Cluster, SkewedCellHasAllImages) {
  // The same simple cubic lattice of 4 Angstrom, once by a cubic and once by a very skewed cell.
  const std::string atom =
      "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n"
      "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
      "C1 0 0 0\n";
  Structure crystal = parse_cif(
      "data_a\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4\n"
      "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n" +
          atom,
      "a.cif");
  const double a = bohr_from_angstrom(4.0);
  const std::size_t cubic = cut_cluster(crystal, 0, a, 3.0 * a).atoms.size();
  crystal.cell.col(2) += 3.0 * crystal.cell.col(0) - 2.0 * crystal.cell.col(1);
  EXPECT_EQ(cubic, 123U);  // integer points with |n|^2 <= 9
  EXPECT_EQ(cut_cluster(crystal, 0, a, 3.0 * a).atoms.size(), cubic);
  EXPECT_NEAR(closest_pair(crystal).distance, a, 1e-12);  // rounding
}

TEST(Cluster, MoleculeGivesAllItsAtomsToTheSuperposition) {
  const Cluster cluster =
      cut_cluster(ion_pair(), 1, bohr_from_angstrom(2.0), bohr_from_angstrom(2.0));
  EXPECT_EQ(cluster.atoms.size(), 25U);
  // A boron of the cage: itself, five cage neighbours (1.7 to 1.8 Angstrom), one hydrogen (1.2).
  EXPECT_EQ(cluster.n_scatterers, 7);
  EXPECT_EQ(cluster.atoms[0].site, 1);
  EXPECT_EQ(cluster.atoms[1].atomic_number, 1);
}

TEST(Cluster, RadiiAreChecked) {
  const Structure molecule = ion_pair();
  expect_error(
      ErrorKind::input, [&] { (void)cut_cluster(molecule, 0, 0.0, 1.0); }, "cluster radius");
  expect_error(
      ErrorKind::input, [&] { (void)cut_cluster(molecule, 0, 2.0, 1.0); }, "superposition radius");
}

TEST(Distances, ClashesNameBothAtoms) {
  Structure molecule = ion_pair();
  EXPECT_NO_THROW(check_distances(molecule));
  molecule.sites[4].position_cart = molecule.sites[2].position_cart;
  expect_error(
      ErrorKind::input, [&] { check_distances(molecule); }, "atoms 3 (B3) and 5 (B5)");
  molecule.sites[4].position_cart += Eigen::Vector3d(bohr_from_angstrom(0.45), 0.0, 0.0);
  expect_error(
      ErrorKind::input, [&] { check_distances(molecule); }, "0.4500 Angstrom apart");
  const Structure atom = parse_xyz("1\n\nHe 0 0 0\n", "he.xyz");
  EXPECT_EQ(closest_pair(atom).distance, std::numeric_limits<double>::infinity());
}

// A row of atoms far longer than any molecule, in an order that is not that of the row: the closest
// pair is the one that was put in, and the search does not hold each atom against each other.
TEST(Distances, ClosestPairOfAHundredThousandAtoms) {
  constexpr int kAtoms = 100000;
  Structure row;
  for (int i = 0; i < kAtoms; ++i) {
    Site site;
    site.atomic_number = 1;
    site.position_cart =
        Eigen::Vector3d(2.0 * static_cast<double>((i * 7919LL) % kAtoms), 0.0, 0.0);
    row.sites.push_back(site);
  }
  row.sites[4321].position_cart = row.sites[77].position_cart + Eigen::Vector3d(0.0, 1.5, 0.5);
  const ClosestPair closest = closest_pair(row);
  EXPECT_EQ(closest.first, 77);
  EXPECT_EQ(closest.second, 4321);
  EXPECT_NEAR(closest.distance, std::sqrt(2.5), 1e-9);  // rounding of coordinates up to 2e5
}

TEST(Absorbers, ByElement) {
  EXPECT_THAT(select_absorbers(ion_pair(), "B"), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
  EXPECT_THAT(select_absorbers(ion_pair(), " na "), ElementsAre(24));
  const Structure crystal = read_structure(input_file("nacb11h12/NaCB11H12_Pca21_model.cif"));
  const auto chosen = select_absorbers(crystal, "B");
  EXPECT_EQ(chosen.size(), 11U);
  EXPECT_EQ(chosen.front(), 8);
  EXPECT_EQ(chosen[1], 12);
}

TEST(Absorbers, ByNumbers) {
  EXPECT_THAT(select_absorbers(ion_pair(), "12, 2,4-6"), ElementsAre(1, 3, 4, 5, 11));
  EXPECT_THAT(select_absorbers(ion_pair(), "25"), ElementsAre(24));
}

TEST(Absorbers, WrongChoices) {
  const Structure molecule = ion_pair();
  const auto expect_refusal = [&](const std::string& text, const std::string& word) {
    expect_error(
        ErrorKind::input, [&] { (void)select_absorbers(molecule, text); }, "absorber", word);
  };
  expect_refusal("", "nothing");
  expect_refusal("O", "there is no O");
  expect_refusal("Boron", "\"Boron\"");
  expect_refusal("0", "\"0\"");
  expect_refusal("2,,3", "\"\"");
  expect_refusal("5-3", "\"5-3\"");
  expect_refusal("26", "there is no atom 26");
  expect_refusal("2-4,3", "atom 3 is given twice");
  expect_refusal("1,2", "one element at a time");
  const Structure crystal = lithium_fluoride();
  expect_error(
      ErrorKind::input, [&] { (void)select_absorbers(crystal, "1,2"); }, "symmetry-equivalent");
}

}  // namespace
}  // namespace kedge::structure
