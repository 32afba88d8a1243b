// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mpi.h>

#include <array>
#include <cmath>
#include <fstream>

#include "kedge/core/error.hpp"
#include "kedge/io/hdf5.hpp"
#include "kedge/io/results_file.hpp"
#include "temporary_folder.hpp"

namespace {

using kedge::Error;
using kedge::ErrorKind;
using kedge::io::part_file;
using kedge::io::Results;
using kedge::io::ResultsFile;
using kedge::io::ResultsHeader;
using kedge::io::Status;
using kedge::test::TemporaryFolder;
using testing::HasSubstr;
namespace parallel = kedge::parallel;

ResultsHeader header() {
  ResultsHeader made;
  made.title = std::string("B2 (two.xyz)");
  made.element = std::string("B");
  made.edge = std::string("K");
  made.energy_ev = {-1.0, 0.0, 1.5, 2.0};
  made.resolution_ev = {0.4, 0.4, 0.5, 1.0};
  made.q_per_angstrom = {3.0, 6.0};
  made.lmax = 2;
  made.cases = {{"absorber.screening", "electron", true, {1.0, 0.5}},
                {"absorber.dilatorb", "", false, {0.0, 0.0}}};
  made.sites = {{2, "B", "B2", {0.1, 0.2, 0.3}, 1}, {3, "B", "B3", {-1.0, 0.0, 2.0}, 4}};
  made.input_text = std::string("[xrs]\nq = 3, 6\n");
  made.input_name = std::string("job.ini");
  made.libraries = {{"HDF5", "1.10"}, {"a long name", "with a version"}};
  made.ranks = parallel::size(MPI_COMM_WORLD);
  made.structure_name = std::string("two.xyz");
  made.structure_text = std::string("2\nÅngström\nB 0.1 0.2 0.3\nB -1 0 2\n");
  return made;
}

/// A value that tells its place.
double value(std::size_t c, std::size_t s, std::size_t q, std::size_t l, std::size_t e) {
  return static_cast<double>((((c * 2 + s) * 2 + q) * 3 + l) * 4 + e);
}

/// Each rank writes the energies whose number modulo the number of ranks is its own; energy 3 stays
/// missing, energy 2 fails.
void write_share(ResultsFile& file) {
  const auto rank = static_cast<std::size_t>(parallel::rank(MPI_COMM_WORLD));
  const auto size = static_cast<std::size_t>(parallel::size(MPI_COMM_WORLD));
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t s = 0; s < 2; ++s) {
      if ((c + s) % size == rank) {
        file.write_levels(c, s, {-7.0, -180.0 - static_cast<double>(s), -12.0});
        if (c == 1) file.write_grid(c, s, {0.01 + 0.001 * static_cast<double>(s), 0.4, 0.02});
      }
      for (std::size_t e = 0; e < 3; ++e) {
        if (e % size != rank) continue;
        kedge::io::EnergyRecord record{e == 2 ? Status::failed : Status::done, {}, 0.5, 1e-9};
        for (std::size_t q = 0; q < 2; ++q) {
          for (std::size_t l = 0; l < 3; ++l) record.s.push_back(value(c, s, q, l, e));
        }
        file.write_energy(c, s, e, record);
      }
    }
  }
}

