// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "kedge/atom/atom.hpp"

namespace kedge::atom {
namespace {

TEST(CoreLevel, EdgesNameTheirShells) {
  const CoreLevel k = core_level_of_edge("K");
  EXPECT_EQ(k.n, 1);
  EXPECT_EQ(k.l, 0);
  EXPECT_EQ(k.degeneracy, 2.0);
  const CoreLevel l23 = core_level_of_edge("L23");
  EXPECT_EQ(l23.n, 2);
  EXPECT_EQ(l23.l, 1);
  EXPECT_EQ(l23.degeneracy, 6.0);
  EXPECT_EQ(core_level_of_edge("L3").degeneracy, 4.0);
  EXPECT_EQ(core_level_of_edge("M5").l, 2);
  expect_error(ErrorKind::input, "unknown edge \"Z9\"", [] { (void)core_level_of_edge("Z9"); });
}

// Printed values of the tables named in the header: equal to the last digit.
TEST(CoreLevel, EdgeEnergiesAreThoseOfTheTable) {
  EXPECT_DOUBLE_EQ(edge_energy_ev(5, "K"), 188.0);
  EXPECT_DOUBLE_EQ(edge_energy_ev(6, "K"), 284.2);
  EXPECT_DOUBLE_EQ(edge_energy_ev(7, "K"), 409.9);
  EXPECT_DOUBLE_EQ(edge_energy_ev(8, "K"), 543.1);
  EXPECT_DOUBLE_EQ(edge_energy_ev(9, "K"), 696.7);
  EXPECT_DOUBLE_EQ(edge_energy_ev(11, "K"), 1070.8);
  EXPECT_DOUBLE_EQ(edge_energy_ev(26, "L3"), 706.8);
  EXPECT_DOUBLE_EQ(edge_energy_ev(29, "L2"), 952.3);
  EXPECT_DOUBLE_EQ(edge_energy_ev(29, "L23"), 932.7);
  EXPECT_DOUBLE_EQ(edge_energy_ev(92, "K"), 115606.0);
  expect_error(ErrorKind::input, "edge of B", [] { (void)edge_energy_ev(5, "L3"); });
  expect_error(ErrorKind::input, "M5", [] { (void)edge_energy_ev(92, "M5"); });
}

TEST(CoreLevel, EnergiesOrderWithinAnElement) {
  for (int z = 10; z <= 92; ++z) {
    EXPECT_GT(edge_energy_ev(z, "K"), edge_energy_ev(z, "L1")) << z;
    EXPECT_GT(edge_energy_ev(z, "L1"), edge_energy_ev(z, "L2")) << z;
    // The table prints Na L2, L3 the wrong way round by 0.16 eV.
    EXPECT_GT(edge_energy_ev(z, "L2"), edge_energy_ev(z, "L3") - 0.2) << z;
    EXPECT_GT(core_hole_width_ev(z, "K"), core_hole_width_ev(z - 1, "K")) << z;
  }
}

// Widths quoted to three decimals: one unit of the last one.
TEST(CoreLevel, WidthsAreThoseOfTheTable) {
  EXPECT_NEAR(core_hole_width_ev(5, "K"), 0.152, 1e-3);
  EXPECT_NEAR(core_hole_width_ev(6, "K"), 0.164, 1e-3);
  EXPECT_NEAR(core_hole_width_ev(7, "K"), 0.179, 1e-3);
  EXPECT_NEAR(core_hole_width_ev(8, "K"), 0.196, 1e-3);
  EXPECT_NEAR(core_hole_width_ev(9, "K"), 0.215, 1e-3);
  EXPECT_DOUBLE_EQ(core_hole_width_ev(11, "K"), 0.30);
  EXPECT_DOUBLE_EQ(core_hole_width_ev(26, "L3"), 0.36);
  EXPECT_DOUBLE_EQ(core_hole_width_ev(29, "L2"), 0.62);
  expect_error(ErrorKind::input, "give broadening.core_hole",
               [] { (void)core_hole_width_ev(26, "M1"); });
  expect_error(ErrorKind::input, "give broadening.core_hole",
               [] { (void)core_hole_width_ev(5, "L1"); });
  expect_error(ErrorKind::input, "another edge.name", [] { (void)edge_energy_ev(5, "L1"); });
}

}  // namespace
}  // namespace kedge::atom
