// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "kedge/fdm/sphere_radii.hpp"
#include "support.hpp"

namespace kedge::physics {
namespace {

/// One real atom between the nodes, in its own potential, against the radial solution. The limits
/// are those of the method brief, section 4: what a boron-like atom showed in a trial of this
/// scheme, the sphere being 3 steps of 0.25 Angstrom.
class SingleAtom : public testing::TestWithParam<int> {
 protected:
  [[nodiscard]] SphereCase atom_case() const {
    SphereCase c;
    c.sphere_radius = fdm::preferred_sphere_radius(GetParam());
    c.outer_radius = bohr_from_angstrom(2.6);
    // d waves in a hydrogen sphere hold about 1e-5 of the density below 5 eV: nothing to measure.
    c.lmax = GetParam() == 1 ? 1 : 2;
    return c;
  }
  [[nodiscard]] Deviation measure(const SphereCase& c) const {
    const FreeAtom atom(GetParam(), c.outer_radius);
    return deviation(OneSphere(
                         GetParam(), [&](double r) { return atom(r); }, atom.level()),
                     c);
  }
  /// Limits for l = 0, 1 and for l = 2, up to 20 eV and above.
  void expect_within(const SphereCase& c, const Deviation& d, std::array<double, 2> low,
                     std::array<double, 2> high) const {
    for (std::size_t e = 0; e < c.kinetic_ev.size(); ++e) {
      for (std::size_t l = 0; l < d.diagonal.size(); ++l) {
        const auto& limits = c.kinetic_ev[e] <= 20.0 ? low : high;
        const double limit = limits[l < 2 ? 0 : 1];
        EXPECT_LT(d.by_energy[e][l], limit) << "l " << l << " at " << c.kinetic_ev[e] << " eV";
        RecordProperty(fmt::format("l{}_{:.0f}eV", l, c.kinetic_ev[e]),
                       fmt::format("{:.2e}", d.by_energy[e][l]));
      }
    }
    EXPECT_LT(d.off_diagonal, 0.02);
  }
};

TEST_P(SingleAtom, FourthOrder) {
  // The limits of the brief, hydrogen's too: 1.5 % for l < 2 and 2 % for l = 2. At 40 eV, k h =
  // 0.8, the stencil between the sphere and R leaves 1.1 and 1.4 %.
  SphereCase c = atom_case();
  c.kinetic_ev = {1.0, 5.0, 10.0, 20.0, 40.0};
  expect_within(c, measure(c), {0.01, 0.01}, {0.015, 0.02});
}

TEST_P(SingleAtom, SixthOrder) {
  // (k h)^6 is a third of (k h)^4 at 40 eV with a smaller coefficient: half a per cent is above all
  // that was seen (0.4 %).
  SphereCase c = atom_case();
  c.order = 6;
  c.kinetic_ev = {1.0, 10.0, 40.0};
  expect_within(c, measure(c), {0.005, 0.005}, {0.005, 0.005});
}

TEST_P(SingleAtom, FineGrid) {
  // 0.5 % at 0.15 Angstrom is the brief's; (0.15/0.25)^4 of the limits at 0.25 would be 0.2 and 0.3
  // %.
  SphereCase c = atom_case();
  c.spacing_angstrom = 0.15;
  c.offsets = {{0.5, 0.1, 0.27}};
  c.kinetic_ev = {1.0, 10.0, 40.0};
  expect_within(c, measure(c), {0.002, 0.003}, {0.002, 0.003});
}

INSTANTIATE_TEST_SUITE_P(Elements, SingleAtom, testing::Values(1, 3, 5, 6, 9, 11),
                         [](const auto& element) { return fmt::format("Z{}", element.param); });

}  // namespace
}  // namespace kedge::physics
