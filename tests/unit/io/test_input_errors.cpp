// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kedge/core/error.hpp"
#include "kedge/io/input.hpp"

namespace {

using kedge::Error;
using kedge::ErrorKind;
using testing::HasSubstr;

const std::string kShort =
    "[structure]\nfile = a.xyz\nabsorber = B\n[energy]\ngrid = 0:1:3\nfermi = -7\n[xrs]\nq = 4.5\n";

/// Message of the input error that parsing must end with.
std::string refused(const std::string& text, const std::vector<std::string>& set = {}) {
  try {
    (void)kedge::io::parse_input(text, "job.ini", "/data", set);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << "one line";
    return error.what();
  }
  ADD_FAILURE() << "accepted: " << text;
  return {};
}

struct Bad {
  std::string setting;
  std::string word;
};

class BadValue : public testing::TestWithParam<Bad> {};

TEST_P(BadValue, IsRefusedWithItsReason) {
  const std::string message = refused(kShort, {GetParam().setting});
  EXPECT_THAT(message, HasSubstr(GetParam().word));
  EXPECT_THAT(message, HasSubstr("--set " + GetParam().setting));
}

INSTANTIATE_TEST_SUITE_P(
    Values, BadValue,
    testing::Values(
        Bad{"structure.radius=-5", "(0, 30]"}, Bad{"structure.radius=0", "(0, 30]"},
        Bad{"structure.radius=31", "(0, 30]"}, Bad{"structure.radius=nan", "finite"},
        Bad{"structure.radius=inf", "finite"}, Bad{"structure.radius=five", "number"},
        Bad{"structure.radius=5 A", "number"}, Bad{"structure.radius=", "no value"},
        Bad{"structure.radius=1,x", "number"}, Bad{"structure.radius=1e999", "number"},
        Bad{"structure.radius=4,40", "(0, 30]"}, Bad{"structure.radius=4,4.0", "given twice"},
        Bad{"structure.swap=1<->1", "itself"}, Bad{"structure.swap=1-2", "1<->7"},
        Bad{"structure.vacancy=x", "atom number"}, Bad{"structure.strain=0,0.5", "[-0.3, 0.3]"},
        Bad{"structure.displace=25", "displace_along"},
        Bad{"structure.displace_by=1", "displace = 25"},
        Bad{"structure.displace_along=up", "from 1-12"}, Bad{"structure.frame=0", "[1, 1e+07]"},
        Bad{"cases.combine=both", "product, zip"}, Bad{"engine.kind=fdm,kkr", "one of fdm, ms"},
        Bad{"xrs.lmax=2,3", "number"}, Bad{"edge.name=K1", "one of"},
        Bad{"absorber.screening=3", "[-1, 2]"}, Bad{"absorber.screening=1,1", "given twice"},
        Bad{"absorber.screening=1,,2", "number"}, Bad{"absorber.dilatorb=-0.6", "[-0.5, 3]"},
        Bad{"absorber.screening_orbital=2d", "2p"}, Bad{"absorber.core_hole=maybe", "yes or no"},
        Bad{"atoms.relativity=dirac", "scalar"}, Bad{"atoms.configuration=B:2p", "shell"},
        Bad{"atoms.configuration=Xx:2p1", "element"},
        Bad{"atoms.configuration=B:2p-1", "0 or more"}, Bad{"atoms.configuration=B:2p7", "up to 6"},
        Bad{"atoms.configuration=B:2p1 2s2 2p2", "2p is given twice"},
        Bad{"energy.grid=12:0.5:-5", "backwards"}, Bad{"energy.grid=5:-1:0", "backwards"},
        Bad{"energy.grid=5,3", "backwards"}, Bad{"energy.grid=0:0:5", "step of 0"},
        Bad{"energy.grid=0:1e-9:100", "100000"}, Bad{"energy.grid=0:1", "start:step:stop"},
        Bad{"energy.grid=0:1:2:3", "start:step:stop"}, Bad{"energy.fermi=-7,-8", "screening"},
        Bad{"xrs.q=0", "(0, 50]"}, Bad{"xrs.q=-1", "(0, 50]"}, Bad{"xrs.q=3,60", "(0, 50]"},
        Bad{"xrs.lmax=5", "[0, 4]"}, Bad{"xrs.lmax=1.5", "whole number"},
        Bad{"xrs.direction=0,0,0", "zero"}, Bad{"xrs.direction=1,0", "three numbers"},
        Bad{"engine.kind=kkr", "one of fdm, ms"}, Bad{"engine.spacing=0.01", "[0.05, 0.6]"},
        Bad{"engine.spacing=0.7", "[0.05, 0.6]"}, Bad{"engine.order=5", "one of 4, 6, 8"},
        Bad{"engine.sphere_radius=B=0.7", "atom:value"},
        Bad{"engine.sphere_radius=B:0.7,B:0.8", "twice"},
        Bad{"engine.sphere_radius=0:0.7", "1-based"},
        Bad{"engine.grid_offset=1,0,0", "[-0.5, 0.5]"},
        Bad{"parallel.ranks_per_solve=0", "[1, 4096]"}, Bad{"broadening.instrument=-1", "[0, 50]"},
        Bad{"broadening.model=lorentz", "one of"}));

TEST(InputErrors, UnknownKeyNamesPlaceAndNearestKey) {
  const std::string message = refused("[structure]\n  radus = 5\n");
  EXPECT_THAT(message, HasSubstr("job.ini:2:3"));
  EXPECT_THAT(message, HasSubstr("unknown key 'radus'"));
  EXPECT_THAT(message, HasSubstr("radius in [structure]"));
}

TEST(InputErrors, KeyInTheWrongSectionNamesTheRightOne) {
  EXPECT_THAT(refused("[engine]\nlmax = 3\n"), HasSubstr("lmax in [xrs]"));
}

TEST(InputErrors, UnknownSectionNamesTheNearest) {
  EXPECT_THAT(refused("[structur]\n"), HasSubstr("[structure]"));
  EXPECT_THAT(refused(kShort, {"enrgy.grid=1"}), HasSubstr("[energy]"));
}

TEST(InputErrors, RepeatedKeyNamesBothPlaces) {
  const std::string message = refused("[xrs]\nq = 1\nlmax = 2\nq = 2\n");
  EXPECT_THAT(message, HasSubstr("job.ini:4:1"));
  EXPECT_THAT(message, HasSubstr("job.ini:2:1"));
}

TEST(InputErrors, LinesThatAreNoKeys) {
  EXPECT_THAT(refused("[xrs]\nfour\n"), HasSubstr("key = value"));
  EXPECT_THAT(refused("[xrs]\n= 4\n"), HasSubstr("key = value"));
  EXPECT_THAT(refused("q = 4\n"), HasSubstr("before the first section"));
  EXPECT_THAT(refused("[xrs\nq = 4\n"), HasSubstr("alone on its line"));
  EXPECT_THAT(refused(std::string("[xrs]\nq = \0\n", 12)), HasSubstr("NUL"));
}

TEST(InputErrors, FilesThatAreNoTextOfLines) {
  EXPECT_THAT(refused("[xrs]\rq = 4\r"), HasSubstr("LF or CR LF"));
  EXPECT_THAT(refused("[xrs]\nq = \x1b[31m4\n"),
              HasSubstr("job.ini:2:5: a control character (0x1b)"));
}

TEST(InputErrors, LongLinesAreQuotedInPart) {
  const std::string rubbish(100000, 'x');
  EXPECT_LT(refused("[xrs]\n" + rubbish + "\n").size(), 200U);
  EXPECT_LT(refused("[" + rubbish + "]\n").size(), 200U);
  EXPECT_LT(refused("[xrs]\n" + rubbish + " = 1\n").size(), 200U);
}

TEST(InputErrors, MissingKeysAreNamed) {
  EXPECT_THAT(refused(""), HasSubstr("'file' in [structure] is missing"));
  EXPECT_THAT(refused("[structure]\nfile = a\nabsorber = B\n[xrs]\nq = 1\n"),
              HasSubstr("'grid' in [energy]"));
}

TEST(InputErrors, ValueInTheFileHasItsPlace) {
  EXPECT_THAT(refused(kShort + "[engine]\nspacing = 9\n"),
              HasSubstr("job.ini:10:1: spacing in [engine]"));
}

TEST(InputErrors, SetWithoutKeyOrValue) {
  EXPECT_THAT(refused(kShort, {"radius=5"}), HasSubstr("section.key=value"));
  EXPECT_THAT(refused(kShort, {"structure.radius"}), HasSubstr("section.key=value"));
}

TEST(InputErrors, EmptyFileIsReadAndEndlessOneIsRefused) {
  EXPECT_EQ(kedge::io::read_input_file("/dev/null"), "");
  try {
    (void)kedge::io::read_input_file("/dev/zero");
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_THAT(error.what(), HasSubstr("larger than"));
  }
}

TEST(InputErrors, MissingFileIsAnInputError) {
  try {
    (void)kedge::io::read_input_file("/nowhere/job.ini");
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_THAT(error.what(), HasSubstr("/nowhere/job.ini"));
  }
}

TEST(InputErrors, PartsAreRefusedWithTheirReason) {
  EXPECT_THAT(refused(kShort + "[part B]\n[part C]\n"), HasSubstr("the parts B, C; wanted one"));
  const auto part = [](const std::string& text) { return refused(kShort + text); };
  EXPECT_THAT(part("[part]\n"), HasSubstr("the name of a part is ''"));
  EXPECT_THAT(part("[part a/b]\n"), HasSubstr("'a/b'"));
  EXPECT_THAT(part("[part B]\n[part B]\n"), HasSubstr("[part B] is given twice"));
  EXPECT_THAT(part("[part B]\n[engine]\nkind = ms\n"), HasSubstr("[engine] stands after [part B]"));
  EXPECT_THAT(part("[part B]\nspacing = 0.3\n"), HasSubstr("wanted section.key"));
  EXPECT_THAT(part("[part B]\nengine.spacin = 0.3\n"), HasSubstr("job.ini:10:1"));
  EXPECT_THAT(part("[part B]\nxrs.q = 1\n[part C]\nxrs.q = 2\nxrs.q = 3\n"),
              HasSubstr("given twice, first at job.ini:12"));
  EXPECT_THROW((void)kedge::io::parse_input(kShort, "job.ini", "/data", {}, "C"), Error);
}

}  // namespace
