// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "kedge/fdm/sphere_radii.hpp"
#include "support.hpp"

namespace kedge::physics {
namespace {

/// Largest deviation over l, offsets and energies at each step.
std::vector<double> errors(const potential::PotentialModel& model, SphereCase c,
                           const std::vector<double>& steps) {
  std::vector<double> out;
  for (const double h : steps) {
    c.spacing_angstrom = h;
    const auto d = deviation(model, c);
    out.push_back(*std::max_element(d.diagonal.begin(), d.diagonal.end()));
  }
  return out;
}

/// Slope of the error between the first and the last step.
double slope(const std::vector<double>& error, const std::vector<double>& steps) {
  return std::log(error.front() / error.back()) / std::log(steps.front() / steps.back());
}

const std::vector<double> kSteps = {0.30, 0.20, 0.15};

SphereCase one_sphere(double sphere_radius) {
  SphereCase c;
  c.sphere_radius = sphere_radius;
  c.outer_radius = bohr_from_angstrom(2.0);
  c.kinetic_ev = {10.0, 40.0};
  c.offsets = {{0.5, 0.1, 0.27}, {0.5, 0.5, 0.5}};
  return c;
}

TEST(GridConvergence, FreeElectrons) {
  // Largest error over l <= 2, 10 and 40 eV, two offsets, 0.30 to 0.15 Angstrom: design order 4 and
  // 6, observed 4.5 and 6.7 (steps are only 4 to 7 in the sphere, and terms of higher order add).
  SphereCase c = one_sphere(bohr_from_angstrom(1.1));
  c.relativistic = false;
  const OneSphere model(
      0, [](double) { return 0.0; }, 0.0);
  for (const int order : {4, 6}) {
    c.order = order;
    EXPECT_GT(slope(errors(model, c, kSteps), kSteps), order - 0.2) << order;
  }
}

TEST(GridConvergence, Boron) {
  // Observed 2.9 and 3.6 between 0.30 and 0.15 Angstrom, below the design order of 4 and 6; why is
  // not established. The sphere is 2.5 to 5 steps wide, chi has a kink at r_c and Vt joins V with
  // two derivatives only. What is tested is that halving the step gains more than a factor of 5.
  SphereCase c = one_sphere(fdm::preferred_sphere_radius(5));
  const FreeAtom atom(5, c.outer_radius);
  const OneSphere model(
      5, [&](double r) { return atom(r); }, atom.level());
  for (const int order : {4, 6}) {
    c.order = order;
    EXPECT_GT(slope(errors(model, c, kSteps), kSteps), 2.5) << order;
  }
}

}  // namespace
}  // namespace kedge::physics
