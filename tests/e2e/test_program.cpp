// SPDX-License-Identifier: BSD-3-Clause
/// The built program from outside: exit code, and for errors one clear line, soon, before any
/// solve.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "kedge/io/results_file.hpp"
#include "run_command.hpp"

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using kedge::test::Outcome;
using kedge::test::run;

std::string program() {
  const char* path = std::getenv("KEDGE_PROGRAM");
  return path == nullptr ? "kedge" : path;
}

class Program : public testing::Test {
 protected:
  Program() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kedge-e2e-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    write("bh.xyz", "2\nBH\nB 0 0 0\nH 0 0 1.23\n");
  }
  ~Program() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  /// An input that is right but for what `extra` (--set settings) says.
  void write_input() const {
    write(
        "job.ini",
        "[structure]\nfile = bh.xyz\nabsorber = B\nradius = 4\n[energy]\ngrid = 0:1:5\nfermi = -5\n"
        "[xrs]\nq = 4.5\n");
  }
  [[nodiscard]] Outcome kedge(const std::string& arguments,
                              const std::string& launcher = "") const {
    return run("cd " + folder_.string() + " && " + launcher + " " + program() + " " + arguments);
  }

  /// Wants one line "kedge: KIND: ...word...", the exit code, and no long wait.
  void expect_refused(const std::string& arguments, int code, const std::string& kind,
                      const std::string& word) const {
    SCOPED_TRACE(arguments);
    const Outcome outcome = kedge(arguments);
    EXPECT_EQ(outcome.code, code);
    EXPECT_THAT(outcome.out, StartsWith("kedge: " + kind + ": "));
    EXPECT_THAT(outcome.out, HasSubstr(word));
    EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1) << outcome.out;
    // Starting MPI takes 0.3 s on a free machine; a single solve would take longer than this on a
    // busy one.
    EXPECT_LT(outcome.seconds, 10.0);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "job.h5"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "job.h5.part"));
  }

  std::filesystem::path folder_;
};

TEST_F(Program, HelpAndVersionEverywhere) {
  for (const char* arguments :
       {"--help", "run --help", "check --help", "info --help", "broaden --help", "plot --help",
        "keys --help", "export --help", "compare --help", "reduce --help", "peaks --help",
        "report --help"}) {
    const Outcome outcome = kedge(arguments);
    EXPECT_EQ(outcome.code, 0) << arguments;
    EXPECT_THAT(outcome.out, HasSubstr("Usage: kedge")) << arguments;
  }
  for (const char* arguments : {"--version", "run --version"}) {
    EXPECT_THAT(kedge(arguments).out, HasSubstr("PETSc")) << arguments;
  }
  EXPECT_THAT(kedge("keys").out, HasSubstr("## [engine]"));
}

TEST_F(Program, SeveralInputsRunOneAfterTheOther) {
  write_input();
  write("other.ini",
        "[structure]\nfile = bh.xyz\nabsorber = B\nradius = 4\n[energy]\ngrid = 0:1:3\nfermi = "
        "-5\n[xrs]\nq = 3\n");
  const std::string ms = " --set engine.kind=ms";
  // A slip in the last input is found before the first is computed.
  expect_refused("run job.ini other.ini missing.ini" + ms, 2, "input error", "missing.ini");
  expect_refused("run job.ini other.ini --set output.file=a.h5" + ms, 2, "input error",
                 "a file for each input");
  const Outcome outcome = kedge("run job.ini other.ini" + ms);
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("Input 2 of 2: other.ini"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "job.h5"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "other.h5"));
  EXPECT_EQ(kedge("check job.ini other.ini" + ms).code, 0);
}

