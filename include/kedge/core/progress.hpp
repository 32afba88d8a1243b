// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace kedge {

/// Text of a progress report: "120 of 600 energies, 20 %, 0.41 per s, 20 min left".
/// @param rate  energies per second of all ranks together; 0: not known yet, and no forecast then,
/// but the time that has passed
[[nodiscard]] std::string progress_text(std::size_t done, std::size_t total, double rate,
                                        double seconds);

/// "2 s", "3 min 20 s", "1 h 5 min"
[[nodiscard]] std::string duration_text(double seconds);

/// Shows how far the work is: on a terminal one bar that is redrawn, in a batch log one line at
/// most every 10 s.
class Progress {
 public:
  /// @param stream  not owned; nullptr: silent
  Progress(std::FILE* stream, std::size_t total, std::size_t done_before);

  /// Reports if enough time has passed since the last report (0.2 s on a terminal). @param rate  as
  /// for progress_text()
  void update(std::size_t done, double rate);
  /// The last report, with the mean rate of this run, for which what was done before does not
  /// count: ends the line of the bar.
  void finish(std::size_t done);

 private:
  using Clock = std::chrono::steady_clock;
  void draw(std::size_t done, double rate);
  [[nodiscard]] double seconds_so_far() const;

  std::FILE* stream_;
  std::size_t total_;
  std::size_t done_before_;
  bool terminal_ = false;
  Clock::time_point start_;
  Clock::time_point last_;
};

}  // namespace kedge
