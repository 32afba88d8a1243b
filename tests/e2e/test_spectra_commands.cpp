// SPDX-License-Identifier: BSD-3-Clause
/// The commands that work on finished spectra, from outside: BH by multiple scattering, three
/// screenings, computed once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "kedge/io/hdf5.hpp"
#include "kedge/io/results_file.hpp"
#include "run_command.hpp"

namespace {

using kedge::test::Outcome;
using kedge::test::run;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SpectraCommands : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kedge-e2e-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    write("bh.xyz", "2\nBH\nB 0 0 0\nH 0 0 1.23\n");
    write("job.ini",
          "[structure]\nfile = bh.xyz\nabsorber = B\nradius = 4\n[absorber]\nscreening = 1, 0.8, "
          "0.6\n[energy]\ngrid = 0:0.5:20\nfermi = -5\n[xrs]\nq = 4.5, 2\n[engine]\nkind = ms\n");
    const Outcome done = kedge("run job.ini");
    ASSERT_EQ(done.code, 0) << done.out;
  }
  static void TearDownTestSuite() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  static void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }
  static std::string text(const std::string& name) {
    std::ostringstream all;
    all << std::ifstream(folder_ / name).rdbuf();
    return all.str();
  }
  static Outcome kedge(const std::string& arguments) {
    const char* path = std::getenv("KEDGE_PROGRAM");
    return run("cd " + folder_.string() + " && " + (path == nullptr ? "kedge" : path) + " " +
               arguments);
  }
  static void expect_refused(const std::string& arguments, int code, const std::string& word) {
    SCOPED_TRACE(arguments);
    const Outcome outcome = kedge(arguments);
    EXPECT_EQ(outcome.code, code);
    EXPECT_THAT(outcome.out, HasSubstr("kedge: "));
    EXPECT_THAT(outcome.out, HasSubstr(word));
    EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1) << outcome.out;
  }
  /// Numbers of a text file, row by row.
  static std::vector<std::vector<double>> numbers(const std::string& name) {
    std::ifstream stream(folder_ / name);
    std::vector<std::vector<double>> rows;
    for (std::string line; std::getline(stream, line);) {
      if (line.empty() || line[0] == '#') continue;
      std::istringstream words(line);
      rows.emplace_back();
      for (std::string word; words >> word;) rows.back().push_back(std::stod(word));
    }
    return rows;
  }

  static std::filesystem::path folder_;
};

std::filesystem::path SpectraCommands::folder_;

TEST_F(SpectraCommands, ExportColumnsAndXdi) {
  const Outcome outcome = kedge("export job.h5 --format both --raw --output ex");
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  const auto sums = numbers("ex_sum.dat");
  ASSERT_EQ(sums.size(), 41U);
  ASSERT_EQ(sums[0].size(), 5U);  // loss, from the Fermi level, three cases
  EXPECT_DOUBLE_EQ(sums[2][0] - sums[0][0], 1.0);
  const auto momenta = numbers("ex_l_case2.dat");
  // The angular momenta add up to the sum, within the digits written.
  double sum = 0.0;
  for (std::size_t c = 2; c < momenta[20].size(); ++c) sum += momenta[20][c];
  EXPECT_NEAR(sum, sums[20][3], 1e-8 * sum);
  EXPECT_EQ(numbers("ex_raw_q2_case3.dat").size(), 41U);
  EXPECT_THAT(text("ex_sum_q2_case1.xdi"), StartsWith("# XDI/1.0 kedge/"));
  EXPECT_THAT(text("ex_sum_case1.xdi"), HasSubstr("# Element.symbol: B\n# Element.edge: K\n"));
  EXPECT_EQ(numbers("ex_sum_case3.xdi")[7][1], sums[7][4]);
  // The absorption in /entry is what is written as text, in ten digits.
  EXPECT_THAT(text("ex_absorption_case2.xdi"), HasSubstr("# Column.2: mu Mbarn\n"));
  const auto absorption = numbers("ex_absorption.dat");
  ASSERT_EQ(absorption.size(), 41U);
  const auto file = kedge::io::hdf5::open_file(folder_ / "job.h5", false);
  const auto stored = kedge::io::hdf5::read_doubles(file.get(), "/entry/absorption/cross_section");
  for (std::size_t i = 0; i < 41; ++i) {
    EXPECT_NEAR(absorption[i][3], stored[41 + i], 1e-9 * stored[41 + i]) << i;
    EXPECT_GT(stored[41 + i], 0.0);
  }
}

// What is written must be read again, and fit itself: shift 0, scale 1.
TEST_F(SpectraCommands, ComparisonWithItself) {
  ASSERT_EQ(kedge("export job.h5 --format both --output own").code, 0);
  const Outcome outcome = kedge("compare job.h5 own_sum_case2.xdi --output own");
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("absorber.screening = 0.8"));
  const auto ranked = numbers("own_compare.dat");
  ASSERT_EQ(ranked.size(), 3U);
  EXPECT_EQ(ranked[0][1], 2.0);
  // The file has the broadened curve at its energies; the fit interpolates it on 0.05 eV.
  EXPECT_NEAR(ranked[0][5], 0.0, 2e-3);
  EXPECT_NEAR(ranked[0][9], 1.0, 2e-3);
  EXPECT_LT(ranked[0][4], 1e-5);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "own_compare.svg"));
  // Both momentum transfers at once.
  const Outcome joint =
      kedge("compare job.h5 own_sum_case2.xdi own_sum_q2_case2.xdi --q 1,2 --output own2");
  ASSERT_EQ(joint.code, 0) << joint.out;
  EXPECT_EQ(numbers("own2_compare.dat").size(), 6U);
  EXPECT_EQ(numbers("own2_compare.dat")[0][1], 2.0);
  // The axis of a plain table is the same; column 4 is case 2.
  ASSERT_EQ(kedge("compare job.h5 own_sum.dat --column 4 --output own3").code, 0);
  EXPECT_EQ(numbers("own3_compare.dat")[0][1], 2.0);
}

