// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/core/log.hpp"

namespace kedge {

void Log::line(std::string_view text) const {
  if (stream_ == nullptr) return;
  (void)std::fwrite(text.data(), 1, text.size(), stream_);
  (void)std::fputc('\n', stream_);
  (void)std::fflush(stream_);
}

void Log::warning(std::string_view text) const {
  if (stream_ == nullptr) return;
  (void)std::fputs("kedge: warning: ", stream_);
  line(text);
}

}  // namespace kedge
