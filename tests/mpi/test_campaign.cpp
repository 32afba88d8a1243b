// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mpi.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <set>
#include <span>
#include <thread>
#include <utility>

#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/run_campaign.hpp"
#include "kedge/campaign/shared_counters.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/hdf5.hpp"
#include "temporary_folder.hpp"

namespace {

using kedge::Error;
using kedge::ErrorKind;
using kedge::Log;
using kedge::campaign::CampaignOptions;
using kedge::campaign::CampaignOutcome;
using kedge::campaign::CaseInput;
using kedge::campaign::EnergyResult;
using kedge::campaign::SiteLevels;
using kedge::campaign::SiteSolver;
using kedge::io::Status;
using kedge::test::TemporaryFolder;
using testing::HasSubstr;
namespace parallel = kedge::parallel;

/// What the fake solver gives: a number that tells case, site, channel and energy.
double expected(double screening, int site, std::size_t channel, double energy) {
  return 1000.0 * screening + 100.0 * site + 10.0 * static_cast<double>(channel) + energy;
}

/// Faults that a test orders from the fake solver.
struct Faults {
  double failing_energy = 1e9;  ///< throws Error{numerical}
  double nan_energy = 1e9;      ///< gives a result that is no number
  double signal_energy = 1e9;   ///< sends the process SIGUSR1
  int failing_site = -1;        ///< its set-up throws Error{numerical}
  double failing_once = 1e9;   ///< throws the first time that a group solves it for a site and case
  int site_failing_once = -1;  ///< its first set-up in a group throws
  double seconds = 0.0;        ///< time that a solve takes
  int model_steps = 0;  ///< of 10 ms each: the first solve of a solver takes them all, its other
                        ///< energies are at hand then
  bool signal_in_model = false;  ///< sends the process SIGUSR1 at the second step
};

class FakeSolver : public SiteSolver {
 public:
  FakeSolver(MPI_Comm group, double screening, int site, const Faults& faults,
             std::set<std::pair<int, double>>& failed)
      : group_(group), screening_(screening), site_(site), faults_(faults), failed_(failed) {}
  [[nodiscard]] SiteLevels levels() const override { return {-7.0, -12.0, -180.0 - site_}; }
  [[nodiscard]] EnergyResult solve(double energy) override {
    MPI_Barrier(group_);  // collective, as the real one
    if (!at_hand_) make_model();
    if (energy == faults_.failing_energy) throw Error(ErrorKind::numerical, "no convergence");
    if (energy == faults_.signal_energy) (void)std::raise(SIGUSR1);
    if (energy == faults_.failing_once && failed_.emplace(site_, screening_).second) {
      throw Error(ErrorKind::numerical, "bad luck");
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(faults_.seconds));
    EnergyResult result{{}, 2.0, 1e-9};
    for (std::size_t channel = 0; channel < 4; ++channel) {
      result.s.push_back(expected(screening_, site_, channel, energy));
    }
    if (energy == faults_.nan_energy) result.xanes = std::nan("");
    return result;
  }

  [[nodiscard]] bool at_hand(double /*energy*/) const override {
    return at_hand_ && faults_.model_steps > 0;
  }
  void between_steps(std::function<void()> call) override { between_steps_ = std::move(call); }

 private:
  void make_model() {
    for (int i = 0; i < faults_.model_steps; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      if (faults_.signal_in_model && i == 1) (void)std::raise(SIGUSR1);
      between_steps_();
    }
    at_hand_ = true;
  }

  bool at_hand_ = false;
  std::function<void()> between_steps_;
  MPI_Comm group_;
  double screening_;
  int site_;
  Faults faults_;
  std::set<std::pair<int, double>>& failed_;
};

/// Two cases, three sites, seven energies, one q, l = 0 .. 3.
class Campaign : public testing::Test {
 protected:
  static constexpr const char* kStructure = "4\nB3H\nB 0 0 0\nB 2 0 0\nB 0 2 0\nH 0 0 1.2\n";

