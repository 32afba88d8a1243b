// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/stop_request.hpp"

#include <iterator>

namespace kedge::campaign {

namespace {

// The only mutable globals of kedge: a signal handler can reach nothing else.
volatile std::sig_atomic_t stop_signal = 0;
int living = 0;  // requests, one within another

extern "C" void remember(int signal) {
  stop_signal = signal;
}

}  // namespace

StopRequest::StopRequest() {
  if (living++ == 0) stop_signal = 0;
  struct sigaction action = {};
  action.sa_handler = remember;
  (void)sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    (void)sigaction(kSignals[i], &action, &before_[i]);
  }
}

StopRequest::~StopRequest() {
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    (void)sigaction(kSignals[i], &before_[i], nullptr);
  }
  --living;
  // A late request finds the results being written: nothing is left to stop.
  if (before_[1].sa_handler == SIG_DFL) (void)std::signal(kSignals[1], SIG_IGN);
}

bool StopRequest::received() const {
  return stop_signal != 0;
}

}  // namespace kedge::campaign
