// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

/// Text in an SVG figure: UTF-8 letters, their room, and what XML allows.
namespace kedge::io {

/// Text that may stand in XML; control characters, which XML forbids, become spaces.
[[nodiscard]] std::string escaped(std::string_view text);

/// Room for a text [px].
/// @param[in] size  of the font [px]
[[nodiscard]] double text_width(std::string_view text, int size);

}  // namespace kedge::io
