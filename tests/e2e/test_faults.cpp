// SPDX-License-Identifier: BSD-3-Clause
/// What may happen to a campaign: kills at random moments, full and read-only disks, damaged files,
/// solver failures, two jobs on one file. Whatever it is, the program ends with its message, and
/// what the ledger calls done is there and stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

#include "background_job.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/hdf5.hpp"
#include "kedge/io/results_file.hpp"
#include "run_command.hpp"

namespace {

using kedge::io::Results;
using kedge::io::Status;
using kedge::test::BackgroundJob;
using kedge::test::Outcome;
using testing::AnyOf;
using testing::HasSubstr;

std::string program() {
  const char* path = std::getenv("KEDGE_PROGRAM");
  return path == nullptr ? "kedge" : path;
}

class Faults : public testing::Test {
 protected:
  Faults() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kedge-faults-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    write("bh.xyz", "2\nBH\nB 0 0 0\nH 0 0 1.23\n");
    write("job.ini",
          "[structure]\nfile = bh.xyz\nabsorber = B\nradius = 4\n[absorber]\nscreening = "
          "1,0.5\n[energy]\ngrid = 0:1:20\n"
          "fermi = -5\n[xrs]\nq = 4.5\n[engine]\nkind = ms\n");
  }
  ~Faults() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  [[nodiscard]] std::string command(const std::string& arguments) const {
    return program() + " " + arguments;
  }
  [[nodiscard]] Outcome kedge(const std::string& arguments, const std::string& before = "") const {
    return kedge::test::run("cd " + folder_.string() + " && " + before + " " + command(arguments));
  }
  [[nodiscard]] std::string log() const {
    std::ifstream stream(folder_ / "log");
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::filesystem::path folder_;
};

/// Everything marked done in `part` is marked done in `later`, with the same values.
void expect_kept(const Results& part, const Results& later) {
  ASSERT_EQ(part.done.size(), later.done.size());
  for (std::size_t i = 0; i < part.done.size(); ++i) {
    if (part.done[i] != Status::done) continue;
    ASSERT_EQ(later.done[i], Status::done) << "lost: energy " << i;
    ASSERT_EQ(part.xanes[i], later.xanes[i]) << "energy " << i;
  }
}

/// Equal to 1e-10 relative: the same sums in the same order, but for the alignment of memory that
/// vector instructions see.
void expect_same_spectra(const Results& one, const Results& other) {
  ASSERT_EQ(one.s.size(), other.s.size());
  double largest = 0.0;
  for (const double value : one.s) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < one.s.size(); ++i) {
    ASSERT_NEAR(one.s[i], other.s[i], 1e-10 * largest) << i;
  }
}

int number_of_kills() {
  const char* kills = std::getenv("KEDGE_KILLS");
  return kills == nullptr ? 5 : std::atoi(kills);
}

