// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

#include "kedge/core/log.hpp"
#include "kedge/core/progress.hpp"

namespace {

using kedge::duration_text;
using kedge::progress_text;
using testing::HasSubstr;
using testing::Not;

/// What `write` puts into a stream that is no terminal.
template <class Write>
std::string written(Write write) {
  std::FILE* stream = std::tmpfile();
  write(stream);
  std::rewind(stream);
  std::array<char, 4096> buffer{};
  const std::size_t length = std::fread(buffer.data(), 1, buffer.size(), stream);
  (void)std::fclose(stream);
  return {buffer.data(), length};
}

TEST(Progress, DurationsReadWell) {
  EXPECT_EQ(duration_text(0.4), "0 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(200.0), "3 min 20 s");
  EXPECT_EQ(duration_text(3900.0), "1 h 5 min");
}

TEST(Progress, TellsRateAndTimeLeft) {
  const std::string text = progress_text(60, 600, 0.5, 120.0);
  EXPECT_THAT(text, HasSubstr("60 of 600"));
  EXPECT_THAT(text, HasSubstr("10 %"));
  EXPECT_THAT(text, HasSubstr("0.5 per s"));
  EXPECT_THAT(text, HasSubstr("18 min 0 s left"));
}

TEST(Progress, NoForecastWithoutARate) {
  const std::string text = progress_text(50, 600, 0.0, 75.0);
  EXPECT_THAT(text, HasSubstr("50 of 600"));
  EXPECT_THAT(text, Not(HasSubstr("per s")));
  EXPECT_THAT(text, Not(HasSubstr("left")));
  EXPECT_THAT(text, HasSubstr("at work for 1 min 15 s"));
}

TEST(Progress, EnergiesOfAnEarlierRunDoNotCountForTheRate) {
  const std::string text =
      written([](std::FILE* stream) { kedge::Progress(stream, 600, 600).finish(600); });
  EXPECT_THAT(text, Not(HasSubstr("per s")));
}

TEST(Progress, BatchLogGetsNoBarAndNoLineWithinTenSeconds) {
  const std::string text = written([](std::FILE* stream) {
    kedge::Progress progress(stream, 100, 0);
    for (std::size_t done = 1; done <= 100; ++done) progress.update(done, 1.0);
    progress.finish(100);
  });
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(Log, SilentLogWritesNothing) {
  kedge::Log(nullptr).line("nobody sees this");
  const std::string text = written([](std::FILE* stream) { kedge::Log(stream).warning("mind"); });
  EXPECT_EQ(text, "kedge: warning: mind\n");
}

}  // namespace
