// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/measured/mixture.hpp"

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
constexpr double kBackgroundUnitEv = 10.0;
constexpr double kExact = 1e-15;  // of the data: their rounding
constexpr double kAlike = 1e-7;   // of a column: what others leave of it is rounding

/// Weighted design of one spectrum at one shift: components first, then the background.
struct Design {
  Eigen::MatrixXd a;
  Eigen::MatrixXd slopes;  ///< of the components by energy
  Eigen::VectorXd b;
};

class MixtureProblem {
 public:
  MixtureProblem(const std::vector<const Spectrum*>& measured,
                 const std::vector<UniformCurve>& components, const FitSettings& settings)
      : components_(components),
        settings_(settings),
        n_background_(settings.background_degree + 1) {
    if (components.empty() || measured.empty()) {
      throw Error(ErrorKind::internal, "mixture without components or spectra");
    }
    for (const Spectrum* spectrum : measured) take(*spectrum);
    weigh_unknown_errors();
  }

  MixtureSeries solve() const {
    MixtureSeries series;
    const double low = settings_.lowest_shift_ev;
    const double high = settings_.highest_shift_ev;
    double shift = low;
    if (low < high) {
      const int steps = std::max(2, static_cast<int>(std::ceil((high - low) / 0.2)));
      double best = std::numeric_limits<double>::infinity();
      for (int n = 0; n <= steps; ++n) {
        const double at = low + (high - low) * n / steps;
        const double chi2 = total(at);
        if (chi2 < best) {
          best = chi2;
          shift = at;
        }
      }
      const double step = (high - low) / steps;
      shift = refined(std::max(low, shift - step), std::min(high, shift + step));
      series.shift_at_limit =
          shift - low < 1e-6 * (high - low) || high - shift < 1e-6 * (high - low);
    }
    std::vector<LinearFit> fits;
    double information = 0.0;  // 1 / variance of the shift, which all spectra tell
    bool seen = false;
    for (std::size_t j = 0; j < data_.size(); ++j) {
      fits.push_back(linear_fit(j, shift));
      information += fits.back().shift_information;
      seen = seen || fits.back().by_shift.squaredNorm() > 0.0;
    }
    if (seen && !(information > 0.0)) {
      throw Error(ErrorKind::numerical,
                  "mixture: shift and weights do the same thing in the window; widen it, or hold "
                  "the shift (--shift 0:0)");
    }
    series.shift_ev = {shift, seen ? 1.0 / std::sqrt(information) : kNotFitted};
    for (std::size_t j = 0; j < data_.size(); ++j) {
      series.spectra.push_back(fit_of(j, fits[j], shift, information));
    }
    return series;
  }

 private:
  void take(const Spectrum& spectrum) {
    spectrum::Window window{components_.front().first + settings_.lowest_shift_ev,
                            components_.front().last() + settings_.lowest_shift_ev};
    if (settings_.window) window = *settings_.window;
    if (!data_.empty() && data_.front().error.empty() != spectrum.error.empty()) {
      throw Error(ErrorKind::input,
                  fmt::format("'{}' has {} error bars, a spectrum before it has {}; fitted "
                              "together, all or none must have them",
                              spectrum.name, spectrum.error.empty() ? "no" : "its",
                              spectrum.error.empty() ? "some" : "none"));
    }
    TargetFit points;
    for (std::size_t i = 0; i < spectrum.size(); ++i) {
      if (spectrum.energy_ev[i] < window.low || spectrum.energy_ev[i] > window.high) continue;
      points.energy_ev.push_back(spectrum.energy_ev[i]);
      points.measured.push_back(spectrum.intensity[i]);
      if (!spectrum.error.empty()) points.error.push_back(spectrum.error[i]);
    }
    const std::size_t unknowns =
        components_.size() + static_cast<std::size_t>(n_background_) + (free_shift() ? 1 : 0);
    if (points.energy_ev.size() <= unknowns) {
      throw Error(
          ErrorKind::input,
          fmt::format("mixture: '{}' has {} points from {:g} to {:g} eV for {} unknowns; "
                      "widen --window or take fewer components",
                      spectrum.name, points.energy_ev.size(), window.low, window.high, unknowns));
    }
    points.centre_ev = 0.5 * (points.energy_ev.front() + points.energy_ev.back());
    data_.push_back(std::move(points));
  }