TEST_F(Program, PartsOfAnInputRunOneAfterTheOther) {
  write_input();
  write("parts.ini",
        "[structure]\nfile = bh.xyz\nradius = 4\n[energy]\ngrid = 0:1:3\nfermi = -5\n[xrs]\nq = "
        "3\n[engine]\nkind = ms\n[part B]\nstructure.absorber = B\n[part H]\nstructure.absorber "
        "= H\n");
  expect_refused("run parts.ini --part C", 2, "input error", "the input has B, H");
  expect_refused("run job.ini --part C", 2, "input error", "the input has none");
  expect_refused("run parts.ini --output a.h5", 2, "input error", "a file for each input");
  const Outcome one = kedge("run parts.ini --part H");
  EXPECT_EQ(one.code, 0) << one.out;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "parts_H.h5"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "parts_B.h5"));
  const Outcome both = kedge("run parts.ini --overwrite");
  EXPECT_EQ(both.code, 0) << both.out;
  EXPECT_THAT(both.out, HasSubstr("Input 1 of 2: parts.ini --part B"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "parts_B.h5"));
  EXPECT_THAT(kedge("check parts.ini").out, HasSubstr("Foreseen for all inputs in one job"));
  EXPECT_THAT(kedge("info parts_H.h5").out, HasSubstr("parts.ini:H"));
}

TEST_F(Program, CommandLineErrors) {
  expect_refused("", 2, "input error", "no command");
  expect_refused("rnu job.ini", 2, "input error", "unknown command 'rnu'");
  expect_refused("run", 2, "input error", "takes INPUT...");
  expect_refused("run job.ini b.ini --output a.h5", 2, "input error", "2 inputs");
  expect_refused("info a.h5 b.h5", 2, "input error", "takes one file");
  expect_refused("run job.ini --fast", 2, "input error", "--fast");
  expect_refused("run job.ini --resume --overwrite", 2, "input error", "exclude");
  expect_refused("run job.ini --output \"\"", 2, "input error", "--output");
}

TEST_F(Program, InputErrors) {
  write_input();
  expect_refused("run missing.ini", 2, "input error", "missing.ini");
  expect_refused("run job.ini --set structure.radus=5", 2, "input error", "radius in [structure]");
  expect_refused("run job.ini --set structure.file=no.xyz", 2, "input error", "no.xyz");
  expect_refused("run job.ini --set structure.file=bh.pdb", 2, "input error", "bh.pdb");
  expect_refused("run job.ini --set structure.absorber=Fe", 2, "input error", "Fe");
  expect_refused("run job.ini --set structure.absorber=3", 2, "input error", "3");
  expect_refused("run job.ini --set structure.radius=-1", 2, "input error", "(0, 30]");
  expect_refused("run job.ini --set structure.radius=0.5", 2, "input error", "too small");
  expect_refused("run job.ini --set energy.grid=5:1:0", 2, "input error", "backwards");
  expect_refused("run job.ini --set dos.atoms=Fe", 2, "input error", "not in the structure");
  expect_refused("run job.ini --set xrs.q=0", 2, "input error", "(0, 50]");
  expect_refused("run job.ini --set edge.name=M5", 2, "input error", "M5");
  expect_refused("run job.ini --set engine.kind=kkr", 2, "input error", "one of fdm, ms");
  expect_refused("run job.ini --set engine.kind=ms --set potential.muffin_tin_radius=Fe:1.0", 2,
                 "input error", "no Fe in bh.xyz");
  expect_refused("run job.ini --set engine.kind=ms --set potential.muffin_tin_radius=B:1.2", 2,
                 "input error", "spheres of atoms 1 and 2");
  expect_refused("run job.ini --set engine.kind=ms --set potential.outer=vacuum", 2, "input error",
                 "outer = auto");
  expect_refused("run job.ini --set parallel.ranks_per_solve=2", 2, "input error", "divide");
  expect_refused("run job.ini --set parallel.scratch=no/where", 2, "input error", "'no/where'");
  expect_refused("check job.ini --set xrs.q=0", 2, "input error", "(0, 50]");
}

