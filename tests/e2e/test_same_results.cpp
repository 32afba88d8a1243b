// SPDX-License-Identifier: BSD-3-Clause
/// The spectra of a campaign do not depend on the number of ranks, on how many share a solve, or on
/// kills and resumes: the same campaign in all these ways, and the largest difference, which is
/// printed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "background_job.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/results_file.hpp"
#include "run_command.hpp"

namespace {

using kedge::io::Results;
using kedge::io::Status;
using kedge::test::BackgroundJob;

/// Largest |a - b| / |a| of a dataset; infinite if one has a value where the other has none.
double difference(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) return INFINITY;
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (a[i] == b[i]) continue;
    const double here = std::abs(a[i] - b[i]) / std::abs(a[i]);
    largest = std::isnan(here) ? INFINITY : std::max(largest, here);
  }
  return largest;
}

/// The largest of all datasets with results; the residuals are errors themselves and left out.
double difference(const Results& a, const Results& b) {
  double largest = std::max(difference(a.s, b.s), difference(a.xanes, b.xanes));
  for (std::size_t i = 0; i < a.levels.size(); ++i) {
    const double one[] = {a.levels[i].fermi_ev, a.levels[i].core_level_ev, a.levels[i].v0_ev};
    const double other[] = {b.levels[i].fermi_ev, b.levels[i].core_level_ev, b.levels[i].v0_ev};
    largest = std::max(largest, difference(one, other));
  }
  for (std::size_t i = 0; i < a.spectra.size(); ++i) {
    largest =
        std::max(largest, difference(a.spectra[i].energy_loss_ev, b.spectra[i].energy_loss_ev));
    largest = std::max(largest, difference(a.spectra[i].intensity, b.spectra[i].intensity));
  }
  return largest;
}

class SameResults : public testing::Test {
 protected:
  SameResults() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kedge-same-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~SameResults() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  SameResults(const SameResults&) = delete;
  SameResults& operator=(const SameResults&) = delete;

  [[nodiscard]] std::string command(int ranks, const std::string& arguments) const {
    const char* program = std::getenv("KEDGE_PROGRAM");
    return fmt::format("mpirun --oversubscribe --bind-to none -np {} {} run job.ini {}", ranks,
                       program == nullptr ? "kedge" : program, arguments);
  }
  Results campaign(int ranks, const std::string& arguments = "") const {
    const auto outcome =
        kedge::test::run("cd " + folder_.string() + " && " +
                         command(ranks, "--overwrite --output run.h5 " + arguments));
    EXPECT_EQ(outcome.code, 0) << outcome.out;
    return kedge::io::read_results(folder_ / "run.h5");
  }

  /// The campaign on 2 ranks, killed as soon as there is one energy more than at the last kill.
  Results killed_campaign(int kills) const {
    const auto part = kedge::io::part_file(folder_ / "killed.h5");
    const std::string start = "sh -c 'cd " + folder_.string() + " && exec " +
                              command(2, "--resume --output killed.h5") + "'";
    std::size_t before = 0;
    for (int i = 0; i < kills; ++i) {
      BackgroundJob job(start, folder_ / "log");
      while (!job.poll() && energies_in(part) <= before) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      job.kill_all();
      before = energies_in(part);
      EXPECT_FALSE(std::filesystem::exists(folder_ / "killed.h5"))
          << "over before kill " << i + 1 << "; the campaign is too short";
    }
    BackgroundJob job(start, folder_ / "log");
    EXPECT_EQ(job.wait_for(120.0), 0) << read_log();
    return kedge::io::read_results(folder_ / "killed.h5");
  }

  /// In which ways a campaign is run.
  struct Ways {
    std::vector<int> ranks = {2, 3, 4};
    int kills = 2;
    std::vector<int> shares = {2, 4};  ///< ranks for each solve, of 4
    // Several ranks add up the same terms in another order: rounding, times the condition of the
    // solve.
    double other_order = 1e-8;
  };

