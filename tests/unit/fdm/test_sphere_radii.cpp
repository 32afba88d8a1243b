// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/sphere_radii.hpp"

namespace kedge::fdm {
namespace {

potential::Nucleus nucleus(int z, double x_angstrom) {
  return {Eigen::Vector3d(bohr_from_angstrom(x_angstrom), 0.0, 0.0), z};
}

void expect_input_error(const std::string& word, const std::vector<potential::Nucleus>& scatterers,
                        const std::map<int, double>& given) {
  try {
    static_cast<void>(sphere_radii(scatterers, given));
    FAIL() << "no error about " << word;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_THAT(error.what(), testing::HasSubstr(word));
  }
}

TEST(SphereRadii, PreferredOnesWhereThereIsRoom) {
  EXPECT_NEAR(preferred_sphere_radius(1), bohr_from_angstrom(0.55), 1e-12);
  EXPECT_NEAR(preferred_sphere_radius(6), bohr_from_angstrom(0.75), 1e-12);
  EXPECT_GE(preferred_sphere_radius(11), bohr_from_angstrom(0.9));
  EXPECT_GE(preferred_sphere_radius(29), bohr_from_angstrom(0.9));
  const auto radii = sphere_radii({nucleus(6, 0.0), nucleus(1, 2.0), nucleus(11, -3.0)}, {});
  EXPECT_DOUBLE_EQ(radii[0], preferred_sphere_radius(6));
  EXPECT_DOUBLE_EQ(radii[1], preferred_sphere_radius(1));
  EXPECT_DOUBLE_EQ(radii[2], preferred_sphere_radius(11));
}

TEST(SphereRadii, ShareTheDistanceInProportion) {
  // C-H at 1.0 Angstrom: the preferred radii do not fit.
  const auto radii = sphere_radii({nucleus(6, 0.0), nucleus(1, 1.0)}, {});
  const double c = sphere_share(6), h = sphere_share(1);
  EXPECT_NEAR(radii[0] + radii[1], bohr_from_angstrom(1.0), 1e-12);
  EXPECT_NEAR(radii[0] / radii[1], c / h, 1e-12);
}

TEST(SphereRadii, GivenOnesAreKept) {
  // The neighbour takes what is left.
  const double given = bohr_from_angstrom(0.7);
  const auto radii = sphere_radii({nucleus(6, 0.0), nucleus(1, 1.0)}, {{6, given}});
  EXPECT_DOUBLE_EQ(radii[0], given);
  EXPECT_NEAR(radii[1], bohr_from_angstrom(0.3), 1e-12);
  // Two given spheres that touch are accepted.
  EXPECT_NO_THROW(static_cast<void>(sphere_radii({nucleus(6, 0.0), nucleus(6, 1.5)},
                                                 {{6, bohr_from_angstrom(0.75) * (1.0 - 1e-12)}})));
}

TEST(SphereRadii, RefusesWhatDoesNotFit) {
  expect_input_error("overlap", {nucleus(6, 0.0), nucleus(6, 1.4)},
                     {{6, bohr_from_angstrom(0.75)}});
  expect_input_error("room", {nucleus(6, 0.0), nucleus(1, 1.0)}, {{6, bohr_from_angstrom(1.1)}});
}

TEST(SphereRadii, NoTwoSpheresOverlap) {
  const std::vector<potential::Nucleus> cluster = {
      nucleus(6, 0.0), nucleus(1, 1.05), nucleus(9, -1.2), nucleus(11, 2.6), nucleus(6, -2.5)};
  const auto radii = sphere_radii(cluster, {});
  for (std::size_t a = 0; a < cluster.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const double d = (cluster[a].position_cart - cluster[b].position_cart).norm();
      EXPECT_LE(radii[a] + radii[b], d * (1.0 + 1e-12));
    }
  }
}

}  // namespace
}  // namespace kedge::fdm
