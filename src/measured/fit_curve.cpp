// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/measured/fit_curve.hpp"

#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "kedge/core/error.hpp"
#include "kedge/measured/least_squares.hpp"

namespace kedge::measured {

namespace {

constexpr double kNotFitted = std::numeric_limits<double>::quiet_NaN();
constexpr double kScanStepEv = 0.2;  // features are wider: core hole and instrument
constexpr double kBackgroundUnitEv = 10.0;
constexpr double kFwhm2 = 8.0 * std::numbers::ln2;  // (fwhm / sigma)^2

/// Points of one measured spectrum inside the window.
struct Points {
  std::vector<double> energy;
  std::vector<double> y;
  std::vector<double> weight;  ///< 1 / sigma
  double middle = 0.0;
  int first_row = 0;  ///< in the residuals of all targets

  [[nodiscard]] int count() const { return static_cast<int>(energy.size()); }
};

class FitProblem {
 public:
  FitProblem(const std::vector<FitTarget>& targets, const FitSettings& settings,
             const Eigen::VectorXd& start)
      : targets_(targets), settings_(settings), n_background_(settings.background_degree + 1) {
    if (settings.lowest_shift_ev > settings.highest_shift_ev) {
      throw Error(ErrorKind::input,
                  fmt::format("shifts from {} to {} eV: wanted increasing limits",
                              settings.lowest_shift_ev, settings.highest_shift_ev));
    }
    n_parameters_ = static_cast<int>(start.size());
    for (const FitTarget& target : targets) {
      n_shifts_ = std::max(n_shifts_, static_cast<int>(target.shift_group) + 1);
      take(target, start);
    }
    weigh_unknown_errors();
    const bool free_shift = settings.lowest_shift_ev < settings.highest_shift_ev;
    const int unknowns = (free_shift ? n_shifts_ : 0) + (settings.fit_width ? 1 : 0) +
                         n_parameters_ + static_cast<int>(targets.size()) * (1 + n_background_);
    if (n_rows_ <= unknowns) {
      throw Error(
          ErrorKind::input,
          fmt::format("fit: {} points of '{}'{} in the window for {} unknowns; widen the window",
                      n_rows_, targets.front().measured->name,
                      targets.size() > 1 ? " and the others" : "", unknowns));
    }
  }

  CurveFit solve(const Eigen::VectorXd& start) {
    best_shift(start);
    free_width_ = settings_.fit_width;
    LeastSquares fit = minimise(first_guess(start));
    if (free_width_ && fit.parameters[variance_index()] < 0.0) {
      free_width_ = false;
      fit = minimise(first_guess(fit.parameters.segment(parameter_index(true), n_parameters_)));
    }
    return result_of(fit);
  }

 private:
  void take(const FitTarget& target, const Eigen::VectorXd& start) {
    const Spectrum& data = *target.measured;
    const UniformCurve curve = target.computed->at(own_parameters(target, start)).curve;
    // Below its first energy a computed spectrum is nothing, above its last it is unknown.
    spectrum::Window window{curve.first + settings_.lowest_shift_ev,
                            curve.last() + settings_.lowest_shift_ev};
    if (settings_.window) window = *settings_.window;
    if (target.window) window = *target.window;
    Points points;
    points.first_row = n_rows_;
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (data.energy_ev[i] < window.low || data.energy_ev[i] > window.high) continue;
      points.energy.push_back(data.energy_ev[i]);
      points.y.push_back(data.intensity[i]);
      points.weight.push_back(data.error.empty() ? 1.0 : 1.0 / data.error[i]);
    }
    if (points.count() < 3) {
      throw Error(ErrorKind::input,
                  fmt::format("'{}' has {} points from {:g} to {:g} eV, where it is compared; it "
                              "spans {:g} to {:g} eV. Check --window, --shift and the units",
                              data.name, points.count(), window.low, window.high,
                              data.energy_ev.front(), data.energy_ev.back()));
    }
    if (std::ranges::all_of(points.y, [](double y) { return y == 0.0; })) {
      throw Error(ErrorKind::input,
                  fmt::format("'{}': all values are 0 from {:g} to {:g} eV, where it is compared",
                              data.name, points.energy.front(), points.energy.back()));
    }
    points.middle = 0.5 * (points.energy.front() + points.energy.back());
    if (!points_.empty() && errors_known_ == data.error.empty()) {
      throw Error(
          ErrorKind::input,
          fmt::format(
              "'{}' has {} error bars, a spectrum before it has {}; fitted together, all or none "
              "must have them",
              data.name, data.error.empty() ? "no" : "its", data.error.empty() ? "some" : "none"));
    }
    errors_known_ = !data.error.empty();
    n_rows_ += points.count();
    points_.push_back(std::move(points));
  }

