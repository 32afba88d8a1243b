// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <filesystem>

namespace kedge::parallel {

/// A folder of this process alone, made in another one; it and all in it go with this.
/// @note Rank-local
class ScratchFolder {
 public:
  /// @throws Error{io} if it cannot be made
  explicit ScratchFolder(const std::filesystem::path& parent);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Makes and leaves such a folder on every rank. @param parent  empty: nothing is asked for
/// @throws Error{input} if a rank cannot  @note Collective on comm
void check_scratch(MPI_Comm comm, const std::filesystem::path& parent);

}  // namespace kedge::parallel
