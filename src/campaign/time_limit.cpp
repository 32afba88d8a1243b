// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/time_limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "kedge/core/error.hpp"
#include "kedge/parallel/check.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"

namespace kedge::campaign {

TimeLimit::TimeLimit(std::optional<double> seconds) {
  if (!seconds) return;
  constexpr double kFraction = 0.02;
  constexpr double kLeast = 2.0;  // s
  constexpr double kMost = 60.0;  // s
  usable_ = *seconds - std::clamp(kFraction * *seconds, kLeast, kMost);
}

bool TimeLimit::allows(double next_seconds) const {
  if (!usable_) return true;
  const double gone = std::chrono::duration<double>(Clock::now() - start_).count();
  return gone + next_seconds <= *usable_;
}

namespace {

std::optional<double> seconds_to_end_of_job() {
  const char* variable = std::getenv("SLURM_JOB_END_TIME");
  if (variable == nullptr || *variable == '\0') return std::nullopt;
  const std::string_view text = variable;
  std::int64_t end = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), end);
  if (error != std::errc() || rest != text.data() + text.size()) {
    throw Error(
        ErrorKind::input,
        fmt::format(
            "SLURM_JOB_END_TIME = '{}' is no number of seconds since 1970; unset it, or give "
            "parallel.time_limit",
            text));
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<double>(end) - std::chrono::duration<double>(now).count();
}

}  // namespace

std::optional<double> seconds_left(MPI_Comm comm, const io::Input& input) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  double seconds = kNone;
  parallel::collectively(comm, "", [&] {
    if (parallel::rank(comm) != 0) return;
    const auto& given = input.parallel.time_limit_seconds;
    seconds = (input.parallel.time_limit_auto ? seconds_to_end_of_job() : given).value_or(kNone);
  });
  parallel::check_mpi(MPI_Bcast(&seconds, 1, MPI_DOUBLE, 0, comm));
  if (seconds == kNone) return std::nullopt;
  return seconds;
}

}  // namespace kedge::campaign