// What the parser alone cannot see must still be found before the first solve.
TEST_F(Program, AtomsThatCannotBe) {
  write_input();
  const auto refused = [&](const std::string& setting, const std::string& word) {
    expect_refused("run job.ini --set " + setting, 2, "input error", word);
    expect_refused("check job.ini --set " + setting, 2, "input error", word);
  };
  refused("atoms.configuration=Fe:3d6", "no Fe in bh.xyz");
  refused("atoms.configuration=7:2p1", "no atom 7");
  refused("atoms.configuration=B:2p6", "does not bind");
  refused("atoms.configuration=H:1s0", "no electrons");
  refused("absorber.screening_orbital=2s", "no room");
  refused("absorber.screening_orbital=1s", "fill the hole");
  refused("absorber.dilated_orbital=3d --set absorber.dilatorb=0,0.2", "to change");
  refused("absorber.screening=1,-1 --set absorber.screening_orbital=3s", "at least 0");
  refused("engine.sphere_radius=Fe:1", "no Fe");
  refused("engine.sphere_radius=B:0.8,H:0.6", "overlap");
  refused("engine.sphere_radius=2:0.4", "by element, H:0.4");
}

TEST_F(Program, WhatWouldFailAfterTheSolvesIsRefusedBefore) {
  write_input();
  expect_refused("run job.ini --set broadening.cut=5", 2, "input error", "above the cut");
  expect_refused("run job.ini --set structure.radius=30 --set engine.spacing=0.05", 2,
                 "input error", "structure.radius = 30 Angstrom");
  expect_refused("run job.ini --set engine.outer_radius=30 --set engine.spacing=0.05", 2,
                 "input error", "engine.outer_radius = 30 Angstrom");
  expect_refused("run job.ini --set energy.grid=0:0.02:1000 --set absorber.dilatorb=0:0.0001:1", 2,
                 "input error", "solves");
}

// A radius that no machine at hand can hold is told from the number of grid points alone, at once.
TEST_F(Program, MemoryIsForeseenBeforeTheSetUp) {
  write_input();
  const std::string large = "job.ini --set structure.radius=30 --set engine.spacing=0.18";
  expect_refused("run " + large, 2, "input error", "this machine has");
  const Outcome check = kedge("check " + large);
  EXPECT_EQ(check.code, 0) << check.out;
  EXPECT_THAT(check.out, HasSubstr("this machine has"));
  EXPECT_LT(check.seconds, 10.0);
  const Outcome no_grid = kedge("check " + large + " --set engine.kind=ms");
  EXPECT_EQ(no_grid.code, 0) << no_grid.out;
  EXPECT_THAT(no_grid.out, Not(HasSubstr("grid points")));
}

TEST_F(Program, RubbishInTheInputStaysOnOneLine) {
  write("job.ini",
        "\x7f"
        "ELF\x02\n\x1b[31m\n");
  expect_refused("run job.ini", 2, "input error", "text file");
  write("job.ini", "");
  expect_refused("run job.ini", 2, "input error", "'file' in [structure] is missing");
  write("bh.xyz", "2\x01\nBH\n");
  write_input();
  expect_refused("run job.ini", 2, "input error", "number of atoms");
  write("bh.xyz", std::string("2\0", 2));
  expect_refused("run job.ini", 2, "input error", "\"2?\" where the number of atoms is wanted");
}

TEST_F(Program, TwoAtomsAtOnePlace) {
  write_input();
  write("bh.xyz", "3\nBHH\nB 0 0 0\nH 0 0 1.23\nH 0 0 1.23\n");
  expect_refused("run job.ini", 2, "input error", "3");
}

TEST_F(Program, FileErrors) {
  write_input();
  expect_refused("run job.ini --output no/where.h5", 3, "file error", "no folder");
  expect_refused("run job.ini --output /proc/job.h5", 3, "file error", "cannot write");
  expect_refused("info none.h5", 3, "file error", "none.h5");
  for (const char* command : {"info", "plot", "broaden"}) {
    expect_refused(std::string(command) + " job.ini", 3, "file error", "not an HDF5 file");
    expect_refused(std::string(command) + " .", 3, "file error", "not an HDF5 file");
  }
  expect_refused("broaden none.h5 --set broadening.instrument=1", 3, "file error", "none.h5");
  expect_refused("broaden none.h5 --set xrs.q=1", 2, "input error", "[broadening]");
  write("old.h5", "precious");
  expect_refused("run job.ini --output old.h5", 3, "file error", "--overwrite");
  for (const char* file : {"old.h5", "job.ini", "bh.xyz"}) {
    expect_refused(std::string("run job.ini --overwrite --output ") + file, 3, "file error",
                   "no result file");
    expect_refused(std::string("check job.ini --output ") + file, 3, "file error",
                   "no result file");
  }
}

