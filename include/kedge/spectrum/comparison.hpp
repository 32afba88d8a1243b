// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace kedge::spectrum {

/// Pearson correlation sum (a - <a>)(b - <b>) / sqrt(sum (a - <a>)^2 sum (b - <b>)^2), -1 to 1;
/// zero if one of the two is constant.   @pre equal sizes
[[nodiscard]] double pearson(std::span<const double> a, std::span<const double> b);

/// Spearman correlation: the Pearson correlation of the ranks; equal values share their mean rank.
/// It is 1 for any increasing relation, so it judges the order of features, not their heights.
[[nodiscard]] double spearman(std::span<const double> a, std::span<const double> b);

/// A curve given by points; views, which must outlive their use.
struct CurveView {
  std::span<const double> x;
  std::span<const double> y;
};

/// Interval of the axis of the reference.
struct Window {
  double low = 0.0;
  double high = 0.0;
};

/// Where find_shift looks. Units are those of the axis, eV for spectra.
struct ShiftSearch {
  double lowest = -5.0;
  double highest = 5.0;
  std::optional<Window> window;   ///< on the axis of the reference; empty: all of it
  double smallest_overlap = 0.6;  ///< of the window, that the shifted curve must cover
  /// Correlation from which on the maximum next to no shift is taken without looking at the other
  /// shifts; above 1: never.
  double near_enough = 2.0;
  double smallest_prominence = 0.03;  ///< of peaks compared, see find_peaks
};

/// A peak of the reference and the peak of the shifted curve that belongs to it.
struct PeakPair {
  double reference = 0.0;
  double curve = 0.0;  ///< after the shift
  [[nodiscard]] double difference() const { return curve - reference; }
};

struct ShiftResult {
  double shift = 0.0;     ///< to be added to the x of the curve
  double pearson = 0.0;   ///< at this shift
  double spearman = 0.0;  ///< at this shift
  Window overlap;         ///< where the two were compared, on the axis of the reference
  bool at_limit = false;  ///< the best shift is an end of the search: widen it
  std::vector<PeakPair> peaks;
};

/// Finds the rigid shift of a curve that agrees best with a reference.
///
/// Maximises the Pearson correlation of reference(x) and curve(x - shift) over the overlap of the
/// window, the reference and the shifted curve, both interpolated linearly on 401 even points, so
/// that neither grid weighs some region more. Scale and constant background do not matter. First on
/// 201 even shifts (or up from the one nearest to zero, if that leads to ShiftSearch::near_enough),
/// then by golden section about the best one.
///
/// Peaks are compared where each is the other's nearest.
/// @throws Error{input} if lowest >= highest, the window is empty, or no shift leaves the overlap
///         wanted; and of check_curve
[[nodiscard]] ShiftResult find_shift(const CurveView& reference, const CurveView& curve,
                                     const ShiftSearch& search = {});

}  // namespace kedge::spectrum
