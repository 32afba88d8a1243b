// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/parallel/scratch_folder.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "kedge/core/error.hpp"
#include "kedge/parallel/collectively.hpp"

namespace kedge::parallel {
namespace {

constexpr std::size_t kLongest = 200;  // of a name: MUMPS takes 255, with that of the folder in it

}  // namespace

ScratchFolder::ScratchFolder(const std::filesystem::path& parent) {
  std::string name = (parent / "kedge-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw Error(ErrorKind::io, fmt::format("cannot keep factors in '{}' (parallel.scratch): {}",
                                           parent.string(), std::system_category().message(errno)));
  }
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void check_scratch(MPI_Comm comm, const std::filesystem::path& parent) {
  if (parent.empty()) return;
  collectively(comm, "", [&] {
    try {
      if (parent.string().size() > kLongest) {
        throw Error(ErrorKind::input,
                    fmt::format("parallel.scratch has a name of {} characters, wanted {} at most",
                                parent.string().size(), kLongest));
      }
      const ScratchFolder made(parent);
    } catch (const Error& e) {
      throw Error(
          ErrorKind::input,
          fmt::format("{}; wanted a folder that can be written on every node, or none", e.what()));
    }
  });
}

}  // namespace kedge::parallel