// A single site has the whole weight whatever its number; a shift moves the spectrum, and the
// commands that follow.
TEST_F(SpectraCommands, SitesWeighedAndMoved) {
  ASSERT_EQ(kedge("export job.h5 --output plain").code, 0);
  write("sites.txt", "# atom weight shift\n1 2 1.0\n");
  const Outcome moved = kedge("broaden job.h5 --site-table sites.txt");
  ASSERT_EQ(moved.code, 0) << moved.out;
  EXPECT_THAT(moved.out, HasSubstr("(atom 1) weight 2, shift 1 eV"));
  ASSERT_EQ(kedge("export job.h5 --output moved").code, 0);
  const auto before = numbers("plain_sum.dat");
  const auto after = numbers("moved_sum.dat");
  // Two steps of 0.5 eV; what is written has ten digits.
  for (std::size_t i = 2; i < after.size(); ++i) {
    EXPECT_NEAR(after[i][3], before[i - 2][3], 1e-8 * before[i - 2][3]);
  }
  const Outcome fit = kedge("compare job.h5 plain_sum.dat --column 4 --output moved");
  ASSERT_EQ(fit.code, 0) << fit.out;
  EXPECT_THAT(fit.out, HasSubstr("Sites (kedge broaden)"));
  EXPECT_NEAR(numbers("moved_compare.dat")[0][5], -1.0,
              5e-3);  // interpolation, as in ComparisonWithItself
  ASSERT_EQ(kedge("broaden job.h5 --site-weight 1=0.5 --site-shift 1=-0.25").code, 0);
  ASSERT_EQ(kedge("broaden job.h5").code, 0);  // and all is as before
  ASSERT_EQ(kedge("export job.h5 --output again").code, 0);
  EXPECT_EQ(numbers("again_sum.dat"), before);

  expect_refused("broaden job.h5 --site-weight 7=1", 2,
                 "atom 7 is no absorbing site of the file; it has 1");
  expect_refused("broaden job.h5 --site-weight 1", 2, "--site-weight 1: wanted ATOM=NUMBER");
  expect_refused("broaden job.h5 --site-weight 1=-1", 2, "wanted 0 or more");
  expect_refused("broaden job.h5 --site-weight 1=0", 2, "every site has weight 0");
  expect_refused("broaden job.h5 --site-shift 1=0.1,1=0.2", 2, "given twice");
  expect_refused("broaden job.h5 --site-shift 1=x", 2, "--site-shift");
  expect_refused("broaden job.h5 --site-table sites.txt --site-shift 1=1", 2, "given twice");
  expect_refused("broaden job.h5 --site-table none.txt", 2, "none.txt");
  write("two.txt", "1 2\n");
  expect_refused("broaden job.h5 --site-table two.txt", 2, "two.txt:1: 2 columns");
}

// Two edges together: one screening, a shift for each file; the carbon data are those of case 2,
// moved by 1.3 eV.
TEST_F(SpectraCommands, JointComparisonOfTwoEdges) {
  write("ch.xyz", "2\nCH\nC 0 0 0\nH 0 0 1.12\n");
  write("carbon.ini",
        std::string("[structure]\nfile = ch.xyz\nabsorber = C\nradius = 4\n[absorber]\nscreening = "
                    "0.8, 1, ") +
            "0.6\n[energy]\ngrid = 0:0.5:20\nfermi = -5\n[xrs]\nq = 4.5\n[engine]\nkind = ms\n");
  ASSERT_EQ(kedge("run carbon.ini").code, 0);
  ASSERT_EQ(kedge("export job.h5 --output two_b").code, 0);
  ASSERT_EQ(kedge("export carbon.h5 --output two_c").code, 0);
  std::ostringstream moved;
  for (const auto& row : numbers("two_c_sum.dat")) {
    moved << row[0] + 1.3 << " " << 1000.0 * row[2] << "\n";
  }
  write("moved.dat", moved.str());
  std::ostringstream boron;
  for (const auto& row : numbers("two_b_sum.dat")) boron << row[0] << " " << row[3] << "\n";
  write("boron.dat", boron.str());
  const Outcome joint = kedge("compare job.h5 boron.dat carbon.h5 moved.dat --output two");
  ASSERT_EQ(joint.code, 0) << joint.out;
  EXPECT_THAT(joint.out, HasSubstr("2+1"));  // the case of 0.8 in each
  EXPECT_THAT(joint.out, HasSubstr("absorber.screening = 0.8"));
  const auto table = numbers("two_compare.dat");
  ASSERT_EQ(table.size(), 6U);
  EXPECT_EQ(table[0][1], 2.0);
  EXPECT_EQ(table[1][1], 1.0);
  // As in ComparisonWithItself: six digits written, the fit interpolates on 0.05 eV.
  EXPECT_NEAR(table[0][5], 0.0, 5e-3);
  EXPECT_NEAR(table[1][5], 1.3, 5e-3);
  EXPECT_NEAR(table[1][9], 1000.0, 5.0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "two_compare_2.svg"));
  ASSERT_EQ(
      kedge(
          "compare job.h5 boron.dat carbon.h5 moved.dat --own absorber.screening --output own_keys")
          .code,
      0);
  EXPECT_EQ(numbers("own_keys_compare.dat").size(), 18U);  // 3 x 3 cases, two spectra
  EXPECT_THAT(text("own_keys_compare.dat"), HasSubstr("absorber.screening_file2"));
  ASSERT_EQ(
      kedge("compare job.h5 boron.dat carbon.h5 moved.dat --shared-shift all --output all").code,
      0);
  EXPECT_EQ(numbers("all_compare.dat")[0][5], numbers("all_compare.dat")[1][5]);

  expect_refused("compare job.h5 carbon.h5 moved.dat", 2,
                 "no measured file stands behind 'job.h5'");
  expect_refused("compare job.h5 boron.dat carbon.h5", 2,
                 "no measured file stands behind 'carbon.h5'");
  expect_refused("compare job.h5 boron.dat --own xrs.q", 2, "no file sweeps this key");
  expect_refused("compare job.h5 boron.dat --shared-shift edge", 2, "--shared-shift edge");
  expect_refused("compare job.h5 boron.dat carbon.h5 moved.dat --mixture cases", 2,
                 "one result file");
  expect_refused("compare job.h5 boron.dat carbon.h5 moved.dat --window 186:205,284:300,1:2", 2,
                 "3 values for 2");
}

