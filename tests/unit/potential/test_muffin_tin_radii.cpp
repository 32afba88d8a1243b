// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <vector>

#include "kedge/atom/atom.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"
#include "kedge/potential/muffin_tin_radii.hpp"
#include "spherical_mean.hpp"

namespace kedge::potential {
namespace {

using Fields = std::vector<std::shared_ptr<const atom::AtomicField>>;

structure::Cluster cluster_of(const std::vector<std::pair<int, Eigen::Vector3d>>& atoms) {
  structure::Cluster cluster;
  for (const auto& [number, angstrom] : atoms) {
    cluster.atoms.push_back({number, bohr_from_angstrom(1.0) * angstrom, 0});
  }
  cluster.n_scatterers = static_cast<int>(cluster.atoms.size());
  return cluster;
}

Fields free_atoms(const structure::Cluster& cluster) {
  std::map<int, std::shared_ptr<const atom::AtomicField>> known;
  Fields fields;
  for (const auto& atom : cluster.atoms) {
    auto& field = known[atom.atomic_number];
    if (!field) {
      field = std::make_shared<const atom::AtomicField>(
          atom::solve_atom(atom.atomic_number, atom::ground_state(atom.atomic_number), {}));
    }
    fields.push_back(field);
  }
  return fields;
}

std::vector<MuffinTinRadius> radii_of(const structure::Cluster& cluster, double overlap) {
  return muffin_tin_radii(cluster, free_atoms(cluster),
                          GroundStateXc(atom::Functional::hedin_lundqvist), overlap);
}

TEST(ChooseRadii, TheLevelWhereItFitsEveryAtom) {
  // Windows of the header at d = 2: radii within 0.25 .. 1.5, next to hydrogen 0.99 .. 1.75, of
  // hydrogen 0.45 .. 1.75.
  const std::vector<RadiusCandidate> atoms = {{6, 8, 2.0, 0.26, 1.0},  {8, 6, 2.0, 1.49, 1.0},
                                              {6, 1, 2.0, 1.0, 1.2},   {1, 6, 2.0, 0.46, 0.8},
                                              {11, 1, 2.0, 1.74, 1.2}, {1, 1, 2.0, 1.74, 0.8}};
  const auto radii = choose_radii(atoms, 0.1);
  ASSERT_EQ(radii.size(), atoms.size());
  for (std::size_t a = 0; a < atoms.size(); ++a) {
    EXPECT_TRUE(level_fits(atoms[a])) << a;
    EXPECT_EQ(radii[a].rule, RadiusRule::level) << a;
    EXPECT_DOUBLE_EQ(radii[a].touching, atoms[a].level / 1.1) << a;
  }
}

TEST(ChooseRadii, OneAtomOutsideTurnsAllToNorman) {
  const std::vector<RadiusCandidate> atoms = {
      {6, 8, 2.0, 1.0, 0.9}, {1, 6, 2.0, 0.8, 0.7}, {11, 1, 4.0, 1.5, 2.5}};
  EXPECT_FALSE(level_fits(atoms[2]));  // 0.75 of half the distance, next to hydrogen
  const auto radii = choose_radii(atoms, 0.1);
  for (std::size_t a = 0; a < atoms.size(); ++a) {
    EXPECT_EQ(radii[a].rule, RadiusRule::norman) << a;
    EXPECT_DOUBLE_EQ(radii[a].touching, atoms[a].norman) << a;
  }
}

TEST(ChooseRadii, HalfTheDistanceWhereNeitherFits) {
  const std::vector<RadiusCandidate> atoms = {
      {6, 8, 2.0, 1.0, 0.9}, {26, 8, 2.0, 1.6, 1.5}, {6, 1, 2.0, 0.9, 0.95}};
  const auto radii = choose_radii(atoms, 0.1);
  EXPECT_EQ(radii[0].rule, RadiusRule::level);
  for (const std::size_t a : {1U, 2U}) {
    EXPECT_EQ(radii[a].rule, RadiusRule::half_distance) << a;
    EXPECT_DOUBLE_EQ(radii[a].touching, 1.0) << a;
  }
}

TEST(ChooseRadii, HydrogenOutsideItsWindow) {
  // min(d/2, 0.8 Angstrom/1.1); it turns no other atom to the Norman rule.
  const std::vector<RadiusCandidate> atoms = {
      {1, 6, 2.0, 0.4, 0.8}, {1, 6, 4.0, 3.6, 1.6}, {6, 1, 2.0, 1.2, 1.2}};
  const auto radii = choose_radii(atoms, 0.1);
  EXPECT_EQ(radii[0].rule, RadiusRule::hydrogen);
  EXPECT_DOUBLE_EQ(radii[0].touching, 1.0);
  EXPECT_EQ(radii[1].rule, RadiusRule::hydrogen);
  EXPECT_DOUBLE_EQ(radii[1].touching, bohr_from_angstrom(0.8) / 1.1);
  EXPECT_EQ(radii[2].rule, RadiusRule::level);
}

TEST(SphericalMean, IsTheMeanOverDirections) {
  // Against a product rule over the sphere. At 0.5 bohr from oxygen the cut-off core of carbon is
  // out of reach; at 1.6 bohr the sphere enters it, and the rule of 60 nodes meets the kink of the
  // cut-off: its error there is of the order of the square of its node spacing times the jump in
  // slope, 1e-3.
  const auto cluster = cluster_of({{8, {0, 0, 0}}, {6, {0.3, 0.4, 1.05}}, {1, {-0.9, 0.2, 0.1}}});
  const Fields fields = free_atoms(cluster);
  const SphericalMean mean(cluster, fields);
  const math::AngularRule rule = math::angular_rule(60);
  const auto core = [&](std::size_t b) {
    double r = 1e-3;
    while ((*fields[b])(r).electrostatic < -0.5) r += 1e-5;
    return r;
  };
  const std::vector<double> cut = {0.0, core(1), core(2)};
  for (const auto& [r, tolerance] : {std::pair{0.5, 1e-6}, std::pair{1.6, 1e-3}}) {
    double v = 0.0, n = 0.0;
    for (std::size_t i = 0; i < rule.weight.size(); ++i) {
      for (std::size_t b = 0; b < fields.size(); ++b) {
        const double s = (r * rule.direction[i] - cluster.atoms[b].position_cart).norm();
        const auto value = (*fields[b])(std::max(s, cut[b]));
        v += rule.weight[i] / (4.0 * kPi) * value.electrostatic;
        n += rule.weight[i] / (4.0 * kPi) * value.density;
      }
    }
    EXPECT_NEAR(mean(0, r).electrostatic / v, 1.0, tolerance) << r;
    EXPECT_NEAR(mean(0, r).density / n, 1.0, tolerance) << r;
  }
}

TEST(MuffinTinRadii, EqualAtomsShareTheDistance) {
  // By symmetry the potentials cross half way, so that R = d/2 for any overlap; 1e-4 from the
  // linear interpolation.
  const auto cluster = cluster_of({{5, {0, 0, 0}}, {5, {0, 0, 1.6}}});
  for (const double overlap : {0.0, 0.1, 0.2}) {
    for (const MuffinTinRadius& r : radii_of(cluster, overlap)) {
      EXPECT_EQ(r.rule, RadiusRule::level);
      EXPECT_NEAR(r.touching / bohr_from_angstrom(0.8), 1.0, 1e-4) << overlap;
    }
  }
}

TEST(MuffinTinRadii, RimsOfAPairLieAtOnePotential) {
  // Carbon monoxide without overlap: the spheres touch, and the potentials are equal at both rims.
  const auto cluster = cluster_of({{6, {0, 0, 0}}, {8, {0, 0, 1.13}}});
  const auto radii = radii_of(cluster, 0.0);
  EXPECT_NEAR((radii[0].touching + radii[1].touching) / bohr_from_angstrom(1.13), 1.0, 2e-4);
  const Fields fields = free_atoms(cluster);
  const SphericalMean mean(cluster, fields);
  const GroundStateXc xc(atom::Functional::hedin_lundqvist);
  const auto v = [&](std::size_t a) {
    const auto value = mean(a, radii[a].touching);
    return value.electrostatic + xc.at_rs(wigner_seitz_radius(value.density));
  };
  EXPECT_NEAR(v(0), v(1), 2e-3);  // slope of 3 hartree/bohr times 1e-4 of the radius, twice
}

TEST(MuffinTinRadii, SodiumNextToABoronHydrideTurnsToNorman) {
  // The level between boron and its hydrogen lies deep in the ion's well: far below half the
  // distance to hydrogen.
  const auto cluster = cluster_of({{5, {0, 0, 0}}, {1, {0, 0, 1.2}}, {11, {0, 0, 3.2}}});
  const auto radii = radii_of(cluster, 0.1);
  for (const MuffinTinRadius& r : radii) EXPECT_EQ(r.rule, RadiusRule::norman);
  // Mutual nearest neighbours share their distance.
  EXPECT_NEAR((radii[0].touching + radii[1].touching) / bohr_from_angstrom(1.2), 1.0, 1e-12);
  EXPECT_GT(radii[0].touching, radii[1].touching);
}

TEST(MuffinTinRadii, AloneThereIsNothingToShare) {
  const auto radii = radii_of(cluster_of({{18, {0, 0, 0}}}), 0.1);
  ASSERT_EQ(radii.size(), 1U);
  EXPECT_EQ(radii[0].rule, RadiusRule::alone);
}

}  // namespace
}  // namespace kedge::potential
