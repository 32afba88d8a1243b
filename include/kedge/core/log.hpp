// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdio>
#include <string_view>

namespace kedge {

/// Lines for the user. One rank has an active log, the others a silent one, so that a line appears
/// once.
class Log {
 public:
  /// @param stream  where the lines go, not owned; nullptr: silent
  explicit Log(std::FILE* stream) : stream_(stream) {}

  /// One line, flushed, so that a batch log shows it at once.
  void line(std::string_view text) const;
  /// "kedge: warning: text"
  void warning(std::string_view text) const;
  [[nodiscard]] std::FILE* stream() const { return stream_; }

 private:
  std::FILE* stream_;
};

}  // namespace kedge
