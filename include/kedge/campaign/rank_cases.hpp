// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kedge/campaign/computed_curves.hpp"
#include "kedge/campaign/opened_results.hpp"
#include "kedge/measured/fit_curve.hpp"
#include "kedge/measured/mixture.hpp"
#include "kedge/measured/spectrum.hpp"

/// Computed cases against measured spectra. Rank-local.
namespace kedge::campaign {

/// A measured spectrum with the momentum transfer it belongs to.
struct MeasuredSpectrum {
  measured::Spectrum spectrum;
  std::size_t i_q = 0;
};

/// Site sums of all cases on the fine axis, each computed when first asked for.
class CaseCurves {
 public:
  /// @param opened  must outlive the object
  explicit CaseCurves(const OpenedResults& opened)
      : opened_(opened),
        curves_(opened.results.header.q_per_angstrom.size()),
        offsets_(opened.results.header.q_per_angstrom.size()) {}
  /// Empty for a case without a complete spectrum.
  [[nodiscard]] const measured::UniformCurve& at(std::size_t i_q, std::size_t i_case);
  /// Offsets that align the cases of a sweep (measured::CurveFamily), by node of the grid [eV]:
  /// each case is moved to the one before it along the grid where their Pearson correlation is
  /// largest, up to 4 eV; two cases without such a place are not moved.
  [[nodiscard]] const std::vector<double>& offsets(std::size_t i_q, const SweepGrid& grid);
  [[nodiscard]] const OpenedResults& opened() const { return opened_; }

 private:
  const OpenedResults& opened_;
  std::vector<std::vector<measured::UniformCurve>> curves_;  ///< (q)(case)
  std::vector<std::vector<double>> offsets_;                 ///< (q)(node)
};

struct RankedCase {
  std::size_t i_case = 0;
  measured::CurveFit fit;
};

struct Ranking {
  std::vector<RankedCase> cases;   ///< smallest chi^2 first
  std::vector<std::string> notes;  ///< cases left out and why; warnings that hold for the best case
};

/// Fits every case that has a spectrum to all measured spectra together (measured::fit_curves).
/// @throws Error{input} if none has; and of fit_curves
[[nodiscard]] Ranking rank_cases(CaseCurves& curves, const std::vector<MeasuredSpectrum>& data,
                                 const measured::FitSettings& settings);

/// The best values of the swept parameters between the cases.
struct BestParameters {
  SweepGrid grid;
  measured::CurveFit fit;  ///< its `parameters` in the order of grid.keys
  /// How much the values move if the interpolation is one order lower along one parameter: a
  /// parabola through the three cases next to the value instead of the spline (a line instead of
  /// the parabola of three cases). Root of the sum of squares over the parameters lowered; NaN for
  /// a parameter with two cases, where nothing tells.
  std::vector<double> interpolation_error;
  double shift_interpolation_error_ev = 0.0;
  /// By how much interpolation along each parameter misses the case next to the best value when
  /// that is left out, as a part of its highest point; the spacing is then twice what it is in the
  /// fit. Large where spectra change in steps. NaN with fewer than four cases along a parameter.
  std::vector<double> missed;
  /// Root of the sum of squares of standard deviation and interpolation error.
  [[nodiscard]] double sigma(std::size_t parameter) const;
  [[nodiscard]] double shift_sigma_ev() const;
};

/// Fits the swept parameters as continuous ones, the spectra interpolated between the cases,
/// starting from the best case of the ranking.
/// @return empty if nothing is swept or a case of the grid has no spectrum
/// @throws Error of sweep_grid and fit_curves
[[nodiscard]] std::optional<BestParameters> best_parameters(
    CaseCurves& curves, const std::vector<MeasuredSpectrum>& data,
    const measured::FitSettings& settings, const Ranking& ranking);

/// Components of a mixture: the sites of one case, or all cases.
struct Components {
  std::vector<std::string> labels;
  std::vector<measured::UniformCurve> curves;
};
[[nodiscard]] Components site_components(const OpenedResults& opened, std::size_t i_case,
                                         std::size_t i_q);
[[nodiscard]] Components case_components(const OpenedResults& opened, std::size_t i_q);

}  // namespace kedge::campaign