  CampaignOutcome run(const CampaignOptions& options, const Faults& faults = {},
                      const std::vector<std::string>& set = {},
                      const std::string& structure = kStructure) {
    const auto input = kedge::io::parse_input(
        "[structure]\nfile = a.xyz\nabsorber = B\n[energy]\ngrid = 0:1:6\nfermi = -7\n[xrs]\nq = "
        "4.5\n"
        "[absorber]\nscreening = 1,0.5\n",
        "job.ini", "", set);
    kedge::io::ResultsHeader header;
    header.element = std::string("B");
    header.edge = std::string("K");
    header.energy_ev = input.energy.grid_ev;
    header.resolution_ev.assign(header.energy_ev.size(), 0.0);
    header.q_per_angstrom = input.xrs.q_per_angstrom;
    header.lmax = 3;
    header.cases = kedge::campaign::case_columns(input);
    header.sites = {{1, "B", "B1", {}, 1}, {2, "B", "B2", {}, 1}, {3, "B", "B3", {}, 1}};
    header.input_text = kedge::io::resolved_text(input);
    header.structure_name = "a.xyz";
    header.structure_text = structure;
    header.libraries = {{"none", "0"}};
    const auto make = [&](MPI_Comm group, const std::vector<CaseInput>& cases, int site) {
      if (site == faults.failing_site) throw Error(ErrorKind::numerical, "no atom");
      ++setups_;
      if (site == faults.site_failing_once && failed_.emplace(site, -1.0).second) {
        throw Error(ErrorKind::numerical, "bad luck");
      }
      std::vector<std::unique_ptr<SiteSolver>> solvers;
      for (const CaseInput& one : cases) {
        solvers.push_back(
            std::make_unique<FakeSolver>(group, one.parameters.screening, site, faults, failed_));
      }
      return solvers;
    };
    return kedge::campaign::run_campaign(MPI_COMM_WORLD, input, {0, 1, 2}, header, make, options,
                                         Log(nullptr));
  }

  [[nodiscard]] CampaignOptions fresh() const { return {folder_ / "a.h5", false, false}; }
  [[nodiscard]] CampaignOptions resumed() const { return {folder_ / "a.h5", true, false}; }
  [[nodiscard]] kedge::io::Results results() const {
    return kedge::io::read_results(kedge::io::part_file(folder_ / "a.h5"));
  }

  void expect_complete() const {
    const auto file = results();
    EXPECT_EQ(file.count(Status::done), 42U);
    for (std::size_t c = 0; c < 2; ++c) {
      for (std::size_t s = 0; s < 3; ++s) {
        EXPECT_EQ(file.levels[c * 3 + s].core_level_ev, -180.0 - static_cast<double>(s));
        for (std::size_t l = 0; l < 4; ++l) {
          for (std::size_t e = 0; e < 7; ++e) {
            // Copied, not computed: equal to the last bit whatever the number of ranks.
            EXPECT_EQ(file.s_of(c, s, 0, l)[e],
                      expected(c == 0 ? 1.0 : 0.5, static_cast<int>(s), l, static_cast<double>(e)));
          }
        }
      }
    }
  }