TEST_F(Program, CasesSeeTheSpectrumInOneWay) {
  write_input();
  const std::string both = "check job.ini --set engine.kind=fdm,ms --set energy.grid=0:0.5:15";
  expect_refused(both, 2, "input error", "engine.energies = direct");
  EXPECT_EQ(kedge(both + " --set engine.energies=direct").code, 0);
}

TEST_F(Program, ListsInAnotherOrderAreNotResumed) {
  const std::string start =
      "[structure]\nfile = bh.xyz\nabsorber = B\nradius = 4\n[energy]\ngrid = 0:1:3\n"
      "fermi = -5\n[xrs]\nq = 4.5\n[engine]\nkind = ms\n[output]\nfile = job.h5\n[absorber]\n";
  write("job.ini", start + "screening = 1, 0.5\ndilatorb = 0, 0.2\n");
  write("other.ini", start + "dilatorb = 0, 0.2\nscreening = 1, 0.5\n");
  ASSERT_EQ(kedge("run job.ini").code, 0);
  EXPECT_EQ(kedge("run job.ini --resume").code, 0);
  const Outcome outcome = kedge("run other.ini --resume");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.out, HasSubstr("another order"));
}

TEST_F(Program, SitesThatACaseLacksAreForeseenWithoutThem) {
  write("row.xyz", "4\nB2H2\nB 0 0 0\nB 0 0 1.6\nH 0 0 -1.2\nH 0 0 2.8\n");
  write("row.ini",
        "[structure]\nfile = row.xyz\nabsorber = B\nradius = 4\nvacancy = none,1,2\n[energy]\n"
        "grid = 0:1:5\nfermi = -5\n[xrs]\nq = 4.5\n[engine]\nkind = ms\n");
  const Outcome checked = kedge("check row.ini");
  EXPECT_EQ(checked.code, 0) << checked.out;
  ASSERT_EQ(kedge("run row.ini").code, 0);
  // Distances are those of the structure as it was read, which two of three cases are not.
  const Outcome peaks = kedge("peaks row.h5 --to H");
  EXPECT_EQ(peaks.code, 2);
  EXPECT_THAT(peaks.out, HasSubstr("cases.distances = H"));
}

TEST_F(Program, OutputThatIsLostIsTold) {
  const Outcome outcome = run("{ " + program() + " keys > /dev/full; } 2>&1");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.out, HasSubstr("standard output"));
}

TEST_F(Program, SecondRunOnOneFileIsLockedOut) {
  write_input();
  const std::string holding = "exec 9> job.h5.lock; echo 'process 1 on here' >&9; flock -n 9;";
  for (const char* command : {"run job.ini", "run job.ini --overwrite", "run job.ini --resume"}) {
    const Outcome outcome = kedge(command, holding);
    EXPECT_EQ(outcome.code, 3) << outcome.out;
    EXPECT_THAT(outcome.out, HasSubstr("another run writes 'job.h5': process 1 on here"));
  }
  // What a killed run left behind holds nobody up, and goes with the next one.
  write("job.h5.lock", "process 1 on here\n");
  const Outcome outcome = kedge("run job.ini --set engine.kind=ms --set energy.grid=0,1,2");
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "job.h5.lock"));
}

TEST_F(Program, UnderMpirunTheMessageComesOnce) {
  write_input();
  const Outcome outcome = kedge("run job.ini --set xrs.q=0", "mpirun --oversubscribe -np 3");
  EXPECT_EQ(outcome.code, 2);
  const auto first = outcome.out.find("kedge: input error:");
  ASSERT_NE(first, std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("kedge: input error:", first + 1), std::string::npos) << outcome.out;
}