  [[nodiscard]] double background_term(const Points& points, std::size_t i, int power) const {
    const double x = (points.energy[i] - points.middle) / kBackgroundUnitEv;
    double term = 1.0;  // std::pow would be a tenth of the time of a ranking
    for (int k = 0; k < power; ++k) term *= x;
    return term;
  }

  /// Without errors the units of a spectrum would decide how much it weighs beside others.
  void weigh_unknown_errors() {
    if (errors_known_ || points_.size() == 1) return;
    for (Points& points : points_) {
      const Eigen::Map<const Eigen::ArrayXd> y(points.y.data(), points.count());
      const double deviation = std::sqrt((y - y.mean()).square().mean());
      if (deviation > 0.0) std::fill(points.weight.begin(), points.weight.end(), 1.0 / deviation);
    }
  }

  /// Those of all parameters that the curve of a target depends on, in its order.
  [[nodiscard]] static Eigen::VectorXd own_parameters(const FitTarget& target,
                                                      const Eigen::VectorXd& all) {
    if (target.parameters.empty() && target.computed->n_parameters() > 0) return all;
    Eigen::VectorXd own(static_cast<Eigen::Index>(target.parameters.size()));
    for (Eigen::Index d = 0; d < own.size(); ++d) {
      own[d] = all[static_cast<Eigen::Index>(target.parameters[static_cast<std::size_t>(d)])];
    }
    return own;
  }
  /// Unknown of parameter d of a family.
  [[nodiscard]] int own_index(const FitTarget& target, std::size_t d) const {
    const std::size_t parameter = target.parameters.empty() ? d : target.parameters[d];
    return parameter_index(free_width_) + static_cast<int>(parameter);
  }

  // Order of the unknowns: shifts, (variance), parameters, then scale and background of each
  // target.
  [[nodiscard]] int variance_index() const { return free_shift() ? n_shifts_ : 0; }
  [[nodiscard]] int parameter_index(bool with_width) const {
    return variance_index() + (with_width ? 1 : 0);
  }
  [[nodiscard]] int linear_index(std::size_t target) const {
    return parameter_index(free_width_) + n_parameters_ +
           static_cast<int>(target) * (1 + n_background_);
  }
  [[nodiscard]] bool free_shift() const {
    return settings_.lowest_shift_ev < settings_.highest_shift_ev;
  }

  /// Scale and background of one target: columns and right-hand side, weighted.
  struct Linear {
    Eigen::MatrixXd background;
    Eigen::VectorXd measured;
  };
  [[nodiscard]] Linear linear_part(std::size_t t) const {
    const Points& points = points_[t];
    Linear linear{Eigen::MatrixXd(points.count(), n_background_), Eigen::VectorXd(points.count())};
    for (std::size_t i = 0; i < points.energy.size(); ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      for (int k = 0; k < n_background_; ++k) {
        linear.background(row, k) = points.weight[i] * background_term(points, i, k);
      }
      linear.measured[row] = points.weight[i] * points.y[i];
    }
    return linear;
  }
  /// Weighted curve at the points.
  [[nodiscard]] Eigen::VectorXd curve_column(std::size_t t, const UniformCurve& curve,
                                             double shift) const {
    const Points& points = points_[t];
    Eigen::VectorXd column(points.count());
    for (std::size_t i = 0; i < points.energy.size(); ++i) {
      column[static_cast<Eigen::Index>(i)] =
          points.weight[i] * curve.at(points.energy[i] - shift).y;
    }
    return column;
  }

  /// Best scale and background at a given shift.
  [[nodiscard]] Eigen::VectorXd solve_linear(std::size_t t, const UniformCurve& curve,
                                             double shift) const {
    const Linear linear = linear_part(t);
    Eigen::MatrixXd a(points_[t].count(), 1 + n_background_);
    a << curve_column(t, curve, shift), linear.background;
    return a.householderQr().solve(linear.measured);
  }

