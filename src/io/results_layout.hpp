// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <hdf5.h>

#include <string>

#include "kedge/io/results_file.hpp"

namespace kedge::io {

/// Creates every group, dataset and attribute of a new result file at full size. `writer`: this
/// rank writes the values that are known already. @note Collective on the communicator of the file
void create_layout(hid_t file, const ResultsHeader& header, bool writer);

/// Room for the reasons of failures; more than these are counted in the last line.
inline constexpr std::size_t kFailureLines = 128;
inline constexpr std::size_t kFailureLength = 320;  // bytes

/// Name of the NXdata group of one q: "data" for the first, then "data_2", ...
[[nodiscard]] std::string data_group(std::size_t i_q);

/// Name of the group of the averages over structures for one q: average, average_2, ...
[[nodiscard]] std::string average_group(std::size_t i_q);

/// NXdata groups of the broadened absorption, and their signal.
inline constexpr const char* kAbsorptionGroup = "absorption";
inline constexpr const char* kAbsorptionAverageGroup = "absorption_average";
inline constexpr const char* kCrossSection = "cross_section";

}  // namespace kedge::io