// Texts have an order of no kind: ranked, written, and no value between them.
TEST_F(SpectraCommands, CasesOfTextsHaveNoBestValue) {
  ASSERT_EQ(kedge("run job.ini --set structure.swap='none, 1<->2' --set absorber.screening=1 "
                  "--output swapped.h5")
                .code,
            0);
  ASSERT_EQ(kedge("export swapped.h5 --output swapped").code, 0);
  const Outcome outcome = kedge("compare swapped.h5 swapped_sum.dat --column 3 --output swapped");
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("no best value is interpolated"));
  EXPECT_EQ(numbers("swapped_compare.dat").size(), 2U);
}

// The cross section of the file as a measured spectrum; without any width it is the raw one.
TEST_F(SpectraCommands, ComparisonWithAbsorption) {
  const kedge::io::Results results = kedge::io::read_results(folder_ / "job.h5");
  ASSERT_EQ(kedge("export job.h5 --output axis").code, 0);
  const auto axis = numbers("axis_sum.dat");
  std::ostringstream data;
  data.precision(12);
  for (std::size_t i = 0; i < axis.size(); ++i) {
    data << axis[i][0] << " " << 5.0 * results.xanes[axis.size() + i] << "\n";
  }
  write("mu.dat", data.str());
  const std::string sharp =
      " --set broadening.core_hole=0 --set broadening.instrument=0 --set broadening.model=none";
  const Outcome outcome =
      kedge("compare job.h5 mu.dat --kind xanes --shift 0:0 --output mu" + sharp);
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr(", absorption"));
  const auto table = numbers("mu_compare.dat");
  EXPECT_EQ(table[0][1], 2.0);  // the second case
  // The points of the file lie on those of the fine axis; seven digits are written.
  EXPECT_NEAR(table[0][9], 5.0, 1e-4);
  EXPECT_LT(table[0][4], 1e-8);
  // Both kinds together.
  ASSERT_EQ(kedge("export job.h5 --output raman" + sharp).code, 0);
  std::ostringstream raman;
  for (const auto& row : numbers("raman_sum.dat")) raman << row[0] << " " << row[3] << "\n";
  write("raman.dat", raman.str());
  ASSERT_EQ(kedge("compare job.h5 mu.dat raman.dat --kind xanes,xrs --output both" + sharp).code,
            0);
  EXPECT_EQ(numbers("both_compare.dat")[0][1], 2.0);
  expect_refused("compare job.h5 mu.dat --kind raman", 2, "--kind raman");
}

TEST_F(SpectraCommands, MixtureOfCases) {
  ASSERT_EQ(kedge("export job.h5 --output mix").code, 0);
  const auto sums = numbers("mix_sum.dat");
  std::ostringstream data;
  for (const auto& row : sums) data << row[0] << " " << 0.3 * row[2] + 0.7 * row[4] << "\n";
  write("mixed.dat", data.str());
  const Outcome outcome = kedge("compare job.h5 mixed.dat --mixture cases --output mix");
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  const auto fractions = numbers("mix_mixture.dat");
  ASSERT_EQ(fractions.size(), 1U);
  // Six digits were written; the components are not far from each other.
  EXPECT_NEAR(fractions[0][2], 0.3, 0.02);
  EXPECT_NEAR(fractions[0][6], 0.7, 0.02);
  EXPECT_THAT(outcome.out, Not(HasSubstr("not told apart")));
}

TEST_F(SpectraCommands, MixtureOfSitesThatAreAlikeIsTold) {
  write("n2.xyz", "2\nN2\nN 0 0 0\nN 0 0 1.1\n");
  write("n2.ini",
        "[structure]\nfile = n2.xyz\nabsorber = N\nradius = 3\n[energy]\ngrid = -2:1:20\n"
        "fermi = -7\n[xrs]\nq = 4.5\n[engine]\nkind = ms\n");
  ASSERT_EQ(kedge("run n2.ini").code, 0);
  ASSERT_EQ(kedge("export n2.h5").code, 0);
  const Outcome outcome = kedge("compare n2.h5 n2_sum.dat --mixture sites");
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("not told apart from these, so that only their sum means "
                                     "something:  N"));
}

