// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <mpi.h>

#include <string>

#include "kedge/core/error.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"

namespace {

using kedge::Error;
using kedge::ErrorKind;
namespace parallel = kedge::parallel;

TEST(Collectively, OneFailingRankFailsAllWithItsError) {
  const int last = parallel::size(MPI_COMM_WORLD) - 1;
  try {
    parallel::collectively(MPI_COMM_WORLD, "the step", [&] {
      if (parallel::rank(MPI_COMM_WORLD) == last) throw Error(ErrorKind::io, "disk full");
    });
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_STREQ(error.what(), "the step: disk full");
  }
}

TEST(Collectively, LowestFailingRankSpeaks) {
  try {
    parallel::collectively(MPI_COMM_WORLD, "", [&] {
      throw Error(ErrorKind::input, "rank " + std::to_string(parallel::rank(MPI_COMM_WORLD)));
    });
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "rank 0");
  }
}

TEST(Collectively, SuccessReturns) {
  EXPECT_NO_THROW(parallel::collectively(MPI_COMM_WORLD, "nothing", [] {}));
}

TEST(Communicator, BroadcastCarriesTextOfAnyLength) {
  const bool root = parallel::rank(MPI_COMM_WORLD) == 0;
  const std::string long_text(100000, 'x');
  EXPECT_EQ(parallel::broadcast(MPI_COMM_WORLD, root ? long_text : "other"), long_text);
  EXPECT_EQ(parallel::broadcast(MPI_COMM_WORLD, root ? "" : "other"), "");
}

TEST(Communicator, SplitMakesGroupsThatCoverTheWorld) {
  const int rank = parallel::rank(MPI_COMM_WORLD);
  const auto group = parallel::Communicator::split(MPI_COMM_WORLD, rank / 2, rank);
  ASSERT_TRUE(static_cast<bool>(group));
  EXPECT_EQ(parallel::rank(group.get()), rank % 2);
}

}  // namespace
