// SPDX-License-Identifier: BSD-3-Clause
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "kedge/measured/read_spectrum.hpp"
#include "support.hpp"

namespace {

using kedge::ErrorKind;
using kedge::measured::Layout;
using kedge::measured::parse_table;
using kedge::measured::ReadOptions;
using kedge::measured::spectra_of;
using kedge::measured::Spectrum;
using kedge::measured::test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Spectrum> read(const std::string& text, const ReadOptions& options = {}) {
  return spectra_of(parse_table(text, "a.dat"), "a", options);
}

void refused(const std::string& text, const std::string& word, const ReadOptions& options = {}) {
  SCOPED_TRACE(text);
  expect_error(ErrorKind::input, word, [&] { (void)read(text, options); });
}

TEST(ReadSpectrum, ThreeColumnsWithComments) {
  const auto spectra =
      read("# energy counts error\n190 1 0.1\n\n191,2.5,.2\n192;\t+3D+01 ; 3e-1\n");
  ASSERT_EQ(spectra.size(), 1U);
  EXPECT_THAT(spectra[0].energy_ev, ElementsAre(190.0, 191.0, 192.0));
  EXPECT_THAT(spectra[0].intensity, ElementsAre(1.0, 2.5, 30.0));
  EXPECT_THAT(spectra[0].error, ElementsAre(0.1, 0.2, 0.3));
  EXPECT_TRUE(spectra[0].notes.empty());
}

// As kedge reduce and kedge export write them.
TEST(ReadSpectrum, ColumnsThatTheHeaderNames) {
  const auto reduced = read(
      "# energy_loss intensity error statistical_error background\n190 1 .1 .2 5\n191 2 .1 .2 "
      "5\n192 3 .1 .2 5\n");
  EXPECT_THAT(reduced[0].intensity, ElementsAre(1.0, 2.0, 3.0));
  EXPECT_THAT(reduced[0].error, ElementsAre(0.1, 0.1, 0.1));
  const auto exported = read("# energy_loss from_fermi case_1\n190 -1 .1\n191 0 .2\n192 1 .3\n");
  EXPECT_THAT(exported[0].intensity, ElementsAre(0.1, 0.2, 0.3));
  EXPECT_TRUE(exported[0].error.empty());
  ReadOptions second;
  second.intensity_column = 5;
  EXPECT_THAT(
      read("# energy intensity error more most\n190 1 2 3 4\n191 1 2 3 5\n192 1 2 3 6\n", second)[0]
          .intensity,
      ElementsAre(4.0, 5.0, 6.0));
}

TEST(ReadSpectrum, NoHeaderIsFine) {
  EXPECT_EQ(read("1 2\n2 3\n4 5\n")[0].size(), 3U);
  EXPECT_EQ(read("loss,counts\n1,2\n2,3\n4,5\n")[0].size(), 3U);
}

TEST(ReadSpectrum, BadDataNameFileAndLine) {
  refused("", "holds no numbers");
  refused("# only a header\n", "holds no numbers");
  refused("1 2\n2 nan\n3 4\n", "a.dat:2: column 2: 'nan' is not a finite number");
  refused("1 2\n2 inf\n3 4\n", "a.dat:2");
  refused("1 2\n2 1e999\n3 4\n", "a.dat:2");
  refused("1 2\n2 x\n3 4\n", "a.dat:2: column 2: 'x' is no number");
  refused("1 2\n# note\n2 3 4\n3 4\n", "a.dat:3: 3 columns, wanted 2 as in line 1");
  refused("1 2\n3 2\n2 2\n4 5\n", "a.dat:3: energy 2 after 3");
  refused("1 2\n3 2\n3 2\n4 5\n", "a.dat:3: energy 3 stands also in line 2");
  refused("1\n2\n3\n", "a.dat:1: 1 column");
  refused("1 2 3 4\n2 3 4 5\n3 4 5 6\n", "a.dat:1: 4 columns");
  refused("1 2\n5 2\n", "2 energies, wanted 3");
  refused("1 2 0.1\n2 2 0\n4 4 1\n", "a.dat:2: column 3: the error is 0");
  refused("0.188 1\n0.19 2\n0.21 3\n", "--unit keV");
  refused(std::string("1 2\n\0", 5), "no text file");
  refused("190 0\n191 0\n195 0\n", "'a.dat': column 2: all values are 0");
}

// A comma between the digits of a number and the columns would be read as 190, 5 with an error
// of 12.
TEST(ReadSpectrum, DecimalCommasAreTold) {
  refused("190,5 12\n191,5 13\n192,5 15\n", "a.dat:1: '190,5 12': a decimal comma");
  refused("# E;I\n190,5;12,1\n191,5;13,0\n192,5;15,2\n", "a.dat:2: '190,5;12,1': a decimal comma");
  EXPECT_EQ(read("190, 5,12\n191 , 5, 13\n192,5,\t15\n")[0].error[2], 15.0);
}

TEST(ReadSpectrum, LinesEndAsOnAnySystem) {
  EXPECT_THAT(read("1 2\r2 3\r4 5\r")[0].intensity, ElementsAre(2.0, 3.0, 5.0));
  EXPECT_THAT(read("1 2\r\n2 3\r\n4 5")[0].intensity, ElementsAre(2.0, 3.0, 5.0));
  refused("# E I\r\n\r\n1 2\r\n2 nan\r\n3 4\r\n", "a.dat:4");
}

TEST(ReadSpectrum, UnitOfTheHeader) {
  const std::string rows = "0.188 1\n0.19 2\n0.21 3\n";
  for (const char* header : {"# Energy (keV)  Intensity\n", "E[keV], counts [1/s]\n",
                             "# energy_keV I\n", "# keV counts\n"}) {
    SCOPED_TRACE(header);
    EXPECT_NEAR(read(header + rows)[0].energy_ev[0], 188.0, 1e-12);
  }
  EXPECT_EQ(read("# Energy/eV I\n" + rows)[0].energy_ev[0], 0.188);
  refused("# energy_meV I\n" + rows, "energies in 'energy_meV', wanted eV or keV");
  refused("# previous I\n" + rows, "without a unit");  // a word with ev in it
  refused("# XDI/1.0\n# Column.1: angle degrees\n" + rows,
          "energies in 'degrees', wanted eV or keV");
}

TEST(ReadSpectrum, XdiWantsItsFirstLine) {
  expect_error(ErrorKind::input, "b.xdi:1:", [] { (void)parse_table("1 2\n2 3\n", "b.xdi"); });
  const auto table = parse_table(
      "# XDI/1.0 GSE/1.0\n# Column.1: energy keV\n# Column.2: mutrans\n# Element.symbol: B\n# ///\n"
      "# comment: with a colon\n# ----\n# energy mutrans\n0.18 1\n0.19 2\n0.2 3\n",
      "b.xdi");
  EXPECT_TRUE(table.xdi);
  EXPECT_EQ(table.fields.at("element.symbol"), "B");
  const auto spectra = spectra_of(table, "b", {});
  // 0.18 keV is 180 eV within rounding.
  EXPECT_NEAR(spectra[0].energy_ev[0], 180.0, 1e-12);
  EXPECT_THAT(spectra[0].notes, ElementsAre(HasSubstr("keV")));
}

TEST(ReadSpectrum, AcceptedByAStatedRule) {
  const auto reversed = read("4 1 .1\n3 2 .2\n1 3 .3\n");
  EXPECT_THAT(reversed[0].energy_ev, ElementsAre(1.0, 3.0, 4.0));
  EXPECT_THAT(reversed[0].error, ElementsAre(0.3, 0.2, 0.1));
  EXPECT_THAT(reversed[0].notes, ElementsAre(HasSubstr("reversed")));
  ReadOptions options;
  options.average_repeated = true;
  const auto averaged = read("1 1 3\n2 2 3\n2 4 4\n5 3 1\n", options);
  EXPECT_THAT(averaged[0].energy_ev, ElementsAre(1.0, 2.0, 5.0));
  EXPECT_THAT(averaged[0].intensity, ElementsAre(1.0, 3.0, 3.0));
  EXPECT_THAT(averaged[0].error, ElementsAre(3.0, 2.5, 1.0));  // sqrt(9 + 16) / 2
  ReadOptions kev;
  kev.unit = "keV";
  EXPECT_NEAR(read("0.188 1\n0.19 2\n0.21 3\n", kev)[0].energy_ev[1], 190.0, 1e-12);
}

TEST(ReadSpectrum, SeveralAnalysers) {
  ReadOptions options;
  options.layout = Layout::interleaved;
  const auto pairs = read("1 10 1 20 2\n2 11 1 21 2\n4 12 1 22 2\n", options);
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_THAT(pairs[1].intensity, ElementsAre(20.0, 21.0, 22.0));
  EXPECT_THAT(pairs[1].error, ElementsAre(2.0, 2.0, 2.0));
  options.layout = Layout::blocked;
  const auto blocks = read("1 10 20 1 2\n2 11 21 1 2\n4 12 22 1 2\n", options);
  EXPECT_THAT(blocks[1].intensity, ElementsAre(20.0, 21.0, 22.0));
  EXPECT_THAT(blocks[1].error, ElementsAre(2.0, 2.0, 2.0));
  options.layout = Layout::counts;
  const auto counts = read("1 100 0\n2 400 1\n4 9 4\n", options);
  EXPECT_THAT(counts[0].error, ElementsAre(10.0, 20.0, 3.0));
  EXPECT_THAT(counts[1].error, ElementsAre(1.0, 1.0, 2.0));
  options.layout = Layout::blocked;
  refused("1 2 3 4\n2 3 4 5\n3 4 5 6\n", "a.dat:1: 4 columns", options);
}

TEST(ReadSpectrum, FilesThatAreNone) {
  expect_error(ErrorKind::input, "there is no file of measured data 'none.dat'",
               [] { (void)kedge::measured::read_spectra("none.dat"); });
  expect_error(ErrorKind::input, "is a folder",
               [] { (void)kedge::measured::read_spectra("/tmp"); });
}

}  // namespace
