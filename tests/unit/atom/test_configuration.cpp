// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "kedge/atom/atom.hpp"
#include "kedge/core/elements.hpp"

namespace kedge::atom {
namespace {

TEST(Configuration, EveryNeutralElementHoldsItsElectrons) {
  for (int z = 1; z <= kLargestAtomicNumber; ++z) {
    double electrons = 0.0;
    for (const Shell& shell : ground_state(z)) {
      electrons += shell.occupation;
      EXPECT_LE(shell.occupation, 2.0 * (2 * shell.l + 1)) << element_symbol(z);
    }
    EXPECT_EQ(electrons, z) << element_symbol(z);
  }
}

TEST(Configuration, GroundStatesFollowTheTable) {
  EXPECT_EQ(to_string(ground_state(5)), "1s2 2s2 2p1");
  EXPECT_EQ(to_string(ground_state(24)), "1s2 2s2 2p6 3s2 3p6 3d5 4s1");
  EXPECT_EQ(to_string(ground_state(29)), "1s2 2s2 2p6 3s2 3p6 3d10 4s1");
  EXPECT_EQ(to_string(ground_state(46)), "1s2 2s2 2p6 3s2 3p6 3d10 4s2 4p6 4d10");
  EXPECT_EQ(to_string(ground_state(58)),
            "1s2 2s2 2p6 3s2 3p6 3d10 4s2 4p6 4d10 4f1 5s2 5p6 5d1 6s2");
}

TEST(Configuration, ShellsReplaceAndExtend) {
  EXPECT_EQ(to_string(with_shells(ground_state(5), "2p1.5, 3s0")), "1s2 2s2 2p1.5 3s0");
  EXPECT_EQ(to_string(with_shells(ground_state(9), "  2p6\t3d0.25 ")), "1s2 2s2 2p6 3d0.25");
  EXPECT_EQ(to_string(with_shells({}, "")), "");
}

TEST(Configuration, WrongTextIsNamed) {
  const auto parse = [](const char* text) { return [=] { (void)with_shells({}, text); }; };
  expect_error(ErrorKind::input, "\"x2\"", parse("1s2 x2"));
  expect_error(ErrorKind::input, "l must be below n", parse("1p3"));
  expect_error(ErrorKind::input, "0 to 2 electrons", parse("2s3"));
  expect_error(ErrorKind::input, "0 to 6 electrons", parse("2p-1"));
  expect_error(ErrorKind::input, "malformed", parse("2p1.5x"));
  expect_error(ErrorKind::input, "missing", parse("2p"));
  expect_error(ErrorKind::input, "no letter", parse("2k2"));
  expect_error(ErrorKind::input, "0 to 2 electrons", parse("2snan"));
  expect_error(ErrorKind::input, "atomic number 0", [] { (void)ground_state(0); });
  expect_error(ErrorKind::input, "atomic number 104", [] { (void)ground_state(104); });
}

TEST(Configuration, ScreeningShellFollowsThePeriodicTable) {
  const auto shell = [](int z) {
    const Shell s = screening_shell(z);
    return 10 * s.n + s.l;
  };
  EXPECT_EQ(shell(1), 20);
  EXPECT_EQ(shell(3), 20);
  EXPECT_EQ(shell(5), 21);
  EXPECT_EQ(shell(9), 21);
  EXPECT_EQ(shell(11), 30);
  EXPECT_EQ(shell(12), 31);
  EXPECT_EQ(shell(17), 31);
  EXPECT_EQ(shell(20), 40);
  EXPECT_EQ(shell(26), 32);
  EXPECT_EQ(shell(35), 41);
  EXPECT_EQ(shell(64), 43);
  EXPECT_EQ(shell(103), 62);
}

}  // namespace
}  // namespace kedge::atom
