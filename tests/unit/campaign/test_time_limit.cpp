// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "kedge/campaign/time_limit.hpp"
#include "kedge/core/error.hpp"

namespace {

using kedge::campaign::seconds_left;
using kedge::campaign::TimeLimit;

kedge::io::Input parse(const std::string& limit) {
  return kedge::io::parse_input(
      "[structure]\nfile = a.xyz\nabsorber = B\n[energy]\ngrid = 0:1:3\nfermi = -7\n[xrs]\nq = "
      "4.5\n[parallel]\ntime_limit = " +
          limit + "\n",
      "job.ini", "", {});
}

TEST(TimeLimit, ReadsTheFormsOfSlurm) {
  EXPECT_EQ(seconds_left(MPI_COMM_WORLD, parse("90")), 5400.0);
  EXPECT_EQ(seconds_left(MPI_COMM_WORLD, parse("1:30:05")), 5405.0);
  EXPECT_EQ(seconds_left(MPI_COMM_WORLD, parse("2-01:00:00")), 2 * 86400.0 + 3600.0);
  for (const char* wrong : {"0", "-5", "1:30", "1:2:3:4", "soon", "1::0", "2-3", "-1:00:00"}) {
    EXPECT_THROW((void)parse(wrong), kedge::Error) << wrong;
  }
}

TEST(TimeLimit, AutoIsTheEndOfTheSlurmJob) {
  ASSERT_EQ(setenv("SLURM_JOB_END_TIME", std::to_string(std::time(nullptr) + 1000).c_str(), 1), 0);
  const auto left = seconds_left(MPI_COMM_WORLD, parse("auto"));
  ASSERT_TRUE(left.has_value());
  EXPECT_NEAR(*left, 1000.0, 10.0);  // the clock of the system and a busy machine
  EXPECT_FALSE(seconds_left(MPI_COMM_WORLD, parse("none")).has_value());
  ASSERT_EQ(setenv("SLURM_JOB_END_TIME", "tomorrow", 1), 0);
  EXPECT_THROW((void)seconds_left(MPI_COMM_WORLD, parse("auto")), kedge::Error);
  ASSERT_EQ(unsetenv("SLURM_JOB_END_TIME"), 0);
  EXPECT_FALSE(seconds_left(MPI_COMM_WORLD, parse("auto")).has_value());
}

TEST(TimeLimit, KeepsTimeForTheEnd) {
  EXPECT_TRUE(TimeLimit(std::nullopt).allows(1e9));
  EXPECT_TRUE(TimeLimit(1000.0).allows(900.0));
  EXPECT_FALSE(TimeLimit(1000.0).allows(981.0));  // 2 % are kept
  EXPECT_FALSE(TimeLimit(1.0).allows(0.0));       // 2 s at least
  EXPECT_TRUE(TimeLimit(1e6).allows(1e6 - 61.0));
}

}  // namespace