  /// Runs the campaign of `input` in all ways.
  void expect_same(const std::string& name, const std::string& screenings, const std::string& input,
                   const Ways& ways) const {
    std::ofstream(folder_ / "bh3.xyz")
        << "4\nBH3\nB 0 0 0\nH 1.19 0 0\nH -0.595 1.0306 0\nH -0.595 -1.0306 0\n";
    std::ofstream(folder_ / "job.ini") << "[absorber]\nscreening = " << screenings
                                       << "\n[structure]\nfile = bh3.xyz\nabsorber = B\n"
                                       << input;
    const Results one = campaign(1);
    EXPECT_EQ(one.count(Status::done), one.done.size());
    // The same sums in the same order, but for the alignment of memory that vector instructions
    // see.
    constexpr double kSameOrder = 1e-10;
    const auto expect = [&](const std::string& how, const Results& other, double tolerance) {
      const double found = difference(one, other);
      fmt::print("{}, {}: largest relative difference from one rank {:.1e}\n", name, how, found);
      EXPECT_LE(found, tolerance) << how;
    };
    for (const int ranks : ways.ranks) {
      expect(fmt::format("{} ranks", ranks), campaign(ranks), kSameOrder);
    }
    expect(fmt::format("2 ranks, kills and resumes: {}", ways.kills), killed_campaign(ways.kills),
           kSameOrder);
    for (const int share : ways.shares) {
      expect(fmt::format("4 ranks, {} for each solve", share),
             campaign(4, fmt::format("--set parallel.ranks_per_solve={}", share)),
             ways.other_order);
    }
  }

 private:
  static std::size_t energies_in(const std::filesystem::path& part) {
    if (!std::filesystem::exists(part)) return 0;
    try {
      return kedge::io::read_results(part).count(Status::done);
    } catch (const kedge::Error&) {
      return 0;  // its header is being written
    }
  }
  [[nodiscard]] std::string read_log() const {
    std::ifstream stream(folder_ / "log");
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::filesystem::path folder_;
};

TEST_F(SameResults, MultipleScattering) {
  expect_same(
      "multiple scattering", "1, 0.5",
      "radius = 4\n[xrs]\nq = 4.5\n[energy]\ngrid = 0:1:20\nfermi = -5\n[engine]\nkind = ms\n", {});
}

TEST_F(SameResults, FiniteDifferences) {
  expect_same("finite differences", "1, 0.5",
              "radius = 3\n[xrs]\nq = 4.5\n[energy]\ngrid = 0:10:20\nfermi = -5\n[engine]\nkind = "
              "fdm\nspacing = 0.4\n",
              {});
}

// Spectra from reduced models, small ones for the sake of time.
constexpr const char* kReduced =
    "radius = 2.2\n[xrs]\nq = 4.5\nlmax = 1\n[energy]\ngrid = 4:1:11\nfermi = -5\n[engine]\nkind = "
    "fdm\nspacing = 0.45\n"
    "energies = reduced\nreduction_tolerance = 0.1\n";

TEST_F(SameResults, ReducedModels) {
  // Its basis is solved for and kept in single precision (6e-8), and ranks that share a solve round
  // otherwise; the small problems close to a state enlarge that by about the ratio of the widest
  // spacing of states to the width of a cell, up to a hundred.
  constexpr double kSinglePrecision = 1e-5;
  expect_same("reduced models", "1, 0.6, 0.2", kReduced, {{2, 3}, 1, {2}, kSinglePrecision});
}

TEST_F(SameResults, ReducedModelsInDoublePrecision) {
  expect_same("reduced models in double precision", "1, 0.2",
              std::string(kReduced) + "precision = double\n", {{2}, 1, {2, 4}});
}

// Two families of two screenings each.
TEST_F(SameResults, FamiliesOfReducedModels) {
  expect_same("families", "1, 0.7, 0.4, 0.1", std::string(kReduced) + "family_size = 2\n",
              {{2}, 1, {}});
}

}  // namespace
