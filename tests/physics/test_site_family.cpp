// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/site_family.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"

namespace kedge::physics {
namespace {

/// BH3, the boron first.
structure::Structure borane() {
  structure::Structure molecule;
  const double bond = bohr_from_angstrom(1.19);
  for (int i = 0; i < 4; ++i) {
    const double phi = 2.0 * kPi * i / 3.0 + 0.2;
    structure::Site site;
    site.atomic_number = i == 0 ? 5 : 1;
    site.label = std::string(i == 0 ? "B" : "H");
    if (i > 0) site.position_cart = bond * Eigen::Vector3d(std::cos(phi), std::sin(phi), 0.3);
    molecule.sites.push_back(site);
  }
  return molecule;
}

io::Input input(const std::string& grid, const std::string& more) {
  return io::parse_input(
      "[structure]\nfile = bh3.xyz\nabsorber = B\nradius = 2.5\n[energy]\ngrid = " + grid +
          "\nfermi = -4\n[potential]\nouter = -2\n"
          "[xrs]\nq = 4.5\n[engine]\nenergies = reduced\n" +
          more,
      "test", ".", {});
}

double total(const campaign::EnergyResult& result) {
  double sum = 0.0;
  for (const double s : result.s) sum += s;
  return sum;
}

TEST(SiteFamily, TellsTheErrorOfTheGrid) {
  const structure::Structure structure = borane();
  const io::Input coarse = input("3:0.5:16", "spacing = 0.32\ngrid_error = yes\n");
  const campaign::CaseParameters parameters = campaign::cases(coarse).front();
  campaign::SiteFamily family(MPI_COMM_WORLD, {{coarse, parameters}}, structure, 0);
  EXPECT_TRUE(std::isnan(family.grid_error(0)));
  for (const double e : coarse.energy.grid_ev) static_cast<void>(family.solve(0, e));
  const double estimate = family.grid_error(0);
  // Against a step of 0.22 Angstrom, which errs 4.5 times less.
  fdm::WindowSettings settings;
  settings.widest_cell = hartree_from_ev(coarse.engine.energy_cell_ev);
  settings.smearing = hartree_from_ev(0.25);
  campaign::SiteCalculation calculation(MPI_COMM_WORLD, coarse, structure, 0, parameters);
  const auto with_step = [&](double angstrom) {
    return calculation.solve_on(bohr_from_angstrom(angstrom), coarse.energy.grid_ev, settings);
  };
  const std::vector<campaign::EnergyResult> found = with_step(0.32);
  const std::vector<campaign::EnergyResult> exact = with_step(0.22);
  double error = 0.0;
  double largest = 0.0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    error = std::max(error, std::abs(total(found[i]) - total(exact[i])));
    largest = std::max(largest, total(found[i]));
  }
  error /= largest;
  // An estimate, not a bound: 1.27 % against 1.15 %. With 1.6 steps to the radius of hydrogen the
  // place of the nodes in its sphere moves the error of one step by a factor of 2 (0.9 and 1.8 % at
  // 0.28 and 0.30 Angstrom). It must not be much too small, nor tell nothing.
  RecordProperty("error", std::to_string(error) + " " + std::to_string(estimate));
  EXPECT_LT(error, 1.2 * estimate);
  EXPECT_LT(estimate, 5.0 * error);
}

// What a member of a family errs by is no error of the grid: the two are compared by models of the
// case's own.
TEST(SiteFamily, TellsTheSameErrorOfTheGridInAFamily) {
  const structure::Structure structure = borane();
  const io::Input both =
      input("3:1:16", "spacing = 0.32\ngrid_error = yes\n[absorber]\nscreening = 1, 0.9\n");
  std::vector<campaign::CaseInput> cases;
  for (const campaign::CaseParameters& parameters : campaign::cases(both)) {
    cases.push_back({campaign::input_of_case(both, parameters), parameters});
  }
  ASSERT_EQ(cases.size(), 2U);
  const auto told = [&](const std::vector<campaign::CaseInput>& members) {
    campaign::SiteFamily family(MPI_COMM_WORLD, members, structure, 0);
    for (const double e : both.energy.grid_ev) static_cast<void>(family.solve(0, e));
    return family.grid_error(0);
  };
  const double alone = told({cases[0]});
  // The local potentials of a family are as deep as those of one of its cases, which the grid's
  // error follows a little.
  EXPECT_NEAR(told(cases), alone, 0.1 * alone);
}

TEST(SiteFamily, SolvesASingleEnergyDirectly) {
  const structure::Structure structure = borane();
  const auto at_five = [&](const std::string& energies) {
    io::Input one = input("5", "spacing = 0.4\n");
    one.engine.energies = energies;
    campaign::SiteFamily family(MPI_COMM_WORLD, {{one, campaign::cases(one).front()}}, structure,
                                0);
    return family.solve(0, 5.0).s;
  };
  EXPECT_EQ(at_five("reduced"), at_five("direct"));
}

TEST(SiteFamily, GivesNoEnergyAtWhichTheModelDoesNotDo) {
  const structure::Structure structure = borane();
  io::Input hopeless = input("5:1:8", "spacing = 0.4\n");
  hopeless.engine.reduction_tolerance = 1e-9;  // below what is added for what no model sees
  campaign::SiteFamily family(MPI_COMM_WORLD, {{hopeless, campaign::cases(hopeless).front()}},
                              structure, 0);
  for (const double e : {5.0, 6.0}) {
    try {
      static_cast<void>(family.solve(0, e));
      FAIL() << e;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::numerical);
      EXPECT_THAT(error.what(), testing::HasSubstr("reduced model"));
      EXPECT_TRUE(family.at_hand(0, e));  // not to be made again for the next energy
    }
  }
}

}  // namespace
}  // namespace kedge::physics