// A series in any order: the table keeps the order of the files, with the number of each.
TEST_F(SpectraCommands, MixturesAgainstMillingTime) {
  ASSERT_EQ(kedge("export job.h5 --output mill").code, 0);
  const auto sums = numbers("mill_sum.dat");
  const auto mixture = [&](const std::string& name, double part) {
    std::ostringstream data;
    for (const auto& row : sums) {
      data << row[0] << " " << part * row[2] + (1.0 - part) * row[4] << " 1e-5\n";
    }
    write(name, data.str());
  };
  mixture("mill5.dat", 0.2);
  mixture("mill0.dat", 1.0);
  mixture("mill1.dat", 0.6);
  const Outcome outcome = kedge(
      "compare job.h5 mill5.dat mill0.dat mill1.dat --mixture cases --series 5,0,1 --series-name "
      "'milling time (h)' --output mill");
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("mill1, milling time (h) = 1: chi2/degree"));
  EXPECT_THAT(text("mill_mixture.dat"), HasSubstr("case_3: screening = 0.6"));
  EXPECT_THAT(text("mill_mixture.svg"), HasSubstr("milling time (h)"));
  const auto table = numbers("mill_mixture.dat");
  ASSERT_EQ(table.size(), 3U);
  const std::vector<std::pair<double, double>> wanted = {{5.0, 0.2}, {0.0, 1.0}, {1.0, 0.6}};
  for (std::size_t j = 0; j < wanted.size(); ++j) {
    EXPECT_EQ(table[j][1], wanted[j].first);
    EXPECT_NEAR(table[j][3], wanted[j].second, 0.02);  // as in MixtureOfCases
    for (const std::size_t sigma : {4U, 6U, 8U}) EXPECT_GT(table[j][sigma], 0.0);  // held ones too
  }
  expect_refused("compare job.h5 mill0.dat mill1.dat --mixture cases --series 0", 2,
                 "1 values for 2 measured spectra");
  expect_refused("compare job.h5 mill0.dat --series 0", 2, "--series belongs to --mixture");
  expect_refused("compare job.h5 mill0.dat --mixture cases --series-name time", 2,
                 "--series-name belongs to --series");
  expect_refused("compare job.h5 mill0.dat --mixture cases --shared-shift all", 2,
                 "--shared-shift would be ignored");
  expect_refused("compare job.h5 mill0.dat --mixture cases --own absorber.screening", 2,
                 "--own would be ignored");
  expect_refused("compare job.h5 mill0.dat mill1.dat --mixture cases --window 188:200,188:201", 2,
                 "one --window");
}

TEST_F(SpectraCommands, BadMeasuredDataIsNamed) {
  write("nan.dat", "190 1\n191 nan\n195 3\n");
  write("order.dat", "190 1\n195 2\n192 3\n199 1\n");
  write("twice.dat", "190 1\n195 2\n195 3\n199 1\n");
  write("columns.dat", "190 1\n195 2 3\n199 1 1\n");
  write("kev.dat", "0.190 1\n0.195 2\n0.199 1\n0.2 1\n");
  write("kev2.dat", "# keV told by nobody\n9.6 1\n9.7 2\n19.9 1\n20 1\n");
  write("none.dat", "");
  write("plain.xdi", "190 1\n195 2\n199 1\n");
  expect_refused("compare job.h5 nan.dat", 2, "nan.dat:2");
  expect_refused("compare job.h5 order.dat", 2, "order.dat:3");
  expect_refused("compare job.h5 twice.dat", 2, "twice.dat:3");
  expect_refused("compare job.h5 columns.dat", 2, "columns.dat:2");
  expect_refused("compare job.h5 kev.dat", 2, "--unit keV");
  write("zeros.dat", "180 7\n190 0\n195 0\n199 0\n");
  expect_refused("compare job.h5 zeros.dat --window 189:200", 2,
                 "'zeros': all values are 0 from 190 to 199 eV");
  expect_refused("compare job.h5 zeros.dat --mixture cases --window 189:200", 2, "'zeros'");
  expect_refused("compare job.h5 kev2.dat", 2, "Check --window, --shift and the units");
  expect_refused("compare job.h5 none.dat", 2, "none.dat");
  expect_refused("compare job.h5 plain.xdi", 2, "plain.xdi:1");
  expect_refused("compare job.h5 missing.dat", 2, "missing.dat");
}

TEST_F(SpectraCommands, FiguresOfASweepAndTheStructure) {
  const Outcome outcome = kedge("plot job.h5 --case 2");
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  for (const char* figure :
       {"job_sum.svg", "job_sites_q2.svg", "job_l.svg", "job_stack.svg", "job_difference.svg",
        "job_map_q2.svg", "job_absorption.svg", "job_structure.svg"}) {
    EXPECT_THAT(text(figure), HasSubstr("</svg>")) << figure;
  }
  EXPECT_THAT(text("job_map.svg"), HasSubstr("absorber.screening (electron)"));
}

