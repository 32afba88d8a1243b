// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kedge/measured/reduce.hpp"

namespace kedge::measured {

/// Writes a reduced spectrum as NeXus: /entry/data is NXdata with intensity, intensity_errors and
/// energy, covariance (energy, energy) and background beside it; /entry/process tells how it was
/// made. An existing file is replaced.
/// @param how  lines about the reduction   @throws Error{io}   @note Rank-local
void write_nexus(const std::filesystem::path& file, const Reduced& reduced,
                 const std::vector<std::string>& how);

}  // namespace kedge::measured