  [[nodiscard]] bool free_shift() const {
    return settings_.lowest_shift_ev < settings_.highest_shift_ev;
  }

  /// Without errors the units of a spectrum would decide how much it weighs beside others.
  void weigh_unknown_errors() {
    unit_.assign(data_.size(), 1.0);
    if (!data_.front().error.empty() || data_.size() == 1) return;
    for (std::size_t j = 0; j < data_.size(); ++j) {
      const std::vector<double>& measured = data_[j].measured;
      const Eigen::Map<const Eigen::ArrayXd> y(measured.data(),
                                               static_cast<Eigen::Index>(measured.size()));
      const double deviation = std::sqrt((y - y.mean()).square().mean());
      if (deviation > 0.0) unit_[j] = 1.0 / deviation;
    }
  }

  [[nodiscard]] Design design(std::size_t j, double shift) const {
    const TargetFit& points = data_[j];
    const auto rows = static_cast<Eigen::Index>(points.energy_ev.size());
    const auto n = static_cast<Eigen::Index>(components_.size());
    Design result{Eigen::MatrixXd(rows, n + n_background_), Eigen::MatrixXd(rows, n),
                  Eigen::VectorXd(rows)};
    for (Eigen::Index i = 0; i < rows; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double weight = points.error.empty() ? unit_[j] : 1.0 / points.error[at];
      for (Eigen::Index k = 0; k < n; ++k) {
        const auto value =
            components_[static_cast<std::size_t>(k)].at(points.energy_ev[at] - shift);
        result.a(i, k) = weight * value.y;
        result.slopes(i, k) = weight * value.slope;
      }
      for (int k = 0; k < n_background_; ++k) {
        result.a(i, n + k) =
            weight * std::pow((points.energy_ev[at] - points.centre_ev) / kBackgroundUnitEv, k);
      }
      result.b[i] = weight * points.measured[at];
    }
    return result;
  }

  [[nodiscard]] Eigen::VectorXd weights_at(const Design& design) const {
    return nonnegative_least_squares(design.a, design.b, static_cast<int>(components_.size()));
  }

  [[nodiscard]] double total(double shift) const {
    double chi2 = 0.0;
    for (std::size_t j = 0; j < data_.size(); ++j) {
      const Design d = design(j, shift);
      chi2 += (d.a * weights_at(d) - d.b).squaredNorm();
    }
    return chi2;
  }

  [[nodiscard]] double refined(double low, double high) const {
    constexpr double kRatio = 1.0 / std::numbers::phi;
    double left = high - kRatio * (high - low);
    double right = low + kRatio * (high - low);
    double at_left = total(left);
    double at_right = total(right);
    for (int step = 0; step < 25; ++step) {  // 0.4 eV to 3e-6 eV
      if (at_left < at_right) {
        high = right;
        right = left;
        at_right = at_left;
        left = high - kRatio * (high - low);
        at_left = total(left);
      } else {
        low = left;
        left = right;
        at_left = at_right;
        right = low + kRatio * (high - low);
        at_right = total(right);
      }
    }
    return 0.5 * (low + high);
  }

  /// Weights of one spectrum at the common shift, and what they and it follow from.
  struct LinearFit {
    Design design;
    Eigen::VectorXd x;
    std::vector<Eigen::Index> used;  // columns of the design with weight
    Eigen::MatrixXd columns;         // these
    Eigen::VectorXd by_shift;        // derivative of the model by the shift
    double factor = 1.0;             // of variances
    double degrees = 0.0;
    double shift_information = 0.0;  // 1 / variance of the shift as this spectrum alone tells it
  };