TEST_F(SpectraCommands, FiguresOfSomeCases) {
  const auto has_case = [&](const std::string& name, const std::string& screening) {
    return text(name).find("screening = " + screening + "<") != std::string::npos;
  };
  ASSERT_EQ(kedge("plot job.h5 --draw 1,3 --output two").code, 0);
  for (const char* name : {"two_sum.svg", "two_stack.svg"}) {
    EXPECT_TRUE(has_case(name, "1"));
    EXPECT_FALSE(has_case(name, "0.8"));
    EXPECT_TRUE(has_case(name, "0.6"));
  }
  expect_refused("plot job.h5 --draw 4", 2, "from 1 to 3");
  expect_refused("report job.h5 --draw 0", 2, "from 1 on");
  // The first case 50 times.
  const kedge::io::Results one = kedge::io::read_results(folder_ / "job.h5");
  kedge::io::ResultsHeader header = one.header;
  header.q_per_angstrom.resize(1);
  header.cases.resize(1);
  header.case_sites.clear();
  header.distance_names.clear();
  header.distances.clear();
  header.cases[0].values.clear();
  for (int i = 0; i < 50; ++i) header.cases[0].values.push_back(1.0 - 0.01 * i);
  kedge::io::ResultsFile many(MPI_COMM_SELF, folder_ / "many.h5", header);
  for (std::size_t c = 0; c < 50; ++c) {
    many.write_levels(c, 0, one.levels[0]);
    for (std::size_t e = 0; e < header.energy_ev.size(); ++e) {
      std::vector<double> s_by_l;
      for (std::size_t l = 0; l <= static_cast<std::size_t>(header.lmax); ++l) {
        s_by_l.push_back(one.s_of(0, 0, 0, l)[e]);
      }
      many.write_energy(c, 0, e, {kedge::io::Status::done, s_by_l, 1.0, 0.0});
    }
  }
  many.close();
  kedge::io::rename_finished(folder_ / "many.h5", false);
  const Outcome broadened = kedge("broaden many.h5");
  ASSERT_EQ(broadened.code, 0) << broadened.out;
  const Outcome page = kedge("report many.h5");
  ASSERT_EQ(page.code, 0) << page.out;
  EXPECT_THAT(page.out, HasSubstr("40 of 50 cases are drawn, evenly spread; --draw"));
  EXPECT_THAT(text("many.html"), HasSubstr("40 of 50 cases"));
  EXPECT_TRUE(has_case("many.html", "0.51"));
  EXPECT_TRUE(has_case("many.html", "1"));
  EXPECT_THAT(kedge("plot many.h5 --draw all").out, testing::Not(HasSubstr("are drawn")));
  const Outcome exported = kedge("export many.h5");
  EXPECT_THAT(exported.out, HasSubstr("and 82 more files, the last many_l_case50.dat"));
}

TEST_F(SpectraCommands, PeaksAgainstDistance) {
  const Outcome outcome = kedge("peaks job.h5 --to H --output pk --prominence 0");
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  const auto peaks = numbers("pk_peaks.dat");
  ASSERT_FALSE(peaks.empty());
  EXPECT_EQ(peaks[0][1], 1.0);  // atom
  EXPECT_EQ(peaks[0][7], 2.0);  // its neighbour
  EXPECT_NEAR(peaks[0][8], 1.23, 1e-9);
  EXPECT_GT(peaks[0][6], 0.0);
  EXPECT_THAT(text("pk_peaks.svg"), HasSubstr("Distance to the nearest H"));
  expect_refused("peaks job.h5 --to Na", 2, "no such element");
  expect_refused("peaks job.h5 --to 3", 2, "an atom from 1 to 2");
  expect_refused("peaks job.h5 --prominence 2", 2, "--prominence");
}

TEST_F(SpectraCommands, ReportIsOnePageThatNeedsNoNetwork) {
  ASSERT_EQ(kedge("export job.h5 --output rep").code, 0);
  const Outcome outcome = kedge("report job.h5 --data rep_l_case1.dat");
  EXPECT_EQ(outcome.code, 2) << "several columns: which is the intensity?";
  write("points.dat", "188 1\n190 2\n192 3\n195 1\n");
  const Outcome done = kedge("report job.h5 --data points.dat");
  ASSERT_EQ(done.code, 0) << done.out;
  const std::string page = text("job.html");
  EXPECT_THAT(page, StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, HasSubstr("type=\"checkbox\" name=\"site\" value=\"B1 (atom 1)\""));
  EXPECT_THAT(page, HasSubstr("points and the fit of each case"));
  EXPECT_THAT(page, HasSubstr("screening = 1, 0.8, 0.6"));
  // Nothing is fetched: the only address is the name of SVG.
  std::string rest = page;
  const std::string svg = "http://www.w3.org/2000/svg";
  for (auto at = rest.find(svg); at != std::string::npos; at = rest.find(svg)) {
    rest.erase(at, svg.size());
  }
  EXPECT_EQ(rest.find("http"), std::string::npos);
  EXPECT_EQ(rest.find("src="), std::string::npos);
}

