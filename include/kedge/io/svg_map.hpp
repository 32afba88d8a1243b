// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace kedge::io {

/// A map: intensity as colour over energy and a parameter.
struct ColourMap {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::string value_label;
  std::vector<double> x;                    ///< increasing
  std::vector<double> y;                    ///< increasing, one for each row
  std::vector<std::vector<double>> values;  ///< (y)(x); NaN is left white
  int width = 960;                          ///< [px]
  int height = 600;                         ///< [px]
};

/// The map as one self-contained SVG element. Cells reach to the middles between neighbours; rows
/// high enough for it have their own values as the numbers of the axis; colours run from the
/// smallest to the largest value along viridis (N. Smith, S. van der Walt, 2015, public domain),
/// which stays ordered in grey print and for colour-blind eyes.
/// @throws Error{input} if no value is finite; Error{internal} if sizes do not fit
[[nodiscard]] std::string svg(const ColourMap& map);

/// Colour at 0 to 1 along viridis, "#440154" to "#fde725".
[[nodiscard]] std::string viridis(double fraction);

}  // namespace kedge::io
