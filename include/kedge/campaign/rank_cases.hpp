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

/// Computed cases against measured spectra, of one result file or of several together. Rank-local.
namespace kedge::campaign {

/// Which of the measured spectra have one shift.
enum class SharedShift {
  all,       ///< all of them
  file,      ///< those of one result file: each edge has a calibration of its own
  spectrum,  ///< none
};
/// "all", "file" or "spectrum".   @throws Error{input} for another name
[[nodiscard]] SharedShift shared_shift(const std::string& name);

/// A measured spectrum and what it belongs to.
struct MeasuredSpectrum {
  measured::Spectrum spectrum;
  std::size_t i_q = 0;                          ///< momentum transfer of the file, or kAbsorption
  std::size_t i_file = 0;                       ///< result file
  std::optional<spectrum::Window> window = {};  ///< instead of FitSettings::window
};

/// Site sums of all cases on the fine axis, each computed when first asked for.
class CaseCurves {
 public:
  /// @param opened  must outlive the object
  explicit CaseCurves(const OpenedResults& opened)
      : opened_(opened),
        curves_(opened.results.header.q_per_angstrom.size() + 1),
        offsets_(opened.results.header.q_per_angstrom.size() + 1) {}
  /// Empty for a case without a complete spectrum. @param i_q  may be kAbsorption
  [[nodiscard]] const measured::UniformCurve& at(std::size_t i_q, std::size_t i_case);
  /// Offsets that align the cases of a sweep (measured::CurveFamily), by node of the grid [eV]:
  /// each case is moved to the one before it along the grid where their Pearson correlation is
  /// largest, up to 4 eV; two cases without such a place are not moved.
  [[nodiscard]] const std::vector<double>& offsets(std::size_t i_q, const SweepGrid& grid);
  [[nodiscard]] const OpenedResults& opened() const { return opened_; }

 private:
  /// Absorption lies behind the momentum transfers.
  [[nodiscard]] std::size_t row_of(std::size_t i_q) const {
    return i_q == kAbsorption ? curves_.size() - 1 : i_q;
  }

  const OpenedResults& opened_;
  std::vector<std::vector<measured::UniformCurve>> curves_;  ///< (q, then absorption)(case)
  std::vector<std::vector<double>> offsets_;                 ///< (q, then absorption)(node)
};

/// One result file in a comparison.
struct ComparedFile {
  CaseCurves curves;
  /// Swept keys that it shares with no other file, although others have them too.
  std::vector<std::string> own_keys = {};
};

/// Name of a swept key over all files: "absorber.screening", or "absorber.screening_file2" for a
/// key of the second file only that others have too.
[[nodiscard]] std::string shared_name(const std::vector<ComparedFile>& files, std::size_t i_file,
                                      const std::string& key);

/// A case of each file.
using JointCase = std::vector<std::size_t>;

/// All combinations of cases of the files that agree in every swept key the files share (the
/// natural join of the tables of cases; numbers agree within 1e-9 of their size). One file: its
/// cases.
/// @throws Error{input} if no combination agrees, or there are more than 1e5
[[nodiscard]] std::vector<JointCase> joint_cases(const std::vector<ComparedFile>& files);

struct RankedCase {
  JointCase cases;  ///< by file
  measured::CurveFit fit;
};

struct Ranking {
  std::vector<RankedCase> cases;   ///< smallest chi^2 first
  std::vector<std::string> notes;  ///< cases left out and why; warnings that hold for the best case
};

/// Fits every joint case that has the spectra to all measured spectra together
/// (measured::fit_curves).
/// @throws Error{input} if none has, and of joint_cases; and of fit_curves
[[nodiscard]] Ranking rank_cases(std::vector<ComparedFile>& files,
                                 const std::vector<MeasuredSpectrum>& data,
                                 const measured::FitSettings& settings,
                                 SharedShift shared = SharedShift::file);

/// The best values of the swept parameters between the cases.
struct BestParameters {
  std::vector<std::string> keys;  ///< shared_name of each swept parameter of any file
  std::vector<std::string> units;
  measured::CurveFit fit;  ///< its `parameters` in the order of keys
  /// How much the values move if the interpolation is one order lower along one parameter: a
  /// parabola through the three cases next to the value instead of the spline (a line instead of
  /// the parabola of three cases), in all files that have it. Root of the sum of squares over the
  /// parameters lowered; NaN for a parameter with two cases, where nothing tells.
  std::vector<double> interpolation_error;
  std::vector<double> shift_interpolation_error_ev;  ///< of each measured spectrum
  /// By how much interpolation along each parameter misses the case next to the best value when
  /// that is left out, as a part of its highest point; the spacing is then twice what it is in the
  /// fit. The largest over the files. Large where spectra change in steps. NaN with fewer than four
  /// cases along a parameter.
  std::vector<double> missed;
  /// Root of the sum of squares of standard deviation and interpolation error.
  [[nodiscard]] double sigma(std::size_t parameter) const;
  [[nodiscard]] double shift_sigma_ev(std::size_t spectrum = 0) const;
};

/// Fits the swept parameters as continuous ones, the spectra interpolated between the cases,
/// starting from the best case of the ranking. Parameters that files share have one value.
/// @return empty if nothing is swept or a case of a grid has no spectrum
/// @throws Error of sweep_grid and fit_curves
[[nodiscard]] std::optional<BestParameters> best_parameters(
    std::vector<ComparedFile>& files, const std::vector<MeasuredSpectrum>& data,
    const measured::FitSettings& settings, const Ranking& ranking,
    SharedShift shared = SharedShift::file);

/// Components of a mixture: the sites of one case, or all cases.
struct Components {
  std::vector<std::string> labels;   ///< of columns: "case_2", "B12_atom12"
  std::vector<std::string> legends;  ///< for people: "screening = 0.5", "B12 (atom 12)"
  std::vector<measured::UniformCurve> curves;
};
[[nodiscard]] Components site_components(const OpenedResults& opened, std::size_t i_case,
                                         std::size_t i_q);
[[nodiscard]] Components case_components(const OpenedResults& opened, std::size_t i_q);

}  // namespace kedge::campaign