  /// chi2 at the best scale and background of each shift.
  class ShiftScan {
   public:
    ShiftScan(const FitProblem& problem, std::size_t t, const UniformCurve& curve)
        : problem_(problem), t_(t), curve_(curve) {
      const Linear linear = problem.linear_part(t);
      if (linear.background.cols() > 0) {
        background_ = linear.background.householderQr().householderQ() *
                      Eigen::MatrixXd::Identity(linear.background.rows(), linear.background.cols());
      }
      measured_ = without_background(linear.measured);
    }
    [[nodiscard]] double chi2(double shift) const {
      const Eigen::VectorXd column = without_background(problem_.curve_column(t_, curve_, shift));
      const double overlap = column.dot(measured_);
      // A negative scale turns peaks into dips: no shift to start from.
      if (!(overlap > 0.0)) return std::numeric_limits<double>::infinity();
      return measured_.squaredNorm() - overlap * overlap / column.squaredNorm();
    }

   private:
    /// What a background cannot make.
    [[nodiscard]] Eigen::VectorXd without_background(const Eigen::VectorXd& column) const {
      if (background_.cols() == 0) return column;
      return column - background_ * (background_.transpose() * column);
    }
    const FitProblem& problem_;
    std::size_t t_;
    const UniformCurve& curve_;
    Eigen::MatrixXd background_;  ///< orthonormal columns
    Eigen::VectorXd measured_;
  };

  [[nodiscard]] std::vector<UniformCurve> curves_at(const Eigen::VectorXd& parameters) const {
    std::vector<UniformCurve> curves;
    for (const FitTarget& target : targets_) {
      curves.push_back(target.computed->at(own_parameters(target, parameters)).curve);
    }
    return curves;
  }

  /// Each group for itself: at given parameters one shift knows nothing of the others.
  void best_shift(const Eigen::VectorXd& parameters) {
    const auto curves = curves_at(parameters);
    const double span = settings_.highest_shift_ev - settings_.lowest_shift_ev;
    const int steps = std::max(1, static_cast<int>(std::ceil(span / kScanStepEv)));
    start_shifts_.assign(static_cast<std::size_t>(n_shifts_),
                         0.5 * (settings_.lowest_shift_ev + settings_.highest_shift_ev));
    std::vector<double> best(start_shifts_.size(), std::numeric_limits<double>::infinity());
    std::vector<ShiftScan> scans;
    for (std::size_t t = 0; t < points_.size(); ++t) scans.emplace_back(*this, t, curves[t]);
    for (int n = 0; n <= steps; ++n) {
      const double shift = settings_.lowest_shift_ev + span * n / steps;
      std::vector<double> chi2(best.size(), 0.0);
      for (std::size_t t = 0; t < points_.size(); ++t) {
        chi2[targets_[t].shift_group] += scans[t].chi2(shift);
      }
      for (std::size_t g = 0; g < best.size(); ++g) {
        if (chi2[g] >= best[g]) continue;
        best[g] = chi2[g];
        start_shifts_[g] = shift;
      }
    }
  }

  [[nodiscard]] double shift_of(std::size_t t, const Eigen::VectorXd& unknowns) const {
    const std::size_t group = targets_[t].shift_group;
    return free_shift() ? unknowns[static_cast<Eigen::Index>(group)] : start_shifts_[group];
  }

  [[nodiscard]] Eigen::VectorXd first_guess(const Eigen::VectorXd& parameters) const {
    Eigen::VectorXd guess(linear_index(points_.size()));
    for (int g = 0; free_shift() && g < n_shifts_; ++g) {
      guess[g] = start_shifts_[static_cast<std::size_t>(g)];
    }
    // A small width: enough to feel the slope, below any instrument.
    if (free_width_) guess[variance_index()] = 0.2 * 0.2 / kFwhm2;
    for (int d = 0; d < n_parameters_; ++d) {
      guess[parameter_index(free_width_) + d] = parameters[d];
    }
    const auto curves = curves_at(parameters);
    for (std::size_t t = 0; t < points_.size(); ++t) {
      guess.segment(linear_index(t), 1 + n_background_) =
          solve_linear(t, curves[t], start_shifts_[targets_[t].shift_group]);
    }
    return guess;
  }