void expect_content(const Results& results) {
  EXPECT_EQ(results.count(Status::done), 8U);
  EXPECT_EQ(results.count(Status::failed), 4U);
  EXPECT_EQ(results.count(Status::missing), 4U);
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t s = 0; s < 2; ++s) {
      EXPECT_EQ(results.levels[c * 2 + s].core_level_ev, -180.0 - static_cast<double>(s));
      EXPECT_TRUE(c == 1 || std::isnan(results.levels[c * 2 + s].grid.error));
      EXPECT_TRUE(c == 1 || std::isnan(results.levels[c * 2 + s].grid.shift_ev));
      if (c == 1) {
        EXPECT_EQ(results.levels[c * 2 + s].grid.error, 0.01 + 0.001 * static_cast<double>(s));
        EXPECT_EQ(results.levels[c * 2 + s].grid.resolution, 0.4);
        EXPECT_EQ(results.levels[c * 2 + s].grid.shift_ev, 0.02);
      }
      for (std::size_t q = 0; q < 2; ++q) {
        for (std::size_t l = 0; l < 3; ++l) {
          const auto curve = results.s_of(c, s, q, l);
          EXPECT_EQ(curve[0], value(c, s, q, l, 0));
          EXPECT_EQ(curve[1], value(c, s, q, l, 1));
          EXPECT_TRUE(std::isnan(curve[2])) << "failed: no value";
          EXPECT_TRUE(std::isnan(curve[3])) << "missing: no value";
        }
      }
    }
  }
}

