// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include "kedge/core/error.hpp"
#include "kedge/measured/fit_curve.hpp"

namespace kedge::measured {

CurveFamily::CurveFamily(UniformCurve curve) {
  curves_.push_back(std::move(curve));
}

CurveFamily::CurveFamily(std::vector<ParameterSpline> splines, std::vector<UniformCurve> curves)
    : splines_(std::move(splines)), curves_(std::move(curves)) {
  std::size_t wanted = 1;
  for (const ParameterSpline& spline : splines_) wanted *= spline.nodes().size();
  bool fits = curves_.size() == wanted;
  for (const UniformCurve& curve : curves_) {
    fits = fits && curve.y.size() == curves_.front().y.size() &&
           curve.first == curves_.front().first && curve.step == curves_.front().step;
  }
  if (!fits) {
    throw Error(ErrorKind::internal,
                fmt::format("interpolation between {} curves, wanted {} on one grid",
                            curves_.size(), wanted));
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
    for (std::size_t e = 0; e < slope.size(); ++e) {
      for (std::size_t i = 0; i < y.size(); ++i) result.slopes[e].y[i] += slope[e] * y[i];
    }
  }
  return result;
}

}  // namespace kedge::measured