TEST_F(Program, MultipleScatteringFromInputToFile) {
  write_input();
  const Outcome checked = kedge("check job.ini --set engine.kind=ms");
  EXPECT_EQ(checked.code, 0) << checked.out;
  EXPECT_THAT(checked.out, HasSubstr("Muffin-tin radii (Angstrom): H"));
  const Outcome given =
      kedge("check job.ini --set engine.kind=ms --set potential.muffin_tin_radius=B:0.7");
  EXPECT_THAT(given.out, HasSubstr("B 0.700 (given)"));
  EXPECT_THAT(checked.out, HasSubstr("Fermi -5.000 (given)"));
  const Outcome counted = kedge("check job.ini --set engine.kind=ms --set energy.fermi=auto");
  EXPECT_EQ(counted.code, 0) << counted.out;
  EXPECT_THAT(counted.out, HasSubstr("(counted)"));
  const Outcome done = kedge(
      "run job.ini --set engine.kind=ms --set energy.fermi=auto --set dos.atoms=B,2 --set "
      "dos.grid=-8:1:2 --set potential.muffin_tin_radius=B:0.7,H:0.4");
  EXPECT_EQ(done.code, 0) << done.out;
  EXPECT_THAT(done.out, HasSubstr("6 energies done, 0 failed"));
  EXPECT_THAT(done.out, HasSubstr("Fermi level (eV from the vacuum, counted)"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "job.h5"));
  EXPECT_EQ(kedge("plot job.h5").code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "job_dos.svg"));
}

TEST_F(Program, CasesOfStructuresAreListedComputedAndAveraged) {
  write_input();
  write("row.xyz",
        "4\nCB2H\nC 0 0 0\nB 0 0 1.6\nB 0 0 3.2\nH 0 0 -1.1\n4\n\nC 0 0 0\nB 0 0 1.5\nB 0 0 3.2\nH "
        "0 0 -1.1\n");
  const std::string cases =
      " --set engine.kind=ms --set structure.file=row.xyz --set structure.weights=1,3 --set "
      "'structure.vacancy=none,2'"
      " --set 'structure.swap=none,1<->3' --set cases.distances=C";
  const Outcome checked = kedge("check job.ini" + cases);
  EXPECT_EQ(checked.code, 0) << checked.out;
  EXPECT_THAT(checked.out, HasSubstr("8 cases"));
  EXPECT_THAT(checked.out, HasSubstr("structure.swap = 1<->3"));
  EXPECT_THAT(checked.out, HasSubstr("C at 1.600 to 3.200 Angstrom"));
  EXPECT_THAT(checked.out, HasSubstr("sbatch --ntasks=1 --mem-per-cpu="));
  EXPECT_THAT(checked.out, HasSubstr("jobs/slurm/single_node.sbatch job.ini"));
  const Outcome done = kedge("run job.ini" + cases, "mpirun --oversubscribe -np 2");
  ASSERT_EQ(done.code, 0) << done.out;
  EXPECT_THAT(done.out,
              HasSubstr("72 energies done, 0 failed"));  // 6 energies of 2 x 2 x (2 + 1) sites
  const Outcome info = kedge("info job.h5");
  EXPECT_EQ(info.code, 0) << info.out;
  EXPECT_THAT(info.out, HasSubstr("absent from this case"));
  EXPECT_THAT(info.out, HasSubstr("72 in all, 72 done, 0 missing"));
  EXPECT_EQ(kedge("broaden job.h5 --set broadening.instrument=2").code, 0);
  EXPECT_EQ(kedge("plot job.h5 --case 8").code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "job_average.svg"));
  const Outcome resumed = kedge("run job.ini --resume" + cases);
  EXPECT_EQ(resumed.code, 0) << resumed.out;
  const Outcome other = kedge("run job.ini --resume" + cases + " --set structure.strain=0.01");
  EXPECT_EQ(other.code, 2) << other.out;
  EXPECT_THAT(other.out, HasSubstr("structure.strain: 0 -> 0.01"));
}