TEST(ResultsFile, WhatIsWrittenInParallelReadsBack) {
  const TemporaryFolder folder;
  const auto path = folder / "a.h5";
  {
    ResultsFile file(MPI_COMM_WORLD, path, header());
    write_share(file);
    file.write_summary({10.0, 1.0, 8.0, 0.5}, {"one failed", "another"});
    file.close();
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  const Results results = kedge::io::read_results(part_file(path));
  expect_content(results);
  const ResultsHeader wanted = header();
  EXPECT_EQ(results.header.title, wanted.title);
  EXPECT_EQ(results.header.energy_ev, wanted.energy_ev);
  EXPECT_EQ(results.header.resolution_ev, wanted.resolution_ev);
  EXPECT_EQ(results.header.q_per_angstrom, wanted.q_per_angstrom);
  EXPECT_EQ(results.header.lmax, 2);
  EXPECT_EQ(results.header.input_text, wanted.input_text);
  EXPECT_EQ(results.header.libraries, wanted.libraries);
  EXPECT_EQ(results.header.structure_name, wanted.structure_name);
  EXPECT_EQ(results.header.structure_text, wanted.structure_text);
  ASSERT_EQ(results.header.cases.size(), 2U);
  EXPECT_EQ(results.header.cases[0].values, wanted.cases[0].values);
  EXPECT_TRUE(results.header.cases[0].swept);
  ASSERT_EQ(results.header.sites.size(), 2U);
  EXPECT_EQ(results.header.sites[1].label, "B3");
  EXPECT_EQ(results.header.sites[1].multiplicity, 4);
  EXPECT_EQ(results.header.sites[1].position_angstrom, wanted.sites[1].position_angstrom);
  EXPECT_EQ(results.timings.solve_seconds, 8.0);
  EXPECT_EQ(results.failures, (std::vector<std::string>{"one failed", "another"}));
}

TEST(ResultsFile, CasesOfSeveralStructuresReadBack) {
  const TemporaryFolder folder;
  const auto path = folder / "a.h5";
  ResultsHeader wanted = header();
  wanted.cases = {{"structure.file", "", true, {}, {"two.xyz", "a longer name.xyz"}},
                  {"weight", "", false, {1.0, 2.0}}};
  wanted.case_sites = {
      {2, 1, {0.1, 0.2, 0.3}}, {3, 4, {-1.0, 0.0, 2.0}}, {2, 1, {0.5, 0.2, 0.3}}, {0, 1, {}}};
  wanted.distance_names = {"Na", "3"};
  wanted.distances = {1, 2, 3, 4, 5, 6, 7, 8};
  wanted.more_structures = {{"a longer name.xyz", "2\n\nB 0.5 0.2 0.3\nB -1 0 2\n"}};
  {
    ResultsFile file(MPI_COMM_WORLD, path, wanted);
    file.close();
  }
  if (parallel::rank(MPI_COMM_WORLD) == 0) {
    kedge::io::SpectraRecord record{{187.0, 188.0, 189.5, 190.0}, {1, 2, 3, 4, 5, 6, 7, 8}};
    kedge::io::SpectraRecord average{record.energy_loss_ev, {9, 8, 7, 6}};
    kedge::io::BroadenedSpectra spectra{{record, record}, {average, average}, record, average};
    spectra.absorption_average.intensity = {5, 6, 7, 8};
    kedge::io::rewrite_spectra(part_file(path), spectra, "how", {});
    const auto file = kedge::io::hdf5::open_file(part_file(path), false);
    EXPECT_EQ(kedge::io::hdf5::read_doubles(file.get(), "/entry/absorption_average/cross_section"),
              spectra.absorption_average.intensity);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  const Results results = kedge::io::read_results(part_file(path));
  EXPECT_EQ(results.header.cases[0].texts, wanted.cases[0].texts);
  EXPECT_EQ(results.header.weights(), wanted.weights());
  EXPECT_EQ(results.header.distance_names, wanted.distance_names);
  EXPECT_EQ(results.header.distances, wanted.distances);
  EXPECT_EQ(results.header.more_structures, wanted.more_structures);
  EXPECT_EQ(results.header.site(1, 0).position_angstrom[0], 0.5);
  EXPECT_EQ(results.header.site(1, 1).atom_number, 0);
  EXPECT_EQ(results.done, wanted.initial_status());
  EXPECT_EQ(results.count(Status::absent), 4U);
  ASSERT_EQ(results.averages.size(), 2U);
  EXPECT_EQ(results.averages[1].intensity, (std::vector<double>{9, 8, 7, 6}));
}

TEST(ResultsFile, UnfinishedFileIsOpenedAgainAndFilled) {
  const TemporaryFolder folder;
  const auto path = folder / "a.h5";
  {
    ResultsFile file(MPI_COMM_WORLD, path, header());
    file.close();
  }
  {
    ResultsFile file(MPI_COMM_WORLD, path);
    write_share(file);
    file.write_summary({1.0, 1.0, 1.0, 1.0}, {"first"});
    file.write_summary({2.0, 1.0, 1.0, 1.0}, {});  // a list of failures is replaced
    file.close();
  }
  const Results results = kedge::io::read_results(part_file(path));
  expect_content(results);
  EXPECT_TRUE(results.failures.empty());
  EXPECT_EQ(results.timings.wall_seconds, 2.0);
}

TEST(ResultsFile, IsReadableWhileItIsWritten) {
  const TemporaryFolder folder;
  const auto path = folder / "a.h5";
  ResultsFile file(MPI_COMM_WORLD, path, header());
  write_share(file);
  MPI_Barrier(MPI_COMM_WORLD);
  expect_content(kedge::io::read_results(part_file(path)));
  MPI_Barrier(MPI_COMM_WORLD);
  file.close();
}

TEST(ResultsFile, IsNexusThatOpensAsAPlot) {
  const TemporaryFolder folder;
  const auto path = folder / "a.h5";
  ResultsFile(MPI_COMM_WORLD, path, header()).close();
  const auto file = kedge::io::hdf5::open_file(part_file(path), false);
  using kedge::io::hdf5::text_attribute;
  EXPECT_EQ(text_attribute(file.get(), "default"), "entry");
  const kedge::io::hdf5::Group data(H5Gopen2(file.get(), "/entry/data", H5P_DEFAULT));
  EXPECT_EQ(text_attribute(data.get(), "NX_class"), "NXdata");
  EXPECT_EQ(text_attribute(data.get(), "signal"), "intensity");
  EXPECT_EQ(kedge::io::hdf5::shape(file.get(), "/entry/data/intensity"),
            (kedge::io::hdf5::Shape{2, 4}));
  EXPECT_TRUE(kedge::io::hdf5::exists(file.get(), "/entry/data_2"));
}

TEST(ResultsFile, SpectraAreReplacedInAClosedFile) {
  const TemporaryFolder folder;
  const auto path = folder / "a.h5";
  ResultsFile(MPI_COMM_WORLD, path, header()).close();
  if (parallel::rank(MPI_COMM_WORLD) == 0) {
    const kedge::io::SpectraRecord record{{187.0, 188.0, 189.5, 190.0}, {1, 2, 3, 4, 5, 6, 7, 8}};
    kedge::io::BroadenedSpectra spectra{{record, record}, {}, record, {}};
    spectra.absorption.intensity.back() = 9.0;
    kedge::io::rewrite_spectra(
        part_file(path), spectra, "how", {"broadening.instrument=1"},
        std::vector<kedge::io::SiteAdjustment>(header().sites.size(), {0.1, -0.3}));
    kedge::io::rename_finished(path, false);
    const Results results = kedge::io::read_results(path);
    EXPECT_EQ(results.spectra[1].intensity, record.intensity);
    const auto file = kedge::io::hdf5::open_file(path, false);
    EXPECT_EQ(kedge::io::hdf5::read_doubles(file.get(), "/entry/absorption/cross_section"),
              spectra.absorption.intensity);
    EXPECT_FALSE(kedge::io::hdf5::exists(file.get(), "/entry/absorption_average"));
    EXPECT_EQ(results.broadening_overrides, std::vector<std::string>{"broadening.instrument=1"});
    ASSERT_EQ(results.adjustments.size(), header().sites.size());
    EXPECT_EQ(results.adjustments.back().weight, 0.1);  // the same number, not a rounded one
    EXPECT_EQ(results.adjustments.back().shift_ev, -0.3);
  }
}

/// Kind and message of the error that `step` ends with.
template <class Step>
void expect_error(ErrorKind kind, const std::string& word, Step step) {
  try {
    step();
    ADD_FAILURE() << "no exception, wanted one with '" << word << "'";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    EXPECT_THAT(error.what(), HasSubstr(word));
  }
}

TEST(ResultsFileErrors, PlacesThatCannotBeWritten) {
  const TemporaryFolder folder;
  using kedge::io::check_writable;
  // As in the program: the file that tries the folder would be in the way of another rank.
  if (parallel::rank(MPI_COMM_WORLD) != 0) return;
  expect_error(ErrorKind::io, "no folder", [&] { check_writable(folder / "no/a.h5", false); });
  expect_error(ErrorKind::io, "is a folder", [&] { check_writable(folder / "", false); });
  // /proc takes no files, not even from root.
  expect_error(ErrorKind::io, "cannot write", [] { check_writable("/proc/a.h5", false); });
  EXPECT_NO_THROW(check_writable(folder / "a.h5", false));
  // Open MPI aborts where the names that it makes of this one are too long for the file system.
  expect_error(ErrorKind::input, "wanted 200 or fewer",
               [&] { check_writable(folder / (std::string(201, 'a')), false); });
}

TEST(ResultsFileErrors, ExistingResultsAreSafe) {
  const TemporaryFolder folder;
  using kedge::io::check_writable;
  if (parallel::rank(MPI_COMM_WORLD) != 0) return;
  std::ofstream(folder / "a.h5") << "old";
  expect_error(ErrorKind::io, "--overwrite", [&] { check_writable(folder / "a.h5", false); });
  expect_error(ErrorKind::io, "no result file", [&] { check_writable(folder / "a.h5", true); });
  std::ofstream(folder / "a.h5").close();
  EXPECT_NO_THROW(check_writable(folder / "a.h5", true)) << "an empty file holds nothing to lose";
  {
    const kedge::io::hdf5::File other(
        H5Fcreate((folder / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  }
  EXPECT_NO_THROW(check_writable(folder / "a.h5", true));
  std::ofstream(folder / "b.h5.part") << "old";
  expect_error(ErrorKind::io, "--resume", [&] { check_writable(folder / "b.h5", false); });
  std::ofstream(folder / "b.h5") << "made meanwhile";
  expect_error(ErrorKind::io, "appeared during the run",
               [&] { kedge::io::rename_finished(folder / "b.h5", false); });
  EXPECT_TRUE(std::filesystem::exists(folder / "b.h5.part"));
}

TEST(ResultsFileErrors, FilesThatAreNotOurs) {
  const TemporaryFolder folder;
  if (parallel::rank(MPI_COMM_WORLD) != 0) return;
  using kedge::io::read_results;
  expect_error(ErrorKind::io, "there is no file", [&] { (void)read_results(folder / "a.h5"); });
  std::ofstream(folder / "b.h5") << "text";
  expect_error(ErrorKind::io, "not an HDF5 file", [&] { (void)read_results(folder / "b.h5"); });
  {
    const kedge::io::hdf5::File other(
        H5Fcreate((folder / "c.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  }
  expect_error(ErrorKind::io, "not one of kedge", [&] { (void)read_results(folder / "c.h5"); });
}

TEST(ResultsFileErrors, DamagedFileIsNotReadOutOfBounds) {
  const TemporaryFolder folder;
  { const ResultsFile file(MPI_COMM_WORLD, folder / "a.h5", header()); }
  if (parallel::rank(MPI_COMM_WORLD) != 0) return;
  const auto part = part_file(folder / "a.h5");
  EXPECT_NO_THROW((void)kedge::io::read_results(part));
  {
    namespace hdf5 = kedge::io::hdf5;
    const hdf5::File file = hdf5::open_file(part, true);
    hdf5::check(H5Ldelete(file.get(), "/entry/raw/S", H5P_DEFAULT), "deleting S");
    (void)hdf5::create_doubles(file.get(), "/entry/raw/S", {2, 2, 2, 3, 1}, "");
  }
  expect_error(ErrorKind::io, "damaged", [&] { (void)kedge::io::read_results(part); });
}

// A flipped bit in an extent must not ask for terabytes.
TEST(ResultsFileErrors, ExtentBeyondTheFileIsRefused) {
  const TemporaryFolder folder;
  const auto path = folder / "a.h5";
  ResultsFile(MPI_COMM_WORLD, path, header()).close();
  if (parallel::rank(MPI_COMM_WORLD) != 0) return;
  {
    const auto file = kedge::io::hdf5::open_file(part_file(path), true);
    ASSERT_GE(H5Ldelete(file.get(), "/entry/raw/xanes", H5P_DEFAULT), 0);
    const hsize_t huge = hsize_t{1} << 50;
    const kedge::io::hdf5::Dataspace space(H5Screate_simple(1, &huge, nullptr));
    const kedge::io::hdf5::PropertyList late(H5Pcreate(H5P_DATASET_CREATE));
    ASSERT_GE(H5Pset_chunk(late.get(), 1, std::array<hsize_t, 1>{1024}.data()), 0);
    const kedge::io::hdf5::Dataset made(H5Dcreate2(file.get(), "/entry/raw/xanes",
                                                   H5T_NATIVE_DOUBLE, space.get(), H5P_DEFAULT,
                                                   late.get(), H5P_DEFAULT));
    ASSERT_TRUE(made);
  }
  expect_error(ErrorKind::io, "raw/xanes", [&] { (void)kedge::io::read_results(part_file(path)); });
}

TEST(ResultsFileErrors, WantsRoomOnTheDisk) {
  const TemporaryFolder folder;
  ResultsHeader large = header();
  EXPECT_NO_THROW(kedge::io::check_space(folder / "a.h5", large));
  large.energy_ev.assign(100000, 0.0);  // with the sites, 800 TB
  large.sites.resize(100000, large.sites.front());
  large.q_per_angstrom.assign(1000, 1.0);
  expect_error(ErrorKind::io, "are free on its disk",
               [&] { kedge::io::check_space(folder / "a.h5", large); });
}

}  // namespace
