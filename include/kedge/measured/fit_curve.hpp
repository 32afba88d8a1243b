// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "kedge/measured/metrics.hpp"
#include "kedge/measured/parameter_spline.hpp"
#include "kedge/measured/spectrum.hpp"
#include "kedge/measured/uniform_curve.hpp"
#include "kedge/spectrum/comparison.hpp"

/// Least-squares fit of computed curves to measured spectra.
namespace kedge::measured {

/// Computed curves on the nodes of a Cartesian grid of parameters, interpolated between them; with
/// no parameter it is one curve.
///
/// Features that move with a parameter by more than their width cannot be interpolated point by
/// point. So each curve C_k comes with an offset d_k that brings its features to those of the
/// others; aligned curves and offsets are interpolated separately, with weights w_k that are
/// products of splines (ParameterSpline):
///   C(x; p) = A(x - D),   A(x) = sum_k w_k(p) C_k(x + d_k),   D = sum_k w_k(p) d_k.
/// At the nodes this is C_k itself, whatever the offsets.
class CurveFamily {
 public:
  explicit CurveFamily(UniformCurve curve);
  /// @param splines  one for each parameter   @param curves  last parameter fastest, one step for
  /// all
  /// @param offsets  d_k, as many as curves
  /// @throws Error{internal} if numbers or steps do not fit; Error{input} if the aligned curves
  /// have no
  ///         range in common
  CurveFamily(std::vector<ParameterSpline> splines, const std::vector<UniformCurve>& curves,
              std::vector<double> offsets);

  [[nodiscard]] std::size_t n_parameters() const { return splines_.size(); }
  [[nodiscard]] const ParameterSpline& spline(std::size_t parameter) const {
    return splines_[parameter];
  }
  struct Value {
    UniformCurve curve;
    std::vector<UniformCurve> slopes;  ///< by each parameter
  };
  [[nodiscard]] Value at(const Eigen::VectorXd& parameters) const;

 private:
  std::vector<ParameterSpline> splines_;
  std::vector<UniformCurve> curves_;  ///< aligned, on one grid
  std::vector<double> offsets_;
};

/// A measured spectrum and what was computed for it; both outlive the fit.
struct FitTarget {
  const Spectrum* measured = nullptr;
  const CurveFamily* computed = nullptr;
  std::size_t shift_group =
      0;  ///< targets of one number have one shift; numbers from 0 on, none left out
  /// Which of the parameters of the fit each parameter of the family is; empty: all, in order.
  std::vector<std::size_t> parameters = {};
  std::optional<spectrum::Window> window = {};  ///< instead of FitSettings::window
};

struct FitSettings {
  std::optional<spectrum::Window> window;  ///< on the measured axis [eV]; empty: see fit_curves
  double lowest_shift_ev = -5.0;           ///< equal limits hold the shift
  double highest_shift_ev = 5.0;
  bool fit_width = false;      ///< one more Gaussian, shared by all targets
  int background_degree = -1;  ///< -1: none, 0: constant, 1: line, up to 4
};

/// A number with its standard deviation; sigma is NaN where it was not fitted.
struct Estimate {
  double value = 0.0;
  double sigma = 0.0;
};

struct TargetFit {
  Estimate shift_ev;  ///< added to the computed axis; the same in one group
  Estimate scale;
  std::vector<Estimate> background;  ///< coefficients of ((E - centre_ev) / 10 eV)^k
  double centre_ev = 0.0;            ///< middle of the window
  double chi2 = 0.0;
  int points_beyond = 0;  ///< above the last computed energy, where the curve was continued
  Metrics metrics;        ///< of measured - background against scale times computed
  std::vector<double> energy_ev;
  std::vector<double> measured;
  std::vector<double> error;  ///< empty: unknown
  std::vector<double> model;
  std::vector<double> background_curve;
};

struct CurveFit {
  Estimate width_ev;  ///< full width at half maximum of the Gaussian added
  std::vector<Estimate> parameters;
  std::vector<TargetFit> targets;
  double chi2 = 0.0;
  int degrees = 0;
  bool errors_known = false;  ///< every target has errors
  bool shift_at_limit = false;
  bool parameter_outside = false;  ///< the best value lies beyond the nodes
  bool converged = false;
  [[nodiscard]] double reduced_chi2() const { return chi2 / degrees; }
};

/// Fits, with variance v of the Gaussian and parameters p shared by all targets and a shift s_g for
/// each group of targets,
///   y_t(E) = a_t C_t(E - s_g(t); v, p) + sum_k b_tk ((E - E_mid) / 10 eV)^k,
/// by the smallest chi^2 = sum ((y - model) / sigma)^2. First the shifts are scanned in steps of
/// 0.2 eV with a and b solved for linearly, then all go to Levenberg-Marquardt with exact
/// derivatives.
///
/// Standard deviations come from the covariance (J^T J)^-1. Where the errors of the data are
/// unknown they are taken equal (for several targets: the same part of the standard deviation of
/// the measured values of each, since their units may differ) and such that chi^2 = degrees; where
/// they are known the covariance is multiplied by max(1, chi^2 / degrees), so that a model that
/// does not fit claims no precision. A negative v is held at zero. Without a window all points are
/// taken that the curve covers at every shift allowed (below its first energy the curve keeps its
/// first value).
/// @param start  first guess of the parameters
/// @throws Error{input} if a target has too few points, the shifted curve does not cover the
///         window at any shift, or some targets have errors and others none; Error{numerical} if
///         parameters cannot be told apart
[[nodiscard]] CurveFit fit_curves(const std::vector<FitTarget>& targets,
                                  const FitSettings& settings, const Eigen::VectorXd& start = {});

}  // namespace kedge::measured
