// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "kedge/parallel/communicator.hpp"

namespace kedge::test {

/// A fresh folder that all ranks know, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name;
    if (parallel::rank(MPI_COMM_WORLD) == 0) {
      std::string pattern = (std::filesystem::temp_directory_path() / "kedge-test-XXXXXX").string();
      if (mkdtemp(pattern.data()) != nullptr) name = pattern;
    }
    path_ = parallel::broadcast(MPI_COMM_WORLD, name);
  }
  ~TemporaryFolder() {
    (void)MPI_Barrier(MPI_COMM_WORLD);
    std::error_code ignored;
    if (parallel::rank(MPI_COMM_WORLD) == 0) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace kedge::test