// What the page says of measured data is what kedge compare finds.
TEST_F(SpectraCommands, ReportFitsTheCasesToMeasuredData) {
  ASSERT_EQ(kedge("export job.h5 --output fit").code, 0);
  std::ostringstream moved;
  moved.precision(10);
  const auto computed = numbers("fit_sum.dat");
  for (const auto& row : computed) {
    moved << row[0] + 0.3 << " " << 2000.0 * row[3] + 5.0 - 0.05 * (row[0] - 190.0) << "\n";
  }
  write("moved data.dat", moved.str());
  const std::string how = " --background linear --shift -2:2 --window 188:205 --output ";
  const Outcome page = kedge("report job.h5 --data 'moved data.dat'" + how + "fit.html");
  ASSERT_EQ(page.code, 0) << page.out;
  ASSERT_EQ(kedge("compare job.h5 'moved data.dat'" + how + "fit").code, 0);
  const auto best = numbers("fit_compare.dat").front();
  EXPECT_EQ(best[1], 2.0);
  EXPECT_NEAR(best[5], 0.3, 2e-3);
  const std::string html = text("fit.html");
  const auto row = html.find("<td>1</td>");
  ASSERT_NE(row, std::string::npos);
  const std::string first = html.substr(row, html.find("</tr>", row) - row);
  EXPECT_THAT(first, HasSubstr("screening = 0.8"));
  EXPECT_THAT(first, HasSubstr("<td>0.300 ± "));
  EXPECT_THAT(html, HasSubstr("moved data and the best case, screening = 0.8"));
  EXPECT_THAT(html, HasSubstr("data-curve=\"background\""));
  EXPECT_THAT(html, HasSubstr("Best values between the cases"));
  // Points, and a curve for each case, which its box hides.
  const auto figure = html.find("moved data and the fit of each case</title>");
  ASSERT_NE(figure, std::string::npos);
  const std::string svg = html.substr(figure, html.find("</figure>", figure) - figure);
  for (const char* name : {"measured", "screening = 1", "screening = 0.8", "screening = 0.6"}) {
    EXPECT_THAT(svg, HasSubstr("class=\"curve\" data-curve=\"" + std::string(name) + "\""));
  }

  // Two spectra with one shift; a case whose fit ends at a limit is warned of, on the page too.
  ASSERT_EQ(kedge("report job.h5 --data fit_sum.xdi,fit_sum.xdi --q 1,2").code, 2)
      << "no such file";
  const Outcome both =
      kedge("report job.h5 --data 'moved data.dat,moved data.dat' --q 1,2 --shift 1:2");
  ASSERT_EQ(both.code, 0) << both.out;
  EXPECT_THAT(both.out, HasSubstr("widen --shift"));
  EXPECT_THAT(text("job.html"), HasSubstr("<p class=\"warning\">the best shift is an end"));
  EXPECT_THAT(text("job.html"), HasSubstr("q = 2 Å⁻¹: moved data and the fit of each case"));

  expect_refused("report job.h5 --data job.h5", 2, "a result file");
  // Without data nothing is fitted: what is said of the fit, its default too, would be ignored.
  for (const char* option :
       {"window 188:205", "shift -5:5", "width", "background linear", "q 2", "kind xanes",
        "layout counts", "unit keV", "column 2", "error-column 3", "repeated average"}) {
    const std::string given = option;
    expect_refused(
        "report job.h5 --" + given, 2,
        "--" + given.substr(0, given.find(' ')) + " belongs to --data, which is not given");
  }
  expect_refused("report job.h5 --data 'moved data.dat' --background steep", 2, "--background");
  expect_refused("report job.h5 --data 'moved data.dat' --q 1,2", 2, "--q 1,2");
}

// Nothing swept: no stack, no difference, and the sum without a legend.
TEST_F(SpectraCommands, ReportAndFiguresOfASingleCase) {
  ASSERT_EQ(kedge("run job.ini --set absorber.screening=1 --output single.h5").code, 0);
  const Outcome page = kedge("report single.h5");
  ASSERT_EQ(page.code, 0) << page.out;
  EXPECT_THAT(text("single.html"), HasSubstr("data-curve=\"sum of sites\""));
  const Outcome figures = kedge("plot single.h5");
  ASSERT_EQ(figures.code, 0) << figures.out;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "single_difference.svg"));
  EXPECT_EQ(text("single_sum.svg").find("class=\"legend\""), std::string::npos);
}

/// Counts of one analyser: an edge on a falling background, incident energies in keV.
std::string scan(double elastic_ev) {
  std::ostringstream all;
  all.precision(10);
  all << "# energy(keV) counts\n";
  for (int i = 0; i <= 100; ++i) {
    const double loss = 170.0 + 0.5 * i;
    const double edge =
        loss > 188.0 ? 300.0 + 400.0 * std::exp(-(loss - 191.0) * (loss - 191.0) / 2.0) : 0.0;
    all << (elastic_ev + loss) / 1000.0 << " " << 1000.0 - 5.0 * (loss - 170.0) + edge << "\n";
  }
  return all.str();
}

TEST_F(SpectraCommands, ReduceFromIncidentEnergiesToANormalisedSpectrum) {
  write("scan.dat", scan(9690.2));
  std::ostringstream line;
  line.precision(10);
  for (int i = 0; i <= 60; ++i) {
    const double energy = 9688.7 + 0.05 * i;
    line << energy << " " << 5.0 + 1e5 * std::exp(-std::pow((energy - 9690.2) / 0.4, 2)) << "\n";
  }
  write("elastic.dat", line.str());
  write("recipe.ini",
        "axis = incident\nlayout = counts\nbackground = linear\nbackground-window = 170:187\n"
        "normalise = area\nwindow = 186:215\nangle = 120\n");
  const Outcome outcome =
      kedge("reduce scan.dat --recipe recipe.ini --elastic elastic.dat --output red");
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("9690.200"));
  const auto reduced = numbers("red_reduced.dat");
  ASSERT_EQ(reduced.size(), 101U);
  // Energies in the file have 10 digits.
  EXPECT_NEAR(reduced[0][0], 170.0, 1e-4);
  double area = 0.0;
  for (std::size_t i = 1; i < reduced.size(); ++i) {
    if (reduced[i][0] > 215.01 || reduced[i - 1][0] < 185.99) continue;
    area += 0.25 * (reduced[i][1] + reduced[i - 1][1]);
  }
  EXPECT_NEAR(area, 1.0, 1e-6);
  // 2 k sin(60 degrees), k = 9.69 to 9.88 keV / (hbar c): 8.5 1/Angstrom.
  EXPECT_NEAR(reduced[40][5], 8.59, 0.05);
  for (const auto& row : reduced) EXPECT_GT(row[2], 0.0);
  // What was written is read back, by kedge too: both forms are the same spectrum.
  const Outcome again = kedge("compare job.h5 red_reduced.h5 --output back");
  EXPECT_EQ(again.code, 0) << again.out;
  // The Compton background of free atoms: B 1s is left out below its edge, H 1s is there. At 40
  // degrees it falls as the data do, at 120 it rises and fits no more.
  const Outcome compton = kedge(
      "reduce scan.dat --recipe recipe.ini --elastic 9690.2 --background compton:BH --angle 40 "
      "--output com");
  EXPECT_EQ(compton.code, 0) << compton.out;
  const Outcome rising = kedge(
      "reduce scan.dat --recipe recipe.ini --elastic 9690.2 --background compton:BH --output com");
  EXPECT_EQ(rising.code, 4) << rising.out;
  expect_refused("reduce scan.dat --recipe recipe.ini --elastic 9690.2 --background compton:Bx", 2,
                 "formula 'Bx'");
  // A spectrum minus itself is nothing.
  const Outcome nothing = kedge(
      "reduce scan.dat --recipe recipe.ini --elastic 9690.2 --subtract scan.dat --output same");
  ASSERT_EQ(nothing.code, 0) << nothing.out;
  for (const auto& row : numbers("same_difference.dat")) EXPECT_NEAR(row[1], 0.0, 1e-9);
}