  /// Curve with its derivatives at the point of the fit.
  struct Smoothed {
    UniformCurve curve;
    UniformCurve by_variance;
    std::vector<UniformCurve> by_parameter;
  };
  [[nodiscard]] Smoothed smoothed(std::size_t t, const Eigen::VectorXd& unknowns) const {
    const Eigen::VectorXd p = unknowns.segment(parameter_index(free_width_), n_parameters_);
    CurveFamily::Value value = targets_[t].computed->at(own_parameters(targets_[t], p));
    Smoothed result{std::move(value.curve), {}, std::move(value.slopes)};
    if (!free_width_) return result;
    const double variance = unknowns[variance_index()];
    if (variance > 0.0) {
      result.curve = gaussian_smoothed(result.curve, variance);
      for (UniformCurve& slope : result.by_parameter) slope = gaussian_smoothed(slope, variance);
    }
    result.by_variance = second_derivative(result.curve);
    for (double& y : result.by_variance.y) y *= 0.5;
    if (variance < 0.0) {  // first order beyond zero, so that the slope there is felt
      for (std::size_t i = 0; i < result.curve.y.size(); ++i) {
        result.curve.y[i] += variance * result.by_variance.y[i];
      }
    }
    return result;
  }

  /// The same, kept: the Jacobian is asked for where the residuals were.
  const Smoothed& last_smoothed(std::size_t t, const Eigen::VectorXd& unknowns) const {
    const Eigen::VectorXd shape =
        unknowns.segment(variance_index(), linear_index(0) - variance_index());
    smoothed_.resize(points_.size());
    auto& [at, curves] = smoothed_[t];
    if (at.size() != shape.size() || at != shape || curves.curve.y.empty()) {
      curves = smoothed(t, unknowns);
      at = shape;
    }
    return curves;
  }

  void residuals(const Eigen::VectorXd& unknowns, Eigen::VectorXd& r, Eigen::MatrixXd* j) const {
    if (j != nullptr) j->setZero();
    for (std::size_t t = 0; t < points_.size(); ++t) {
      const double shift = shift_of(t, unknowns);
      const auto shift_column = static_cast<Eigen::Index>(targets_[t].shift_group);
      const Points& points = points_[t];
      const Smoothed& part = last_smoothed(t, unknowns);
      const int column = linear_index(t);
      const double scale = unknowns[column];
      for (std::size_t i = 0; i < points.energy.size(); ++i) {
        const auto row = static_cast<Eigen::Index>(points.first_row) + static_cast<Eigen::Index>(i);
        const double x = points.energy[i] - shift;
        const double w = points.weight[i];
        const UniformCurve::Value value = part.curve.at(x);
        double model = scale * value.y;
        for (int k = 0; k < n_background_; ++k) {
          model += unknowns[column + 1 + k] * background_term(points, i, k);
        }
        r[row] = w * (model - points.y[i]);
        if (j == nullptr) continue;
        if (free_shift()) (*j)(row, shift_column) = -w * scale * value.slope;
        if (free_width_) (*j)(row, variance_index()) = w * scale * part.by_variance.at(x).y;
        for (std::size_t d = 0; d < part.by_parameter.size(); ++d) {
          (*j)(row, own_index(targets_[t], d)) = w * scale * part.by_parameter[d].at(x).y;
        }
        (*j)(row, column) = w * value.y;
        for (int k = 0; k < n_background_; ++k) {
          (*j)(row, column + 1 + k) = w * background_term(points, i, k);
        }
      }
    }
  }

  [[nodiscard]] LeastSquares minimise(const Eigen::VectorXd& guess) const {
    return least_squares(guess, n_rows_,
                         ResidualFunction([this](const Eigen::VectorXd& u, Eigen::VectorXd& r,
                                                 Eigen::MatrixXd* j) { residuals(u, r, j); }));
  }

