// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <csignal>
#include <memory>

#include "kedge/campaign/stop_request.hpp"

namespace {

using kedge::campaign::StopRequest;

TEST(StopRequest, OfSeveralRunsHoldsForTheNext) {
  {
    const StopRequest outer;
    auto of_first = std::make_unique<StopRequest>();
    EXPECT_FALSE(of_first->received());
    ASSERT_EQ(std::raise(SIGUSR1), 0);
    EXPECT_TRUE(of_first->received());
    of_first.reset();
    EXPECT_TRUE(outer.received());
    EXPECT_TRUE(StopRequest().received());
  }
  EXPECT_FALSE(StopRequest().received());
}

TEST(StopRequest, ArrivesBetweenTwoRunsToo) {
  const StopRequest outer;
  { const StopRequest of_first; }
  ASSERT_EQ(std::raise(SIGTERM), 0);
  EXPECT_TRUE(StopRequest().received());
}

}  // namespace
