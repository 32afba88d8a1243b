// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <csignal>

namespace kedge::campaign {

/// While it lives, SIGTERM, SIGUSR1 and SIGINT ask the run to stop after the current energy instead
/// of killing it. The second signal of a kind acts as usual. The handlers that were there before
/// come back at the end. One may live within another, which a request outlives: of several inputs
/// that are computed one after the other, and each of them.
class StopRequest {
 public:
  StopRequest();
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

  /// True once this process got a signal. @note Rank-local
  [[nodiscard]] bool received() const;

 private:
  static constexpr int kSignals[] = {SIGTERM, SIGUSR1, SIGINT};
  struct sigaction before_[3] = {};
};

}  // namespace kedge::campaign
