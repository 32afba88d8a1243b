// SPDX-License-Identifier: BSD-3-Clause
/// The spectra of a campaign do not depend on the number of ranks, on how many share a solve, or on kills and resumes: the same
/// campaign in all these ways, and the largest difference, which is printed.
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
    largest = std::max(largest, difference(a.spectra[i].energy_loss_ev, b.spectra[i].energy_loss_ev));
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
    return fmt::format("mpirun --oversubscribe --bind-to none -np {} {} run job.ini {}", ranks, program == nullptr ? "kedge" : program,
                       arguments);
  }
  Results campaign(int ranks, const std::string& arguments = "") const {
    const auto outcome = kedge::test::run("cd " + folder_.string() + " && " + command(ranks, "--overwrite --output run.h5 " + arguments));
    EXPECT_EQ(outcome.code, 0) << outcome.out;
    return kedge::io::read_results(folder_ / "run.h5");
  }

  /// The campaign on 2 ranks, killed as soon as there is one energy more than at the last kill.
  Results killed_campaign(int kills) const {
    const auto part = kedge::io::part_file(folder_ / "killed.h5");
    const std::string start = "sh -c 'cd " + folder_.string() + " && exec " + command(2, "--resume --output killed.h5") + "'";
    std::size_t before = 0;
    for (int i = 0; i < kills; ++i) {
      BackgroundJob job(start, folder_ / "log");
      while (!job.poll() && energies_in(part) <= before) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      job.kill_all();
      before = energies_in(part);
      EXPECT_FALSE(std::filesystem::exists(folder_ / "killed.h5")) << "over before kill " << i + 1 << "; the campaign is too short";
    }
    BackgroundJob job(start, folder_ / "log");
    EXPECT_EQ(job.wait_for(120.0), 0) << read_log();
    return kedge::io::read_results(folder_ / "killed.h5");
  }

  /// Runs the campaign of `input` in all ways.
  void expect_same(const std::string& name, const std::string& input) const {
    std::ofstream(folder_ / "bh3.xyz") << "4\nBH3\nB 0 0 0\nH 1.19 0 0\nH -0.595 1.0306 0\nH -0.595 -1.0306 0\n";
    std::ofstream(folder_ / "job.ini") << "[absorber]\nscreening = 1,0.5\n[xrs]\nq = 4.5\n[structure]\nfile = bh3.xyz\nabsorber = B\n"
                                       << input;
    const Results one = campaign(1);
    EXPECT_EQ(one.count(Status::done), one.done.size());
    // The same sums in the same order, but for the alignment of memory that vector instructions see.
    constexpr double kSameOrder = 1e-10;
    // Several ranks add up the same terms in another order: rounding, times the condition of the solve.
    constexpr double kOtherOrder = 1e-8;
    const auto expect = [&](const std::string& how, const Results& other, double tolerance) {
      const double found = difference(one, other);
      fmt::print("{}, {}: largest relative difference from one rank {:.1e}\n", name, how, found);
      EXPECT_LE(found, tolerance) << how;
    };
    for (const int ranks : {2, 3, 4}) expect(fmt::format("{} ranks", ranks), campaign(ranks), kSameOrder);
    expect("2 ranks, killed and resumed twice", killed_campaign(2), kSameOrder);
    for (const int share : {2, 4}) {
      expect(fmt::format("4 ranks, {} for each solve", share), campaign(4, fmt::format("--set parallel.ranks_per_solve={}", share)),
             kOtherOrder);
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
  expect_same("multiple scattering", "radius = 4\n[energy]\ngrid = 0:1:20\nfermi = -5\n[engine]\nkind = ms\n");
}

TEST_F(SameResults, FiniteDifferences) {
  expect_same("finite differences",
              "radius = 3\n[energy]\ngrid = 0:10:20\nfermi = -5\n[engine]\nkind = fdm\nspacing = 0.4\n");
}

}  // namespace
