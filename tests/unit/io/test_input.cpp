// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kedge/core/error.hpp"
#include "kedge/io/input.hpp"

namespace {

using kedge::io::Input;
using kedge::io::parse_input;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::Pointwise;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const std::string kShort =
    "[structure]\nfile = a.xyz\nabsorber = B\n[energy]\ngrid = 0:1:3\nfermi = -7\n[xrs]\nq = 4.5\n";

Input parse(const std::string& text, const std::vector<std::string>& set = {}) {
  return parse_input(text, "job.ini", "/data", set);
}

Input with(const std::string& setting) {
  return parse(kShort, {setting});
}

TEST(Input, DefaultsFillWhatIsNotGiven) {
  const Input input = parse(kShort);
  EXPECT_EQ(input.structure.file, "/data/a.xyz");
  EXPECT_EQ(input.structure.radius_angstrom, 5.0);
  EXPECT_EQ(input.edge.name, "K");
  EXPECT_THAT(input.absorber.screening, ElementsAre(1.0));
  EXPECT_TRUE(input.absorber.core_hole);
  EXPECT_EQ(input.energy.fermi_ev, -7.0);
  EXPECT_EQ(input.xrs.lmax, 3);
  EXPECT_FALSE(input.xrs.direction.has_value());
  EXPECT_EQ(input.engine.order, 4);
  EXPECT_EQ(input.engine.outer_lmax, -1);
  EXPECT_EQ(input.parallel.ranks_per_solve, 0);
  EXPECT_FALSE(input.broadening.core_hole_ev.has_value());
  EXPECT_FALSE(input.broadening.cut_ev.has_value());
  EXPECT_FALSE(input.potential.outer_ev.has_value());
  EXPECT_EQ(input.output.file, "job.h5");
  EXPECT_THAT(input.sweeps, IsEmpty());
}

TEST(Input, AccuracyPicksStepAndTolerance) {
  // Order 4: 2^(1/4) = 1.189 times the step for twice the error.
  const Input input = parse(kShort + "[engine]\naccuracy = 0.02\n");
  EXPECT_NEAR(input.engine.spacing_angstrom, 0.2937, 1e-4);
  EXPECT_EQ(input.engine.reduction_tolerance, 0.02);
  EXPECT_NEAR(parse(kShort + "[engine]\naccuracy = 0.01\n").engine.spacing_angstrom, 0.2470, 1e-4);
  EXPECT_EQ(parse(kShort).engine.spacing_angstrom, 0.25);
  // The resolved input says the same when it is read again.
  std::string again;
  for (const auto& [key, value] : input.resolved) {
    again += fmt::format("[{}]\n{} = {}\n", key.substr(0, key.find('.')),
                         key.substr(key.find('.') + 1), value);
  }
  EXPECT_EQ(parse(again).engine.spacing_angstrom, input.engine.spacing_angstrom);
  for (const char* key : {"spacing = 0.3", "reduction_tolerance = 0.02"}) {
    try {
      static_cast<void>(parse(kShort + "[engine]\naccuracy = 0.02\n" + key + "\n"));
      FAIL() << key;
    } catch (const kedge::Error& error) {
      EXPECT_EQ(error.kind(), kedge::ErrorKind::input);
      EXPECT_THAT(error.what(), testing::HasSubstr("give one of the two"));
    }
  }
}

TEST(Input, GridErrorNeedsAReducedModel) {
  EXPECT_EQ(parse(kShort + "[engine]\ngrid_error = yes\nenergies = reduced\n").engine.grid_error,
            "yes");
  for (const char* more : {"", "kind = ms\n", "energies = direct\n"}) {
    EXPECT_THROW(static_cast<void>(parse(kShort + "[engine]\ngrid_error = yes\n" + more)),
                 kedge::Error)
        << more;
  }
}

TEST(Input, ReadsWindowsTextTabsCommentsAndByteOrderMark) {
  const Input input = parse(
      "\xEF\xBB\xBF# first\r\n[structure]\r\n\tfile\t=\ta.xyz ; here\r\nabsorber = 2,3 # "
      "two\r\n\r\n"
      "; whole line\r\n[energy]\r\ngrid = 0,1\r\nfermi = -7\r\n[xrs]\r\nq=4.5");
  EXPECT_EQ(input.structure.file, "/data/a.xyz");
  EXPECT_EQ(input.structure.absorber, "2,3");
  EXPECT_THAT(input.xrs.q_per_angstrom, ElementsAre(4.5));
}

TEST(Input, ASectionMayComeTwice) {
  EXPECT_EQ(parse(kShort + "[structure]\nradius = 4\n").structure.radius_angstrom, 4.0);
}

TEST(Input, PartsShareWhatStandsBeforeThem) {
  const std::string text =
      kShort +
      "[part B]\n[part C-1]\nstructure.absorber = C\n  absorber.screening = 1, 0.5  # two\n"
      "[part Na]\nstructure.absorber = Na\noutput.file = sodium.h5\n";
  EXPECT_EQ(kedge::io::parts_of_input(text, "job.ini"),
            (std::vector<std::string>{"B", "C-1", "Na"}));
  EXPECT_TRUE(kedge::io::parts_of_input(kShort, "job.ini").empty());
  const auto part = [&](const std::string& name, const std::vector<std::string>& set = {}) {
    return kedge::io::parse_input(text, "job.ini", "/data", set, name);
  };
  EXPECT_EQ(part("B").structure.absorber, "B");
  EXPECT_EQ(part("B").output.file, "job_B.h5");
  EXPECT_EQ(part("C-1").structure.absorber, "C");
  ASSERT_EQ(part("C-1").sweeps.size(), 1U);
  EXPECT_EQ(part("C-1").absorber.screening.size(), 2U);
  EXPECT_EQ(part("C-1").energy.grid_ev, part("B").energy.grid_ev);
  EXPECT_EQ(part("Na").output.file, "sodium.h5");
  EXPECT_EQ(part("Na", {"structure.absorber=H"}).structure.absorber, "H") << "--set comes last";
}

TEST(Input, ListsAndRangesKeepTheirOrder) {
  EXPECT_THAT(with("absorber.screening=1,0.5,0.1").absorber.screening, ElementsAre(1.0, 0.5, 0.1));
  // A range is rounded to 1e-10, so its values equal the decimal numbers as written.
  EXPECT_THAT(with("absorber.screening=1:-0.1:0.7").absorber.screening,
              ElementsAre(1.0, 0.9, 0.8, 0.7));
  EXPECT_THAT(with("absorber.dilatorb=0:0.1:0.35, 1").absorber.dilatorb,
              ElementsAre(0.0, 0.1, 0.2, 0.3, 1.0));
}

TEST(Input, EnergyRangesShareTheirJoint) {
  EXPECT_THAT(with("energy.grid=-1:0.5:1, 1:1:3").energy.grid_ev,
              ElementsAre(-1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0));
  EXPECT_EQ(with("energy.grid=-5:0.25:12, 12:0.5:30").energy.grid_ev.size(), 69U + 36U);
}

TEST(Input, MapsNameElementsAndAtoms) {
  EXPECT_THAT(with("engine.sphere_radius=B:0.7, h : 0.45").engine.sphere_radius_angstrom,
              UnorderedElementsAre(Pair("B", 0.7), Pair("H", 0.45)));
  EXPECT_THAT(with("atoms.configuration=B:2s2 2p1, 12:2s1 2p2").atoms.configuration,
              UnorderedElementsAre(Pair("B", "2s2 2p1"), Pair("12", "2s1 2p2")));
  EXPECT_THAT(with("atoms.configuration=ground").atoms.configuration, IsEmpty());
}

TEST(Input, WordsStandForValues) {
  EXPECT_EQ(with("potential.outer=vacuum").potential.outer_ev, 0.0);
  EXPECT_EQ(with("potential.outer=-3").potential.outer_ev, -3.0);
  EXPECT_EQ(with("broadening.core_hole=0.3").broadening.core_hole_ev, 0.3);
  EXPECT_EQ(with("parallel.ranks_per_solve=4").parallel.ranks_per_solve, 4);
  EXPECT_FALSE(with("absorber.core_hole=off").absorber.core_hole);
}

TEST(Input, DirectionsAreNormalised) {
  const auto direction = with("xrs.direction=3,0,4").xrs.direction;
  ASSERT_TRUE(direction.has_value());
  EXPECT_THAT(*direction, ElementsAre(DoubleEq(0.6), 0.0, DoubleEq(0.8)));
}

std::vector<std::string> swept_keys(const Input& input) {
  std::vector<std::string> keys;
  for (const auto& sweep : input.sweeps) keys.push_back(sweep.key);
  return keys;
}

TEST(Input, AnyKeyOfOneValueMayHaveAList) {
  const Input input =
      parse(kShort, {"structure.radius=4:0.5:5", "engine.kind=fdm,ms", "xrs.direction=0,0,1|powder",
                     "structure.swap=none,1<->2-3", "absorber.core_hole=yes,no"});
  ASSERT_EQ(input.sweeps.size(), 5U);
  EXPECT_THAT(input.sweeps[0].values, ElementsAre("4", "4.5", "5"));
  EXPECT_THAT(input.sweeps[1].values, ElementsAre("fdm", "ms"));
  EXPECT_THAT(input.sweeps[2].values, ElementsAre("0,0,1", "powder"));
  EXPECT_THAT(input.sweeps[3].values, ElementsAre("none", "1<->2", "1<->3"));
  EXPECT_EQ(input.structure.radius_angstrom, 4.0);  // the first value of each
  const Input last = kedge::io::with_values(input, {{"structure.radius", "5"},
                                                    {"engine.kind", "ms"},
                                                    {"xrs.direction", "powder"},
                                                    {"structure.swap", "1<->3"},
                                                    {"absorber.core_hole", "no"}});
  EXPECT_EQ(last.structure.radius_angstrom, 5.0);
  EXPECT_EQ(last.engine.kind, "ms");
  EXPECT_FALSE(last.xrs.direction.has_value());
  EXPECT_THAT(last.structure.edit.swaps, ElementsAre(std::pair(0, 2)));
  EXPECT_FALSE(last.absorber.core_hole);
  EXPECT_EQ(last.structure.file, input.structure.file);
  EXPECT_EQ(last.output.file, input.output.file);
  EXPECT_EQ(last.energy.grid_ev, input.energy.grid_ev);
}

TEST(Input, SweptKeysKeepTheOrderOfTheFile) {
  const std::string text = kShort + "[absorber]\ndilatorb = 0,0.1\nscreening = 1,0.5\n";
  EXPECT_THAT(swept_keys(parse(text)), ElementsAre("absorber.dilatorb", "absorber.screening"));
}

TEST(Input, FermiListGoesWithTheScreening) {
  const Input input = parse(kShort, {"absorber.screening=1,0.5", "energy.fermi=-7,-7.2"});
  EXPECT_FALSE(input.energy.fermi_ev.has_value());
  EXPECT_THAT(input.energy.fermi_by_screening_ev, ElementsAre(-7.0, -7.2));
  EXPECT_THAT(swept_keys(input), ElementsAre("absorber.screening"));
}

TEST(Input, FermiListIsOneOfTheListsOfAZip) {
  const Input input =
      parse(kShort, {"cases.combine=zip", "structure.swap=none,1<->2", "energy.fermi=-7,-7"});
  EXPECT_THAT(swept_keys(input), ElementsAre("energy.fermi", "structure.swap"));
  EXPECT_TRUE(input.energy.fermi_by_screening_ev.empty());
}

TEST(Input, SetComesLast) {
  EXPECT_EQ(parse(kShort, {"structure.radius=4", "structure.radius = 6"}).structure.radius_angstrom,
            6.0);
}

TEST(Input, ResolvedTextReadsBackToTheSame) {
  const Input input = parse(kShort, {"absorber.screening=1:-0.1:0.7", "engine.sphere_radius=B:0.7",
                                     "atoms.configuration=B:2s1 2p2", "xrs.q=3,6"});
  const std::string text = kedge::io::resolved_text(input);
  const Input again = parse_input(text, "other.ini", "/data", {});
  EXPECT_EQ(kedge::io::resolved_text(again), text);
  EXPECT_THAT(kedge::io::differences(input, again), IsEmpty());
  EXPECT_EQ(again.energy.grid_ev, input.energy.grid_ev);
  EXPECT_EQ(again.output.file, "job.h5");
}

TEST(Input, DifferencesNameTheKeyAndLeaveOutOutputAndParallel) {
  const Input one = parse(kShort);
  const Input other = parse(kShort, {"output.file=x.h5", "parallel.ranks_per_solve=2", "xrs.q=5"});
  EXPECT_THAT(kedge::io::differences(one, other), ElementsAre("xrs.q: 4.5 -> 5"));
}

TEST(Input, DifferencesAreOfValuesNotOfTheirTexts) {
  const auto with = [](const std::string& radius, const std::string& sphere) {
    return parse(kShort, {"structure.radius=" + radius, "engine.sphere_radius=" + sphere});
  };
  EXPECT_THAT(kedge::io::differences(with("5", "B:0.7, H:0.5"), with("5.00", "B:0.70,H:5e-1")),
              IsEmpty());
  EXPECT_THAT(kedge::io::differences(with("5", "B:0.7"), with("5", "B:0.7, H:0.5")), SizeIs(1));
  EXPECT_THAT(kedge::io::differences(with("5,6", "B:0.7"), with("5", "B:0.7")), SizeIs(1));
}

}  // namespace