// Kills of the whole job and of one rank in turn, each at a random moment of its run; what is there
// afterwards opens, has lost nothing, and is gone on with. A campaign that ends before its kill
// makes room for a new one.
TEST_F(Faults, KillsAtRandomMomentsLoseNothing) {
  const std::string grid = " --set energy.grid=0:0.05:20";
  ASSERT_EQ(kedge("run job.ini --output whole.h5" + grid).code, 0);
  const Results whole = kedge::io::read_results(folder_ / "whole.h5");
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto file = folder_ / "job.h5";
  const auto part = kedge::io::part_file(file);
  const std::string start = "sh -c 'cd " + folder_.string() +
                            " && exec mpirun --oversubscribe --bind-to none -np 2 " +
                            command("run job.ini --resume" + grid) + "'";
  const int kills = number_of_kills();
  int killed = 0;
  int completed = 0;
  while (killed < kills || completed == 0) {
    std::optional<Results> before;
    if (std::filesystem::exists(part)) before = kedge::io::read_results(part);
    BackgroundJob job(start, folder_ / "log");
    // Any moment from the start of MPI to the last energies: the time counts from the first sign of
    // work in half of the cases.
    if (killed < kills) {
      std::uniform_real_distribution<double> moment(0.0, 2.5);
      if (random() % 2 == 0) {
        for (int i = 0; i < 1000 && !std::filesystem::exists(part) && !job.poll(); ++i) {
          std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
      }
      (void)job.wait_for(moment(random));
    } else {
      (void)job.wait_for(120.0);
    }
    if (const auto code = job.poll()) {
      ASSERT_EQ(*code, 0) << log();
      const Results made = kedge::io::read_results(file);
      if (before) expect_kept(*before, made);
      expect_same_spectra(made, whole);
      ++completed;
      std::filesystem::remove(file);
      continue;
    }
    const std::vector<pid_t> ranks = job.ranks();
    if (killed % 2 == 1 && !ranks.empty()) {
      (void)kill(ranks[random() % ranks.size()], SIGKILL);
      // mpirun notices and ends the others.
      const auto code = job.wait_for(60.0);
      ASSERT_TRUE(code.has_value()) << "hangs after the loss of a rank";
      if (*code == 0) {  // it was over just then
        std::filesystem::remove(file);
        continue;
      }
      job.kill_all();
    } else {
      job.kill_all();
    }
    ++killed;
    if (before && std::filesystem::exists(part)) {
      expect_kept(*before, kedge::io::read_results(part));
    }
    if (testing::Test::HasFatalFailure()) return;
    // Killed while the header was being written, the file is not yet one; the program says so and
    // starts anew on request.
    if (std::filesystem::exists(part) && !before) {
      try {
        (void)kedge::io::read_results(part);
      } catch (const kedge::Error& error) {
        EXPECT_EQ(error.kind(), kedge::ErrorKind::io) << error.what();
        std::filesystem::remove(part);
      }
    }
  }
  std::cout << killed << " kills, " << completed << " campaigns completed\n";
}

// A mark that the program would overwrite if it computed a done energy again.
TEST_F(Faults, DoneIsNeverComputedAgain) {
  ASSERT_EQ(kedge("run job.ini").code, 0);
  const auto file = folder_ / "job.h5";
  constexpr double kMark = 12345.0;
  {
    const auto opened = kedge::io::hdf5::open_file(file, true);
    const auto xanes = kedge::io::hdf5::open_dataset(opened.get(), "/entry/raw/xanes");
    const auto done = kedge::io::hdf5::open_dataset(opened.get(), "/entry/raw/done");
    kedge::io::hdf5::write(xanes, {{0, 0, 3}, {1, 1, 1}}, std::span(&kMark, 1));
    kedge::io::hdf5::write(xanes, {{1, 0, 3}, {1, 1, 1}}, std::span(&kMark, 1));
    const std::uint8_t missing = 0;
    kedge::io::hdf5::write(done, {{1, 0, 3}, {1, 1, 1}}, std::span(&missing, 1));
  }
  ASSERT_EQ(kedge("run job.ini --resume").code, 0);
  const Results results = kedge::io::read_results(file);
  EXPECT_EQ(results.xanes[3], kMark);
  EXPECT_NE(results.xanes[21 + 3], kMark);
}

TEST_F(Faults, SecondJobIsLockedOutAndTheFirstGoesOn) {
  const std::string grid = " --set energy.grid=0:0.01:20";
  BackgroundJob first(
      "sh -c 'cd " + folder_.string() + " && exec " + command("run job.ini" + grid) + "'",
      folder_ / "log");
  for (int i = 0; i < 1000 && !std::filesystem::exists(folder_ / "job.h5.part"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const Outcome second = kedge("run job.ini --overwrite" + grid);
  EXPECT_EQ(second.code, 3) << second.out;
  EXPECT_THAT(second.out, HasSubstr("another run writes 'job.h5': process "));
  (void)kill(first.pid(), SIGUSR1);
  EXPECT_EQ(first.wait_for(60.0), 75) << log();
  EXPECT_GT(kedge::io::read_results(folder_ / "job.h5.part").count(Status::done), 0U);
}

// Energies that LAPACK refuses once are there after the second attempt; those that it refuses twice
// are marked, the rest is there.
TEST_F(Faults, SolverFailureIsRetriedThenRecorded) {
  const std::string grid =
      " --set energy.grid=0:1:5 --set absorber.screening=1";  // six solves, retries follow
  const std::string failing = "LD_PRELOAD=" FAILING_LAPACK " KEDGE_FAILING_CALLS=";
  const Outcome once = kedge("run job.ini --output once.h5" + grid, failing + "3,5");
  EXPECT_EQ(once.code, 0) << once.out;
  EXPECT_THAT(once.out, HasSubstr("6 energies done, 0 failed"));
  const Outcome twice = kedge("run job.ini" + grid, failing + "3,7");
  EXPECT_EQ(twice.code, 4) << twice.out;
  EXPECT_THAT(twice.out, HasSubstr("5 energies done, 1 failed"));
  EXPECT_THAT(twice.out, HasSubstr("energy 2 eV"));
  EXPECT_THAT(twice.out, HasSubstr("try them again with --resume"));
  const Results results = kedge::io::read_results(folder_ / "job.h5");
  EXPECT_EQ(results.done[2], Status::failed);
  ASSERT_EQ(results.failures.size(), 1U);
  const Outcome again = kedge("run job.ini --resume" + grid);
  EXPECT_EQ(again.code, 0) << again.out;
  expect_same_spectra(kedge::io::read_results(folder_ / "job.h5"),
                      kedge::io::read_results(folder_ / "once.h5"));
}

TEST_F(Faults, TruncatedAndCorruptedFilesAreToldNotTrusted) {
  ASSERT_EQ(kedge("run job.ini --set energy.grid=0:1:5").code, 0);
  std::ifstream stream(folder_ / "job.h5", std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(stream)), {});
  std::mt19937 random(8);  // the same damage each time: a crash of the HDF5 library in one file
                           // must not come and go
  const auto refused = [&](const std::string& content, const std::string& what) {
    SCOPED_TRACE(what);
    std::ofstream(folder_ / "bad.h5", std::ios::binary) << content;
    for (const char* arguments :
         {"info bad.h5", "run job.ini --set energy.grid=0:1:5 --resume --output bad.h5"}) {
      const Outcome outcome = kedge(arguments);
      EXPECT_EQ(outcome.code, 3) << outcome.out;
      EXPECT_THAT(outcome.out, HasSubstr("kedge: file error: "));
      EXPECT_THAT(outcome.out, HasSubstr("bad.h5"));
    }
    std::filesystem::remove(folder_ / "bad.h5");
    std::filesystem::remove(folder_ / "bad.h5.part");
  };
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{100}, good.size() / 2, good.size() - 1}) {
    refused(good.substr(0, length), "length " + std::to_string(length));
  }
  std::string zeroed = good;
  std::fill(zeroed.begin() + 8, zeroed.begin() + 2000, '\0');
  refused(zeroed, "zeroed header");
  // Damage somewhere: told or harmless, but never a crash.
  for (int i = 0; i < 5; ++i) {
    std::string bad = good;
    for (int n = 0; n < 50; ++n) bad[random() % bad.size()] = static_cast<char>(random() % 256);
    std::ofstream(folder_ / "bad.h5", std::ios::binary) << bad;
    const Outcome outcome = kedge("info bad.h5");
    EXPECT_THAT(outcome.code, AnyOf(0, 3, 5)) << outcome.out;
  }
}

