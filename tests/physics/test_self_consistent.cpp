// SPDX-License-Identifier: BSD-3-Clause
/// The self-consistent potential of N2 and of N2 with a core hole.
#include <gtest/gtest.h>
#include <mpi.h>

#include <numeric>
#include <string>

#include "kedge/campaign/self_consistent.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"

namespace kedge::physics {
namespace {

/// N2 along z, 1.098 Angstrom.
structure::Structure nitrogen() {
  structure::Structure molecule;
  for (int i = 0; i < 2; ++i) {
    structure::Site site;
    site.atomic_number = 7;
    site.label = "N";
    site.position_cart = Eigen::Vector3d(0.0, 0.0, i * bohr_from_angstrom(1.098));
    molecule.sites.push_back(site);
  }
  return molecule;
}

io::Input input_with(const std::string& more) {
  return io::parse_input(
      "[structure]\nfile = n2.xyz\nabsorber = N\nradius = 3\n[energy]\ngrid = 0:1:3\n[xrs]\nq = "
      "3\n" +
          more,
      "test", {}, {});
}

TEST(SelfConsistent, EqualAtomsKeepTheirCharge) {
  const io::Input input = input_with("[absorber]\ncore_hole = no\n");
  const structure::Structure molecule = nitrogen();
  const campaign::SiteAtoms atoms(input, molecule, 0, {1.0, 0.0});
  const auto found = campaign::self_consistent(MPI_COMM_WORLD, input, atoms);
  EXPECT_LE(found.changes.size(), 20U);
  // By symmetry nothing goes from one atom to the other, and in all spheres the number is kept:
  // limit of convergence, 0.005.
  EXPECT_NEAR(found.charge_change[0], 0.0, 0.005);
  EXPECT_NEAR(found.charge_change[1], 0.0, 0.005);
  EXPECT_NEAR(found.charge_change[0] + found.charge_change[1], 0.0, 1e-3);
  // The potential of a change that is no charge ends with the sphere: the trapezoids of the atom's
  // mesh leave 1e-4.
  EXPECT_NEAR(found.fields[0]->charge(), -found.charge_change[0], 1e-3);
  const double far = 8.0;
  EXPECT_NEAR((*found.fields[0])(far).electrostatic,
              (*atoms.fields(false)[0])(far).electrostatic + found.charge_change[0] / far, 1e-3);
}

TEST(SelfConsistent, AHoleIsAnsweredAndTheChargeKept) {
  for (const double screening : {1.0, 0.0}) {
    const io::Input input =
        input_with("[absorber]\nscreening = " + std::to_string(screening) + "\n");
    const structure::Structure molecule = nitrogen();
    const campaign::SiteAtoms atoms(input, molecule, 0, {screening, 0.0});
    const auto found = campaign::self_consistent(MPI_COMM_WORLD, input, atoms);
    // The bare hole draws electrons from the neighbour; an electron already put on the absorber
    // stays for the most part.
    if (screening == 0.0) {
      EXPECT_GT(found.charge_change[0], 0.1);
      EXPECT_LT(found.charge_change[1], -0.1);
    }
    EXPECT_NEAR(found.charge_change[0] + found.charge_change[1], 0.0, 1e-3);
    // Charge of the molecule: 1 - s, as superposed.
    EXPECT_NEAR(found.fields[0]->charge() + found.fields[1]->charge(), 1.0 - screening, 2e-3);
  }
}

TEST(SelfConsistent, SaysSoIfItDoesNotSettle) {
  const io::Input input = input_with("");
  const structure::Structure molecule = nitrogen();
  const campaign::SiteAtoms atoms(input, molecule, 0, {1.0, 0.0});
  try {
    (void)campaign::self_consistent(MPI_COMM_WORLD, input, atoms, 2);
    FAIL() << "settled in two iterations";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::numerical);
    EXPECT_NE(std::string(error.what()).find("potential.mixing"), std::string::npos);
  }
}

}  // namespace
}  // namespace kedge::physics