  TemporaryFolder folder_;
  int setups_ = 0;
  /// (site, screening) that had their bad luck on this rank
  std::set<std::pair<int, double>> failed_;
};

TEST_F(Campaign, EveryEnergyIsComputedOnce) {
  const CampaignOutcome outcome = run(fresh());
  EXPECT_EQ(outcome.total, 42U);
  EXPECT_EQ(outcome.done, 42U);
  EXPECT_EQ(outcome.failed, 0U);
  EXPECT_FALSE(outcome.stopped);
  expect_complete();
}

TEST_F(Campaign, RanksMayShareASolve) {
  const int size = parallel::size(MPI_COMM_WORLD);
  (void)run(fresh(), {}, {"parallel.ranks_per_solve=" + std::to_string(size)});
  expect_complete();
}

TEST_F(Campaign, FailedEnergyIsRecordedAndTheRestGoesOn) {
  Faults faults;
  faults.failing_energy = 3.0;
  faults.nan_energy = 5.0;
  const CampaignOutcome outcome = run(fresh(), faults);
  EXPECT_EQ(outcome.done, 30U);
  EXPECT_EQ(outcome.failed, 12U);
  EXPECT_FALSE(outcome.stopped);
  ASSERT_EQ(outcome.failures.size(), 12U);
  EXPECT_THAT(outcome.failures, testing::Contains(HasSubstr("energy 3 eV: no convergence")));
  EXPECT_THAT(outcome.failures, testing::Contains(HasSubstr("not a finite number")));
  EXPECT_EQ(results().failures, outcome.failures);

  const CampaignOutcome again = run(resumed());
  EXPECT_EQ(again.done, 42U);
  EXPECT_EQ(again.failed, 0U);
  expect_complete();
}

TEST_F(Campaign, FailedSetupFailsTheEnergiesOfItsSite) {
  Faults faults;
  faults.failing_site = 1;
  const CampaignOutcome outcome = run(fresh(), faults);
  EXPECT_EQ(outcome.done, 28U);
  EXPECT_EQ(outcome.failed, 14U);
  EXPECT_THAT(outcome.failures, testing::Contains(HasSubstr("no atom")));
}

TEST_F(Campaign, WhatFailsOnceIsTriedAgain) {
  Faults faults;
  faults.failing_once = 4.0;
  faults.site_failing_once = 2;
  const CampaignOutcome outcome = run(fresh(), faults);
  EXPECT_EQ(outcome.done, 42U);
  EXPECT_EQ(outcome.failed, 0U);
  EXPECT_TRUE(outcome.failures.empty());
  expect_complete();
}

// Both screenings of a site in one unit; what fails in it, an energy or the set-up, is tried once
// more alone.
TEST_F(Campaign, FamiliesAreCompleteAndTheirFailuresTriedAlone) {
  Faults faults;
  faults.failing_once = 3.0;
  faults.site_failing_once = 1;
  const CampaignOutcome outcome =
      run(fresh(), faults, {"engine.energies=reduced", "engine.family_size=2"});
  EXPECT_EQ(outcome.done, 42U);
  EXPECT_EQ(outcome.failed, 0U);
  expect_complete();
}

TEST_F(Campaign, TimeLimitStopsInGoodOrderAndResumeGoesOn) {
  Faults faults;
  faults.seconds = 0.2;
  // Of 2.5 s, 2 s are kept for the end of the run: two or three energies of 0.2 s fit, and 42 on
  // five ranks take 1.8 s.
  const CampaignOutcome outcome = run(fresh(), faults, {"parallel.time_limit=0:00:02.5"});
  EXPECT_TRUE(outcome.stopped);
  EXPECT_TRUE(outcome.out_of_time);
  EXPECT_LT(outcome.done, 42U);
  const CampaignOutcome again = run(resumed());
  EXPECT_FALSE(again.stopped);
  EXPECT_EQ(again.done, 42U);
  expect_complete();
}

// A machine that loses power may have brought the mark to the disk and the values not.
TEST_F(Campaign, MarkWithoutValuesCountsAsMissing) {
  (void)run(fresh());
  if (parallel::rank(MPI_COMM_WORLD) == 0) {
    const auto file = kedge::io::hdf5::open_file(kedge::io::part_file(folder_ / "a.h5"), true);
    const double missing = std::nan("");
    kedge::io::hdf5::write(kedge::io::hdf5::open_dataset(file.get(), "/entry/raw/S"),
                           {{1, 2, 0, 3, 5}, {1, 1, 1, 1, 1}}, std::span(&missing, 1));
  }
  MPI_Barrier(MPI_COMM_WORLD);
  setups_ = 0;
  EXPECT_EQ(run(resumed()).done, 42U);
  MPI_Allreduce(MPI_IN_PLACE, &setups_, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  EXPECT_EQ(setups_, 1);
  expect_complete();
}

TEST_F(Campaign, SignalStopsAfterTheEnergyAndResumeGoesOn) {
  Faults faults;
  faults.signal_energy = 2.0;
  const CampaignOutcome outcome = run(fresh(), faults);
  EXPECT_TRUE(outcome.stopped);
  EXPECT_LT(outcome.done, 42U);
  EXPECT_GT(outcome.done, 0U);
  const CampaignOutcome again = run(resumed());
  EXPECT_FALSE(again.stopped);
  EXPECT_EQ(again.done, 42U);
  expect_complete();
}

// A model that is made is worth minutes: all its energies are written before the stop.
TEST_F(Campaign, StopLosesNothingThatAModelGave) {
  Faults faults;
  faults.model_steps = 2;
  faults.signal_energy = 2.0;  // raised while the energies of a model are handed over
  const CampaignOutcome outcome = run(fresh(), faults, {"engine.energies=reduced"});
  EXPECT_TRUE(outcome.stopped);
  EXPECT_GT(outcome.done, 0U);
  EXPECT_EQ(outcome.done % 7, 0U) << "a part of a spectrum";
  EXPECT_EQ(run(resumed(), {}, {"engine.energies=reduced"}).done, 42U);
  expect_complete();
}

TEST_F(Campaign, StopEndsALongModelBetweenItsSteps) {
  Faults faults;
  faults.model_steps = 3000;  // 30 s
  faults.signal_in_model = true;
  const auto start = std::chrono::steady_clock::now();
  const CampaignOutcome outcome = run(fresh(), faults, {"engine.energies=reduced"});
  // Two steps, and the start and end of the campaign on a busy machine.
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 15.0);
  EXPECT_TRUE(outcome.stopped);
  EXPECT_FALSE(outcome.out_of_time);
  EXPECT_EQ(outcome.done, 0U);
  EXPECT_EQ(run(resumed(), {}, {"engine.energies=reduced"}).done, 42U);
  expect_complete();
}

TEST_F(Campaign, TimeLimitEndsAModelThatTakesLonger) {
  Faults faults;
  faults.model_steps = 1000;
  // Of 2.2 s, 2 s are kept for the end of the run: the model has 0.2 s for its 10.
  const CampaignOutcome outcome =
      run(fresh(), faults, {"engine.energies=reduced", "parallel.time_limit=0:00:02.2"});
  EXPECT_TRUE(outcome.stopped);
  EXPECT_TRUE(outcome.out_of_time);
  EXPECT_EQ(outcome.done, 0U);
}

// The second model of a group would not be over in time, so it is not begun.
TEST_F(Campaign, ModelThatCannotEndBeforeTheLimitIsNotBegun) {
  Faults faults;
  faults.model_steps = 40;  // 0.4 s and more
  const std::string one_group =
      "parallel.ranks_per_solve=" + std::to_string(parallel::size(MPI_COMM_WORLD));
  const CampaignOutcome outcome =
      run(fresh(), faults, {"engine.energies=reduced", "parallel.time_limit=0:00:02.7", one_group});
  EXPECT_TRUE(outcome.out_of_time);
  EXPECT_LE(outcome.done, 7U);
  EXPECT_LE(setups_, 2);  // the second set-up takes no time, so it may be there
}

TEST_F(Campaign, ResumeOfACompleteFileComputesNothing) {
  (void)run(fresh());
  setups_ = 0;
  EXPECT_EQ(run(resumed()).done, 42U);
  EXPECT_EQ(setups_, 0);
}

TEST_F(Campaign, ResumeRefusesAnotherInput) {
  (void)run(fresh());
  try {
    (void)run(resumed(), {}, {"engine.spacing=0.3"});
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_THAT(error.what(), HasSubstr("engine.spacing: auto -> 0.3"));
  }
}

// An atom that absorbs nothing shapes the spectra too; how the file writes the numbers does not.
TEST_F(Campaign, ResumeRefusesAnotherStructure) {
  (void)run(fresh());
  try {
    (void)run(resumed(), {}, {}, "4\nB3H\nB 0 0 0\nB 2 0 0\nB 0 2 0\nH 0 0 1.21\n");
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_THAT(error.what(), HasSubstr("structure file has changed"));
  }
  EXPECT_THROW((void)run(resumed(), {}, {}, ""), Error);  // not known to be the same
  const auto outcome =
      run(resumed(), {}, {}, "4\nother title\nB 0 0 0\nB 2 0 0\nB 0 2 0\nH  0  0  1.200\n");
  EXPECT_EQ(outcome.done, 42U);
}

TEST_F(Campaign, UnfinishedFileIsNotLostByAccident) {
  (void)run(fresh());
  try {
    (void)run(fresh());
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_THAT(error.what(), HasSubstr("--resume"));
  }
  EXPECT_EQ(run({folder_ / "a.h5", false, true}).done, 42U);
}

TEST(RanksPerSolve, MustDivideTheRanks) {
  kedge::io::Input input;
  EXPECT_EQ(kedge::campaign::ranks_per_solve(input, 5), 1);
  input.parallel.ranks_per_solve = 2;
  EXPECT_EQ(kedge::campaign::ranks_per_solve(input, 4), 2);
  EXPECT_THROW((void)kedge::campaign::ranks_per_solve(input, 5), Error);
}

TEST(SharedCounters, AdditionsOfAllRanksCount) {
  kedge::campaign::SharedCounters counters(MPI_COMM_WORLD, 2);
  for (int i = 0; i < 100; ++i) (void)counters.add(1, 2);
  MPI_Barrier(MPI_COMM_WORLD);
  EXPECT_EQ(counters.read(1), 200 * parallel::size(MPI_COMM_WORLD));
  EXPECT_EQ(counters.read(0), 0);
}

}  // namespace
