// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "kedge/campaign/opened_results.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/measured/fit_curve.hpp"

/// Computed spectra on a fine even axis of energy loss, for comparison with measured ones.
/// Rank-local.
namespace kedge::campaign {

/// Step of the fine axis [eV]: a third of the narrowest core hole, a tenth of usual instruments.
inline constexpr double kFineStepEv = 0.05;

/// Site sum of one case, aligned by the core levels as case_sum() does but broadened at each point
/// of the fine axis, from 10 eV below the first energy, where nothing is left of the edge, to the
/// last, or to the last that is done. l = -1: sum over l. The curve is empty if a site has no
/// spectrum. Weights and shifts of results.adjustments count.
/// @throws Error{input} if all sites of the case have weight zero
[[nodiscard]] measured::UniformCurve fine_case_curve(const OpenedResults& opened,
                                                     std::size_t i_case, std::size_t i_q, int l);

/// One site, moved by its chemical shift in this case and the shift the user gave it, per absorber;
/// empty as above. Its points lie on an axis of its own.
[[nodiscard]] measured::UniformCurve fine_site_curve(const OpenedResults& opened,
                                                     const SpectrumIndex& index);

/// Position, height and prominence of the peaks of fine_case_curve() of each case, as a table for
/// people; `i_q` chooses the spectrum.
[[nodiscard]] std::string peak_table(const OpenedResults& opened, std::size_t i_q);

/// Where the cases lie on a grid of swept parameters.
struct SweepGrid {
  std::vector<std::string> keys;  ///< with two values or more
  std::vector<std::string> units;
  std::vector<std::vector<double>> nodes;  ///< of each key, increasing
  std::vector<std::size_t> cases;          ///< i_case at each node, last key fastest
};

/// The grid of the cases; `keys` empty if nothing is swept.
/// @throws Error{input} if the cases do not fill the grid once
[[nodiscard]] SweepGrid sweep_grid(const io::ResultsHeader& header);

}  // namespace kedge::campaign
