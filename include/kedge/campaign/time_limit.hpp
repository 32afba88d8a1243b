// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <chrono>
#include <optional>

#include "kedge/io/input.hpp"

namespace kedge::campaign {

/// The time a run may take. It is over when the next step and the end of the run would no longer
/// fit.
class TimeLimit {
 public:
  /// @param seconds  from now on; empty: no limit
  explicit TimeLimit(std::optional<double> seconds);

  /// True if a step of this length [s] still fits, with time to close the file after it: 2 % of the
  /// limit, at least 2 s (the usual case) and at most 60 s (a slow file system).
  [[nodiscard]] bool allows(double next_seconds) const;

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  std::optional<double> usable_;  ///< from start_ [s]
};

/// What the input says, in seconds from now: parallel.time_limit, or if that is auto the end of the
/// Slurm job in the variable SLURM_JOB_END_TIME [s since 1970], if there is one. Rank 0 decides for
/// all.
/// @throws Error{input} if the variable holds no time   @note Collective on comm
[[nodiscard]] std::optional<double> seconds_left(MPI_Comm comm, const io::Input& input);

}  // namespace kedge::campaign
