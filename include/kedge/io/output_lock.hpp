// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

namespace kedge::io {

/// Keeps other jobs away from a result file: an advisory lock on FILE.h5.lock beside it, which the
/// operating system drops when the process ends, however it ends. The lock file names its holder
/// and is removed at the end; one that a killed run left behind holds nobody up.
class OutputLock {
 public:
  /// @param file  FILE.h5; of FILE.h5.part the lock is the same
  /// @throws Error{io} if another process holds the lock, naming it, or the lock file cannot be
  /// written
  /// @note Rank-local; one rank of a job
  explicit OutputLock(const std::filesystem::path& file);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

  /// False on a file system that has no locks: then nothing keeps two jobs apart, which the caller
  /// tells the user.
  [[nodiscard]] bool effective() const { return effective_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  bool effective_ = true;
};

}  // namespace kedge::io
