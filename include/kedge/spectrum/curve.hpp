// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <string>

namespace kedge::spectrum {

/// Checks a curve y(x) given by points: as many x as y, at least two, x strictly increasing, all
/// values finite.
/// @param what  name of the curve for messages
/// @throws Error{internal} for different sizes; Error{input} for too few points or an x out of
///         order; Error{numerical} for a value that is not finite, such as an energy not solved yet
void check_curve(std::span<const double> x, std::span<const double> y, const std::string& what);

/// Linear interpolation; the end values continue the curve on both sides.
/// @pre x strictly increasing, not empty, as long as y
[[nodiscard]] double linear_at(std::span<const double> x, std::span<const double> y, double at);

/// The cubic through the two points beside whose slopes there are those of the parabolas through
/// three points each (two at the ends); the end values continue the curve on both sides.
/// @pre as linear_at()
[[nodiscard]] double cubic_at(std::span<const double> x, std::span<const double> y, double at);

}  // namespace kedge::spectrum