  [[nodiscard]] LinearFit linear_fit(std::size_t j, double shift) const {
    LinearFit fit{design(j, shift), {}, {}, {}, {}};
    fit.x = weights_at(fit.design);
    const auto n = static_cast<Eigen::Index>(components_.size());
    for (Eigen::Index k = 0; k < fit.design.a.cols(); ++k) {
      if (k >= n || fit.x[k] > 0.0) fit.used.push_back(k);
    }
    fit.columns = fit.design.a(Eigen::all, fit.used);
    fit.by_shift = -fit.design.slopes * fit.x.head(n);
    if (!free_shift()) fit.by_shift.setZero();
    // The shift is one unknown of all spectra.
    const double of_shift = free_shift() ? 1.0 / static_cast<double>(data_.size()) : 0.0;
    fit.degrees = static_cast<double>(fit.columns.rows() - fit.columns.cols()) - of_shift;
    // Below this chi^2 is rounding of the data: without it what is exact would have no errors at
    // all, nor a ratio of them.
    const double rounding = kExact * kExact * fit.design.b.squaredNorm();
    const double chi2 = (fit.design.a * fit.x - fit.design.b).squaredNorm();
    fit.factor = std::max(chi2, rounding) / fit.degrees;
    if (!data_[j].error.empty()) fit.factor = std::max(1.0, fit.factor);
    fit.shift_information = information_of(fit.columns, fit.by_shift) / fit.factor;
    return fit;
  }

  /// |r|^2 of what the columns leave of the derivative by the shift; 0 if that is rounding.
  static double information_of(const Eigen::MatrixXd& columns, const Eigen::VectorXd& by_shift) {
    const double all = by_shift.squaredNorm();
    if (columns.cols() == 0) return all;
    const double rest =
        (by_shift - columns * columns.colPivHouseholderQr().solve(by_shift)).squaredNorm();
    return rest > kAlike * kAlike * all ? rest : 0.0;
  }

  /// Covariance of the weights of some columns with the shift free, which other spectra tell too:
  ///   factor (A^T A)^-1 + g g^T / I,   g = dx/ds = -(A^T A)^-1 A^T by_shift,
  /// I the information of all on the shift.
  static Eigen::MatrixXd covariance_of(const Eigen::MatrixXd& columns,
                                       const Eigen::VectorXd& by_shift, double factor,
                                       double information) {
    const Eigen::MatrixXd inverse = inverse_normal(columns);
    Eigen::MatrixXd covariance = factor * inverse;
    if (by_shift.squaredNorm() > 0.0) {
      const Eigen::VectorXd g = inverse * (columns.transpose() * by_shift);
      covariance += g * g.transpose() / information;
    }
    return covariance;
  }

  MixtureFit fit_of(std::size_t j, const LinearFit& fit, double shift, double information) const {
    MixtureFit result;
    result.fit = data_[j];
    result.degrees = fit.degrees;
    result.fit.chi2 = (fit.design.a * fit.x - fit.design.b).squaredNorm();
    fill_weights(result, fit.x, fit.used,
                 fit.used.empty()
                     ? Eigen::MatrixXd()
                     : covariance_of(fit.columns, fit.by_shift, fit.factor, information));
    fill_held(result, fit, information);
    fill_curves(result.fit, fit.x, shift);
    return result;
  }

  void fill_weights(MixtureFit& result, const Eigen::VectorXd& x,
                    const std::vector<Eigen::Index>& used,
                    const Eigen::MatrixXd& covariance) const {
    const auto n = static_cast<Eigen::Index>(components_.size());
    const double sum = x.head(n).sum();
    result.weights.assign(components_.size(), {0.0, kNotFitted});
    result.fractions.assign(components_.size(), {0.0, kNotFitted});
    for (std::size_t c = 0; c < used.size(); ++c) {
      const auto row = static_cast<Eigen::Index>(c);
      const Estimate estimate{x[used[c]], std::sqrt(covariance(row, row))};
      if (used[c] >= n) {
        result.fit.background.push_back(estimate);
        continue;
      }
      const auto k = static_cast<std::size_t>(used[c]);
      result.weights[k] = estimate;
      // d(x_k / sum)/dx_m = (delta_km - x_k / sum) / sum
      Eigen::VectorXd gradient = Eigen::VectorXd::Zero(covariance.rows());
      for (std::size_t m = 0; m < used.size(); ++m) {
        if (used[m] >= n) continue;
        gradient[static_cast<Eigen::Index>(m)] = ((m == c ? 1.0 : 0.0) - x[used[c]] / sum) / sum;
      }
      result.fractions[k] = {x[used[c]] / sum, std::sqrt(gradient.dot(covariance * gradient))};
    }
  }