TEST_F(SpectraCommands, ReduceRefusesWhatIsWrong) {
  write("loss.dat", "170 5\n180 5\n187 5\n190 9\n195 8\n200 8\n");
  const std::string good = "--background-window 170:187 --window 190:200";
  ASSERT_EQ(kedge("reduce loss.dat --background constant " + good).code, 0);
  expect_refused("reduce loss.dat", 2, "--background-window");
  expect_refused("reduce loss.dat --background-window 170:187", 2, "--window");
  expect_refused("reduce loss.dat --background steep " + good, 2, "--background");
  expect_refused("reduce loss.dat --axis incident --elastic 9690 " + good, 2,
                 "no energy of an incident");
  expect_refused("reduce loss.dat --elastic 9690 " + good, 2, "--axis");
  expect_refused("reduce loss.dat --axis incident " + good, 2, "--elastic");
  expect_refused("reduce loss.dat --angle 30 " + good, 2, "--analyser-energy");
  expect_refused("reduce loss.dat --rebin 1:2 " + good, 2, "--rebin");
  expect_refused("reduce loss.dat --average loss.dat " + good, 2, "no errors");
  expect_refused("reduce loss.dat --recipe none.ini", 2, "none.ini");
  write("bad.ini", "bakground = linear\n");
  expect_refused("reduce loss.dat --recipe bad.ini", 2, "bakground");
  write("mark.ini",
        "\xEF\xBB\xBF"
        "background = constant\n");
  EXPECT_EQ(kedge("reduce loss.dat --recipe mark.ini " + good).code, 0);
  std::filesystem::create_directory(folder_ / "other");
  write("other/loss.dat", "170 5\n180 5\n187 5\n190 9\n195 8\n200 8\n");
  expect_refused("reduce loss.dat other/loss.dat --output both --background constant " + good, 2,
                 "would both be written to 'both_loss");
}

