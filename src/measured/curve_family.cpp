// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "kedge/core/error.hpp"
#include "kedge/measured/fit_curve.hpp"

namespace kedge::measured {

CurveFamily::CurveFamily(UniformCurve curve) {
  curves_.push_back(std::move(curve));
}

CurveFamily::CurveFamily(std::vector<ParameterSpline> splines,
                         const std::vector<UniformCurve>& curves, std::vector<double> offsets)
    : splines_(std::move(splines)), offsets_(std::move(offsets)) {
  std::size_t wanted = 1;
  for (const ParameterSpline& spline : splines_) wanted *= spline.nodes().size();
  bool fits = curves.size() == wanted && offsets_.size() == wanted;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < curves.size() && fits; ++k) {
    fits = curves[k].y.size() >= 2 && curves[k].step == curves.front().step;
    low = std::max(low, curves[k].first - offsets_[k]);
    high = std::min(high, curves[k].last() - offsets_[k]);
  }
  if (!fits) {
    throw Error(
        ErrorKind::internal,
        fmt::format("interpolation between {} curves and {} offsets, wanted {} with one step",
                    curves.size(), offsets_.size(), wanted));
  }
  const double step = curves.front().step;
  if (!(high - low > 10.0 * step)) {
    throw Error(ErrorKind::input,
                "the cases lie so far apart that they have nothing in common to interpolate");
  }
  const auto count = static_cast<std::size_t>((high - low) / step) + 1;
  for (std::size_t k = 0; k < curves.size(); ++k) {
    UniformCurve aligned{low, step, std::vector<double>(count)};
    for (std::size_t i = 0; i < count; ++i) {
      aligned.y[i] = curves[k].at(low + step * static_cast<double>(i) + offsets_[k]).y;
    }
    curves_.push_back(std::move(aligned));
  }
}

CurveFamily::Value CurveFamily::at(const Eigen::VectorXd& parameters) const {
  if (splines_.empty()) return {curves_.front(), {}};
  std::vector<ParameterSpline::Weights> weights;
  for (std::size_t d = 0; d < splines_.size(); ++d) {
    weights.push_back(splines_[d].at(parameters[static_cast<Eigen::Index>(d)]));
  }
  const UniformCurve zero{curves_.front().first, curves_.front().step,
                          std::vector<double>(curves_.front().y.size(), 0.0)};
  Value result{zero, std::vector<UniformCurve>(splines_.size(), zero)};
  double offset = 0.0;
  std::vector<double> offset_slopes(splines_.size(), 0.0);
  for (std::size_t k = 0; k < curves_.size(); ++k) {
    double weight = 1.0;
    std::vector<double> slope(splines_.size(), 1.0);
    std::size_t rest = k;
    for (std::size_t d = splines_.size(); d-- > 0;) {
      const auto node = static_cast<Eigen::Index>(rest % splines_[d].nodes().size());
      rest /= splines_[d].nodes().size();
      for (std::size_t e = 0; e < slope.size(); ++e) {
        slope[e] *= e == d ? weights[d].slope[node] : weights[d].value[node];
      }
      weight *= weights[d].value[node];
    }
    const std::vector<double>& y = curves_[k].y;
    for (std::size_t i = 0; i < y.size(); ++i) result.curve.y[i] += weight * y[i];
    offset += weight * offsets_[k];
    for (std::size_t e = 0; e < slope.size(); ++e) {
      for (std::size_t i = 0; i < y.size(); ++i) result.slopes[e].y[i] += slope[e] * y[i];
      offset_slopes[e] += slope[e] * offsets_[k];
    }
  }
  // The features move with the offset: dC/dp = dA/dp - A' dD/dp.
  const std::vector<double>& y = result.curve.y;
  for (std::size_t e = 0; e < splines_.size(); ++e) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t left = i == 0 ? 0 : i - 1;
      const std::size_t right = std::min(i + 1, y.size() - 1);
      const double rise = (y[right] - y[left]) / (zero.step * static_cast<double>(right - left));
      result.slopes[e].y[i] -= rise * offset_slopes[e];
    }
    result.slopes[e].first += offset;
  }
  result.curve.first += offset;
  return result;
}

}  // namespace kedge::measured
