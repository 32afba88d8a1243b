// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

namespace kedge::spectrum {

/// One maximum of a spectrum.
struct Peak {
  double position = 0.0;    ///< on the axis of the curve
  double height = 0.0;      ///< value at the maximum
  double prominence = 0.0;  ///< height above the higher of the two saddles next to it
};

/// Local maxima of a curve, in order of position.
///
/// Position and height are those of the parabola through the highest point and its two neighbours;
/// a flat top counts once, at its middle. The prominence is the height minus the larger of the
/// lowest values met on the way to a higher point (or the end) on either side. The end points of
/// the curve are no maxima.
/// @param smallest_prominence  smaller peaks are left out, as a fraction of (largest - smallest y)
/// @throws what check_curve throws
[[nodiscard]] std::vector<Peak> find_peaks(std::span<const double> x, std::span<const double> y,
                                           double smallest_prominence = 0.01);

}  // namespace kedge::spectrum