TEST_F(Program, DirectionsAreSeenByAllSitesOfAClass) {
  // Four B about a fourfold axis, none on it: each sees q along x in its own way, and together they
  // see x as they see y, but for rounding. Along the axis and in a powder S is another.
  write_input();
  write("square.cif",
        "data_P4\n_cell_length_a 5\n_cell_length_b 5\n_cell_length_c 4\n_cell_angle_alpha "
        "90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n_space_group_name_H-M_alt 'P 4'\nloop_\n"
        "_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n"
        "_atom_site_fract_z\nB1 B 0.18 0.0 0.0\nC1 C 0.3 0.25 0.4\n");
  const Outcome done = kedge(
      "run job.ini --set engine.kind=ms --set structure.file=square.cif --set structure.absorber=1 "
      "--set 'xrs.direction=1,0,0|0,1,0|0,0,1|powder' --set energy.grid=2:2:6");
  ASSERT_EQ(done.code, 0) << done.out;
  const auto results = kedge::io::read_results(folder_ / "job.h5");
  const std::size_t count = results.s.size() / 4;
  double largest = 0.0;
  double xy = 0.0;
  double xz = 0.0;
  double powder = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = results.s[i];
    largest = std::max(largest, x);
    xy = std::max(xy, std::abs(x - results.s[count + i]));
    xz = std::max(xz, std::abs(x - results.s[2 * count + i]));
    powder = std::max(powder, std::abs(x - results.s[3 * count + i]));
  }
  EXPECT_LT(xy, 1e-9 * largest);
  EXPECT_GT(xz, 0.02 * largest);
  EXPECT_GT(powder, 0.01 * largest);
}

TEST_F(Program, StepTooCoarseForTheWavesInASphereIsTold) {
  write_input();
  const Outcome run = kedge(
      "run job.ini --set structure.radius=2.5 --set engine.spacing=0.45 --set energy.grid=1:39:40");
  EXPECT_EQ(run.code, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("Warning: in 1 of 1 spectra the step is too coarse"));
  EXPECT_THAT(run.out, HasSubstr("Warning: the step moves waves of the highest energies by"));
  EXPECT_THAT(kedge("info job.h5").out, HasSubstr("the step is too coarse"));
}

TEST_F(Program, SmallMoleculeFromInputToFigures) {
  write_input();
  // Small and coarse: this is about the program, not about the spectrum.
  const std::string small =
      " --set structure.radius=2.5 --set engine.spacing=0.3 --set energy.grid=1:2:7"
      " --set absorber.screening=1,0.5";
  const Outcome check = kedge("check job.ini" + small);
  EXPECT_EQ(check.code, 0) << check.out;
  EXPECT_THAT(check.out, HasSubstr("2 cases"));
  EXPECT_THAT(check.out, HasSubstr("unknowns"));
  const Outcome first = kedge("run job.ini" + small, "mpirun --oversubscribe -np 2");
  ASSERT_EQ(first.code, 0) << first.out;
  EXPECT_THAT(first.out, HasSubstr("Peaks of the broadened site sum"));
  EXPECT_THAT(first.out, HasSubstr("8 energies done, 0 failed"));
  EXPECT_THAT(first.out, Not(HasSubstr("too coarse")));
  EXPECT_THAT(kedge("info job.h5").out, HasSubstr("8 in all, 8 done, 0 missing, 0 failed"));
  EXPECT_EQ(kedge("broaden job.h5 --set broadening.instrument=1").code, 0);
  EXPECT_EQ(kedge("plot job.h5 --case 2").code, 0);
  for (const char* figure : {"job_sum.svg", "job_sites.svg", "job_l.svg"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_ / figure)) << figure;
  }
  EXPECT_EQ(kedge("run job.ini" + small).code, 3) << "an existing file is not replaced";
  EXPECT_EQ(kedge("run job.ini --resume" + small).code, 0) << "nothing left to do";
}

}  // namespace
