// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>

#include "kedge/measured/read_spectrum.hpp"
#include "kedge/measured/text_table.hpp"

namespace kedge::measured {

/// FILE.h5 or FILE.h5:/path/of/group taken apart.
struct NexusName {
  std::filesystem::path file;
  std::string path;  ///< empty: the default plot
};
[[nodiscard]] NexusName nexus_name(const std::string& name);

/// True if the file of this name is HDF5. @note Rank-local
[[nodiscard]] bool is_nexus(const std::string& name);

/// Reads an NXdata group as a table: column 1 the axis, then the signal, one column for each row of
/// a signal of two dimensions (analyser, energy), then its errors, if it has any, in the places
/// that `layout` gives them. The group is the one named, or the one that the attributes `default`
/// lead to from the root, or else the only NXdata group of the first NXentry.
///
/// Signal, axes and errors as NeXus says: attributes `signal` and `axes`, dataset
/// <signal>_errors or `errors`, attribute `units` of the axis.
/// @param layout  Layout::single wants a signal of one row; for Layout::counts errors in the file
///                are an error, since they would be ignored
/// @throws Error{io} if HDF5 cannot read it; Error{input} if a part is missing or does not fit
/// @note Rank-local
[[nodiscard]] TextTable read_nexus(const std::string& name, Layout layout);

}  // namespace kedge::measured
