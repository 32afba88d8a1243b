// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "kedge/io/results_file.hpp"
#include "run_command.hpp"

namespace {

using kedge::test::Outcome;
using testing::HasSubstr;

TEST(OneRankFails, WholeJobEndsSoonWithItsMessageAndKeepsTheResults) {
  std::string pattern = (std::filesystem::temp_directory_path() / "kedge-fail-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  for (const int ranks : {1, 2, 3}) {
    SCOPED_TRACE(ranks);
    const std::filesystem::path file = folder / ("np" + std::to_string(ranks) + ".h5");
    const Outcome outcome = kedge::test::run("mpirun --oversubscribe -np " + std::to_string(ranks) +
                                             " " + FAILING_CAMPAIGN + " " + file.string());
    EXPECT_EQ(outcome.code, 5) << outcome.out;
    const auto first = outcome.out.find("the library broke");
    ASSERT_NE(first, std::string::npos) << outcome.out;
    EXPECT_EQ(outcome.out.find("the library broke", first + 1), std::string::npos) << outcome.out;
    EXPECT_THAT(outcome.out, HasSubstr("site B1 (atom 1), energy"));
    // The failure comes after about 0.1 s; the rest is the start and end of mpirun on a busy
    // machine.
    EXPECT_LT(outcome.seconds, 20.0);
    const auto results = kedge::io::read_results(kedge::io::part_file(file));
    EXPECT_GE(results.count(kedge::io::Status::done), 2U);
    EXPECT_GT(results.count(kedge::io::Status::missing), 0U);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
