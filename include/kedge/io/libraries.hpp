// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace kedge::io {

/// Name and version of every library this process runs with, as loaded where the library tells,
/// else as compiled.
/// @note Rank-local
[[nodiscard]] std::vector<std::pair<std::string, std::string>> libraries();

/// The BLAS that runs: OpenBLAS with version, build and core, or the file the routines come from.
[[nodiscard]] std::string blas_description();

}  // namespace kedge::io