  [[nodiscard]] CurveFit result_of(const LeastSquares& fit) const {
    CurveFit result;
    result.chi2 = fit.chi2;
    result.degrees = fit.degrees;
    result.converged = fit.converged;
    result.errors_known = errors_known_;
    double factor = fit.chi2 / fit.degrees;
    if (errors_known_) factor = std::max(1.0, factor);
    const auto estimate = [&](int index) {
      return Estimate{fit.parameters[index], std::sqrt(factor * fit.covariance(index, index))};
    };
    const double span = settings_.highest_shift_ev - settings_.lowest_shift_ev;
    result.width_ev = {0.0, kNotFitted};
    if (free_width_) {
      const Estimate variance = estimate(variance_index());
      const double width = std::sqrt(kFwhm2 * variance.value);
      result.width_ev = {width, kFwhm2 * variance.sigma / (2.0 * std::max(width, 1e-12))};
    }
    for (int d = 0; d < n_parameters_; ++d) {
      result.parameters.push_back(estimate(parameter_index(free_width_) + d));
    }
    for (std::size_t t = 0; t < points_.size(); ++t) {
      const int column = linear_index(t);
      const auto group = static_cast<int>(targets_[t].shift_group);
      const Estimate shift =
          free_shift() ? estimate(group) : Estimate{shift_of(t, fit.parameters), kNotFitted};
      result.shift_at_limit =
          result.shift_at_limit ||
          (free_shift() && (shift.value < settings_.lowest_shift_ev + 1e-6 * span ||
                            shift.value > settings_.highest_shift_ev - 1e-6 * span));
      for (std::size_t d = 0; d < targets_[t].computed->n_parameters(); ++d) {
        const auto& nodes = targets_[t].computed->spline(d).nodes();
        const double value = fit.parameters[own_index(targets_[t], d)];
        result.parameter_outside =
            result.parameter_outside || value < nodes.front() || value > nodes.back();
      }
      TargetFit target = target_fit(t, fit.parameters, shift.value);
      target.shift_ev = shift;
      target.scale = estimate(column);
      for (int k = 0; k < n_background_; ++k) target.background.push_back(estimate(column + 1 + k));
      result.targets.push_back(std::move(target));
    }
    return result;
  }

  [[nodiscard]] TargetFit target_fit(std::size_t t, const Eigen::VectorXd& unknowns,
                                     double shift) const {
    const Points& points = points_[t];
    const Smoothed part = smoothed(t, unknowns);
    const int column = linear_index(t);
    TargetFit target;
    target.centre_ev = points.middle;
    target.energy_ev = points.energy;
    target.measured = points.y;
    std::vector<double> bare;
    std::vector<double> computed;
    for (std::size_t i = 0; i < points.energy.size(); ++i) {
      double background = 0.0;
      for (int k = 0; k < n_background_; ++k) {
        background += unknowns[column + 1 + k] * background_term(points, i, k);
      }
      computed.push_back(unknowns[column] * part.curve.at(points.energy[i] - shift).y);
      bare.push_back(points.y[i] - background);
      target.background_curve.push_back(background);
      target.model.push_back(computed.back() + background);
      const double residual = points.weight[i] * (target.model.back() - points.y[i]);
      target.chi2 += residual * residual;
      if (errors_known_) target.error.push_back(1.0 / points.weight[i]);
    }
    for (const double energy : points.energy) {
      if (energy - shift > part.curve.last()) ++target.points_beyond;
    }
    target.metrics = metrics(points.energy, bare, computed);
    return target;
  }

  const std::vector<FitTarget>& targets_;
  const FitSettings& settings_;
  std::vector<Points> points_;
  int n_background_ = 0;
  int n_parameters_ = 0;
  int n_rows_ = 0;
  bool errors_known_ = true;
  bool free_width_ = false;
  int n_shifts_ = 1;
  std::vector<double> start_shifts_;  ///< by group
  /// By target: (variance), parameters, and the curves there.
  mutable std::vector<std::pair<Eigen::VectorXd, Smoothed>> smoothed_;
};

}  // namespace

CurveFit fit_curves(const std::vector<FitTarget>& targets, const FitSettings& settings,
                    const Eigen::VectorXd& start) {
  if (targets.empty()) throw Error(ErrorKind::internal, "fit without a measured spectrum");
  for (const FitTarget& target : targets) {
    const auto n = static_cast<Eigen::Index>(target.computed->n_parameters());
    const bool fits = target.parameters.empty()
                          ? n == start.size()
                          : n == static_cast<Eigen::Index>(target.parameters.size()) &&
                                std::all_of(target.parameters.begin(), target.parameters.end(),
                                            [&](std::size_t p) {
                                              return static_cast<Eigen::Index>(p) < start.size();
                                            });
    if (!fits && !(n == 0 && target.parameters.empty())) {
      throw Error(ErrorKind::internal, "fit: the number of parameters does not fit the curves");
    }
  }
  return FitProblem(targets, settings, start).solve(start);
}

}  // namespace kedge::measured
