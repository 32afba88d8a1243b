// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "kedge/measured/fit_curve.hpp"

namespace kedge::measured {

/// One measured spectrum as a mixture of computed components.
struct MixtureFit {
  std::vector<Estimate> weights;    ///< x_k >= 0, unit measured / computed
  std::vector<Estimate> fractions;  ///< x_k / sum x
  TargetFit fit;                    ///< scale is 1 with no error
  double degrees = 0.0;  ///< points - weights - background, and the part of the common shift
};

struct MixtureSeries {
  Estimate shift_ev;  ///< one for the whole series
  bool shift_at_limit = false;
  std::vector<MixtureFit> spectra;
};

/// Fits a series of measured spectra, each with non-negative weights of the same components:
///   y_j(E) = sum_k x_jk C_k(E - s) + background_j,   x_jk >= 0,
/// by least squares at each shift s (scanned, then golden section on the sum of all chi^2). The
/// errors of the weights are those of the least-squares fit of the components with x > 0 and the
/// shift, of which all spectra tell together; a component held at zero has the error that it would
/// have if it were let free beside
/// these (an upper bound: 1.6 sigma for 95 %), NaN if it is alike to a sum of them to 1e-7. A
/// component that has all the weight has as error of its fraction the largest of those held at
/// zero. Unknown errors of data as in fit_curves. FitSettings::fit_width is not used.
/// @throws Error{input} for fewer points than unknowns; Error{numerical} if two components with
/// weight are alike to 1e-7
[[nodiscard]] MixtureSeries fit_mixture(const std::vector<const Spectrum*>& measured,
                                        const std::vector<UniformCurve>& components,
                                        const FitSettings& settings);

}  // namespace kedge::measured