  /// Errors of the components held at zero: what the least-squares error would be with that one let
  /// free, d(x_k / sum)/dx_k = 1 / sum at x_k = 0.
  void fill_held(MixtureFit& result, const LinearFit& fit, double information) const {
    const Eigen::VectorXd& x = fit.x;
    const auto n = static_cast<Eigen::Index>(components_.size());
    const double sum = x.head(n).sum();
    if (!(sum > 0.0)) return;
    Eigen::MatrixXd with(fit.columns.rows(), fit.columns.cols() + 1);
    with.leftCols(fit.columns.cols()) = fit.columns;
    const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(fit.columns);
    for (Eigen::Index k = 0; k < n; ++k) {
      if (x[k] > 0.0) continue;
      const Eigen::VectorXd column = fit.design.a.col(k);
      const double rest = (column - fit.columns * qr.solve(column)).norm();
      if (!(rest > kAlike * column.norm())) continue;  // alike to another: nothing tells its weight
      with.rightCols(1) = column;
      const double now =
          information - fit.shift_information + information_of(with, fit.by_shift) / fit.factor;
      const bool shifted = fit.by_shift.squaredNorm() > 0.0;
      if (shifted && !(now > 0.0)) continue;  // alike to a shift
      const double sigma = std::sqrt(
          covariance_of(with, fit.by_shift, fit.factor, now)(with.cols() - 1, with.cols() - 1));
      result.weights[static_cast<std::size_t>(k)].sigma = sigma;
      result.fractions[static_cast<std::size_t>(k)].sigma = sigma / sum;
    }
    if ((x.head(n).array() > 0.0).count() > 1) return;
    // A fraction of one has no error by itself: it is what any of the others could take from it.
    double largest = 0.0;
    for (const Estimate& fraction : result.fractions) {
      if (fraction.value <= 0.0) largest = std::max(largest, fraction.sigma);
    }
    for (Estimate& fraction : result.fractions) {
      if (fraction.value > 0.0 && n > 1) fraction.sigma = largest;
    }
  }

  void fill_curves(TargetFit& fit, const Eigen::VectorXd& x, double shift) const {
    const auto n = static_cast<Eigen::Index>(components_.size());
    std::vector<double> bare;
    std::vector<double> computed;
    for (std::size_t i = 0; i < fit.energy_ev.size(); ++i) {
      double sum = 0.0;
      double background = 0.0;
      for (Eigen::Index k = 0; k < n; ++k) {
        sum += x[k] * components_[static_cast<std::size_t>(k)].at(fit.energy_ev[i] - shift).y;
      }
      for (int k = 0; k < n_background_; ++k) {
        background +=
            x[n + k] * std::pow((fit.energy_ev[i] - fit.centre_ev) / kBackgroundUnitEv, k);
      }
      if (fit.energy_ev[i] - shift > components_.front().last()) ++fit.points_beyond;
      computed.push_back(sum);
      bare.push_back(fit.measured[i] - background);
      fit.background_curve.push_back(background);
      fit.model.push_back(sum + background);
    }
    fit.scale = {1.0, kNotFitted};
    fit.metrics = metrics(fit.energy_ev, bare, computed);
  }

  const std::vector<UniformCurve>& components_;
  const FitSettings& settings_;
  int n_background_ = 0;
  std::vector<TargetFit> data_;
  std::vector<double> unit_;  // weight of the points of each where errors are not known
};

}  // namespace

MixtureSeries fit_mixture(const std::vector<const Spectrum*>& measured,
                          const std::vector<UniformCurve>& components,
                          const FitSettings& settings) {
  return MixtureProblem(measured, components, settings).solve();
}

}  // namespace kedge::measured