// NeXus as h5py scripts and silx see it, where Debian's python3-h5py is there.
TEST_F(SpectraCommands, FilesFollowNexus) {
  if (run("/usr/bin/python3 -c 'import h5py'").code != 0) GTEST_SKIP() << "python3-h5py is missing";
  const char* source = std::getenv("KEDGE_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  write("loss.dat", "170 5\n180 5\n187 5\n190 9\n195 8\n200 8\n");
  ASSERT_EQ(
      kedge("reduce loss.dat --background constant --background-window 170:187 --window 190:200")
          .code,
      0);
  for (const char* file : {"job.h5", "loss_reduced.h5"}) {
    const Outcome checked = run("/usr/bin/python3 " + std::string(source) +
                                "/tests/e2e/check_nexus.py " + (folder_ / file).string());
    EXPECT_EQ(checked.code, 0) << checked.out;
    EXPECT_THAT(checked.out, HasSubstr("default /entry/data"));
  }
  // What h5py writes is read: two analysers with errors.
  write(
      "write.py",
      "import h5py, numpy, sys\n"
      "with h5py.File(sys.argv[1], 'w') as f:\n"
      "    f.attrs['default'] = 'entry'\n"
      "    e = f.create_group('entry'); e.attrs['NX_class'] = 'NXentry'; e.attrs['default'] = 'd'\n"
      "    d = e.create_group('d'); d.attrs['NX_class'] = 'NXdata'; d.attrs['signal'] = 'counts'\n"
      "    d.attrs['axes'] = ['analyser', 'energy']\n"
      "    d['energy'] = numpy.linspace(0.17, 0.21, 41); d['energy'].attrs['units'] = 'keV'\n"
      "    d['counts'] = numpy.full((2, 41), 7, dtype='i4')\n"
      "    d['counts_errors'] = numpy.full((2, 41), 2.0)\n"
      "    for name, x, y in (('empty', [], []), ('texts', [1., 2., 3.], [b'a', b'b', b'c']), "
      "('angle', [1., 2., 3.], [1., 2., 3.])):\n"
      "        b = e.create_group(name); b.attrs['NX_class'] = 'NXdata'\n"
      "        b.attrs['signal'] = 'y'; b.attrs['axes'] = ['x']; b['x'] = x; b['y'] = y\n"
      "        if name == 'angle': b['x'].attrs['units'] = 'degrees'\n");
  ASSERT_EQ(run("/usr/bin/python3 " + (folder_ / "write.py").string() + " " +
                (folder_ / "two.nxs").string())
                .code,
            0);
  const Outcome two =
      kedge("reduce two.nxs --layout blocked --background none --normalise none --output two");
  ASSERT_EQ(two.code, 0) << two.out;
  const auto reduced = numbers("two_reduced.dat");
  ASSERT_EQ(reduced.size(), 41U);
  EXPECT_NEAR(reduced[40][0], 210.0, 1e-9);
  EXPECT_NEAR(reduced[5][1], 7.0, 1e-12);
  EXPECT_NEAR(reduced[5][2], 2.0 / std::sqrt(2.0), 1e-8);
  expect_refused("reduce two.nxs --background none --normalise none", 2, "2 spectra");
  expect_refused("reduce two.nxs:/entry/empty --background none --normalise none", 2,
                 "axis 'x' is empty");
  expect_refused("reduce two.nxs:/entry/texts --background none --normalise none", 2,
                 "two.nxs:/entry/texts': dataset 'y' holds no numbers");
  expect_refused("reduce two.nxs:/entry/angle --background none --normalise none", 2,
                 "energies in 'degrees'");
  expect_refused("reduce two.nxs:/entry/none --background none --normalise none", 2, "/entry/none");
}

// There and back through Larch, where Debian's python3-xraylarch is there.
TEST_F(SpectraCommands, LarchReadsAndWritesCurves) {
  // To import it takes five seconds: only looked for.
  const char* look =
      "/usr/bin/python3 -c 'import importlib.util, sys; "
      "sys.exit(importlib.util.find_spec(\"larch\") is None)'";
  if (run(look).code != 0) GTEST_SKIP() << "python3-xraylarch is missing";
  ASSERT_EQ(kedge("export job.h5 --format xdi --output larch").code, 0);
  write("through.py",
        "from larch.io import read_ascii, write_ascii\n"
        "raman = read_ascii('larch_sum_case2.xdi')\n"
        "print(raman.array_labels, raman.attrs.element_symbol, raman.attrs.xrs_q)\n"
        "write_ascii('from_larch.dat', raman.energy, raman.intensity, label='energy intensity')\n"
        "print(read_ascii('larch_absorption_case2.xdi').mu.max() > 0)\n"
        "from larch import Interpreter\n"
        "from larch.io import h5group\n"
        "print(h5group('job.h5', 'r', _larch=Interpreter()).entry.data.intensity.shape)\n");
  const Outcome larch = run("cd " + folder_.string() + " && /usr/bin/python3 through.py");
  ASSERT_EQ(larch.code, 0) << larch.out;
  EXPECT_THAT(larch.out, HasSubstr("['energy', 'intensity'] B 4.5 1/Angstrom\n"));
  EXPECT_THAT(larch.out, HasSubstr("True\n(3, 41)\n"));
  const auto sent = numbers("larch_sum_case2.xdi");
  const auto returned = numbers("from_larch.dat");
  ASSERT_EQ(returned.size(), sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_NEAR(returned[i][0], sent[i][0],
                1e-6 * sent[i][0]);  // Larch writes at least seven digits
    EXPECT_NEAR(returned[i][1], sent[i][1], 1e-6 * sent[i][1]);
  }
  const Outcome fit = kedge("compare job.h5 from_larch.dat --output from_larch");
  ASSERT_EQ(fit.code, 0) << fit.out;
  EXPECT_EQ(numbers("from_larch_compare.dat")[0][1], 2.0);
}

TEST_F(SpectraCommands, OptionsAreChecked) {
  write("data.dat", "188 1\n190 2\n195 3\n199 1\n200 2\n");
  expect_refused("compare job.h5", 2, "DATA");
  expect_refused("compare job.h5 data.dat --window 200", 2, "--window");
  expect_refused("compare job.h5 data.dat --window 200:190", 2, "--window");
  expect_refused("compare job.h5 data.dat --shift x:2", 2, "--shift");
  expect_refused("compare job.h5 data.dat --shift -1e9:1e9 --window 187:201", 2,
                 "-1000 to 1000 eV");
  expect_refused("compare job.h5 data.dat --error-column 2", 2, "holds the intensity");
  expect_refused("broaden job.h5 --site-shift 1=1e9", 2, "-200 to 200");
  expect_refused("plot job.h5 --output no/where", 3, "no folder 'no'");
  expect_refused("report job.h5 --output no/where.html", 3, "no folder 'no'");
  expect_refused("compare job.h5 data.dat --background steep", 2, "--background");
  expect_refused("compare job.h5 data.dat --q 3", 2, "--q 3");
  expect_refused("compare job.h5 data.dat --q 1,2", 2, "--q 1,2");
  expect_refused("compare job.h5 data.dat --mixture atoms", 2, "--mixture");
  expect_refused("compare job.h5 data.dat --layout wide", 2, "--layout");
  expect_refused("compare job.h5 data.dat --layout counts --column 2", 2,
                 "--column belongs to --layout single");
  expect_refused("compare job.h5 data.dat --case 4", 2, "--case 4");
  expect_refused("compare job.h5 data.dat --set engine.spacing=1", 2, "[broadening]");
  expect_refused("compare data.dat data.dat", 3, "not an HDF5 file");
  expect_refused("export job.h5 --format csv", 2, "--format");
  expect_refused("export job.h5 --output no/where", 3, "no folder");
  expect_refused("export none.h5", 3, "none.h5");
}

}  // namespace