/// A file system of its own in memory; skips the test where that is not allowed.
class SmallDisk {
 public:
  SmallDisk(const std::filesystem::path& folder, const char* options, unsigned long flags = 0)
      : folder_(folder) {
    std::filesystem::create_directory(folder);
    mounted_ = mount("kedge-test", folder.c_str(), "tmpfs", flags, options) == 0;
  }
  ~SmallDisk() {
    if (mounted_) (void)umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

TEST_F(Faults, FullDiskIsToldAndResumedOnceThereIsRoom) {
  const SmallDisk disk(folder_ / "disk", "size=1m");
  if (!disk.mounted()) {
    GTEST_SKIP() << "mounting a file system is not allowed here: " << std::strerror(errno);
  }
  // Not enough room for the file: told before any work.
  const Outcome large = kedge("run job.ini --output disk/large.h5 --set energy.grid=0:0.001:20");
  EXPECT_EQ(large.code, 3) << large.out;
  EXPECT_THAT(large.out, HasSubstr("MB are free"));
  // The disk fills up while the run goes on: its values have their places already, its end may not.
  {
    BackgroundJob job("sh -c 'cd " + folder_.string() + " && exec " +
                          command("run job.ini --output disk/job.h5 --set energy.grid=0:0.04:20") +
                          "'",
                      folder_ / "log");
    for (int i = 0; i < 1000 && !std::filesystem::exists(folder_ / "disk/job.h5.part"); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // the layout of the file
    (void)kedge::test::run("cat /dev/zero > " + (folder_ / "disk/filler").string());
    const auto code = job.wait_for(60.0);
    ASSERT_TRUE(code.has_value());
    EXPECT_THAT(*code, AnyOf(0, 3)) << log();
    if (*code == 3) {
      EXPECT_THAT(log(), HasSubstr("disk"));
    }
  }
  std::filesystem::remove(folder_ / "disk/filler");
  const Outcome resumed =
      kedge("run job.ini --resume --output disk/job.h5 --set energy.grid=0:0.04:20");
  EXPECT_EQ(resumed.code, 0) << resumed.out;
  EXPECT_EQ(kedge::io::read_results(folder_ / "disk/job.h5").count(Status::done), 2U * 501U);
}

// Factors of the sparse solves on a disk: the same spectrum, nothing left behind, also where the
// disk is full.
TEST_F(Faults, ScratchIsLeftAsItWas) {
  const SmallDisk disk(folder_ / "disk", "size=16m");
  if (!disk.mounted()) {
    GTEST_SKIP() << "mounting a file system is not allowed here: " << std::strerror(errno);
  }
  const std::string small =
      "run job.ini --set engine.kind=fdm --set structure.radius=2.5 --set engine.spacing=0.3 --set "
      "energy.grid=1:2:7 --set absorber.screening=1 ";
  ASSERT_EQ(kedge(small + "--output memory.h5").code, 0);
  const Outcome run =
      kedge(small + "--set parallel.scratch=disk --output disk.h5", "mpirun --oversubscribe -np 2");
  ASSERT_EQ(run.code, 0) << run.out;
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "disk"));
  expect_same_spectra(kedge::io::read_results(folder_ / "memory.h5"),
                      kedge::io::read_results(folder_ / "disk.h5"));

  (void)kedge::test::run("cat /dev/zero > " + (folder_ / "disk/filler").string());
  const Outcome full = kedge(small + "--set parallel.scratch=disk --output full.h5");
  EXPECT_EQ(full.code, 3) << full.out;
  EXPECT_THAT(full.out, HasSubstr("(parallel.scratch)"));
  std::filesystem::remove(folder_ / "disk/filler");
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "disk"));
}

TEST_F(Faults, ReadOnlyFolderIsToldBeforeAnyWork) {
  const SmallDisk disk(folder_ / "disk", "size=1m", MS_RDONLY);
  if (!disk.mounted()) {
    GTEST_SKIP() << "mounting a file system is not allowed here: " << std::strerror(errno);
  }
  const Outcome outcome = kedge("run job.ini --output disk/job.h5");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.out, HasSubstr("Read-only file system"));
  EXPECT_THAT(outcome.out, HasSubstr("--output"));
}

}  // namespace
