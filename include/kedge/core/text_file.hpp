// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace kedge {

/// All bytes of a file.
/// @param what  what the user meant it to be, as messages call it: "input file"
/// @param largest  bytes; it may be a device without end
/// @throws Error{input} if there is none, it is a folder, it may not be read, or it is larger
/// @note Rank-local
[[nodiscard]] std::string read_text_file(const std::filesystem::path& file, std::string_view what,
                                         std::size_t largest = 2000000000);

}  // namespace kedge
