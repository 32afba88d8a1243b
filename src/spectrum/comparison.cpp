// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/spectrum/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "kedge/core/error.hpp"
#include "kedge/spectrum/curve.hpp"
#include "kedge/spectrum/peaks.hpp"

namespace kedge::spectrum {
namespace {

constexpr int kSamples = 401;
constexpr int kShifts = 201;
/// Correlation of a shift that is not allowed.
constexpr double kNone = -std::numeric_limits<double>::infinity();

std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [values](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double mean = 0.5 * static_cast<double>(first + end - 1);
    for (; first < end; ++first) result[order[first]] = mean;
  }
  return result;
}

/// linear_at() for points that rise from call to call: goes on from where the last one lay, no
/// search.
class RisingPoints {
 public:
  explicit RisingPoints(const CurveView& curve) : curve_(curve) {}

  double at(double x) {
    while (above_ < curve_.x.size() && curve_.x[above_] <= x) ++above_;
    if (above_ == 0) return curve_.y.front();
    if (above_ == curve_.x.size()) return curve_.y.back();
    const std::size_t i = above_;
    const double fraction = (x - curve_.x[i - 1]) / (curve_.x[i] - curve_.x[i - 1]);
    return curve_.y[i - 1] + fraction * (curve_.y[i] - curve_.y[i - 1]);
  }

 private:
  CurveView curve_;
  std::size_t above_ = 0;  // first point of the curve above the last one asked for
};

struct Samples {
  std::vector<double> reference;
  std::vector<double> curve;
};

/// Reference and curve together, compared at any shift.
class ShiftProblem {
 public:
  ShiftProblem(const CurveView& reference, const CurveView& curve, const ShiftSearch& search)
      : reference_(reference), curve_(curve) {
    check_curve(reference.x, reference.y, "reference curve");
    check_curve(curve.x, curve.y, "curve compared");
    window_ = search.window.value_or(Window{reference.x.front(), reference.x.back()});
    window_.low = std::max(window_.low, reference.x.front());
    window_.high = std::min(window_.high, reference.x.back());
    if (!(search.lowest < search.highest) || !(window_.low < window_.high)) {
      throw Error(ErrorKind::input,
                  fmt::format("comparison: shifts from {} to {}, window from {} to {}; wanted "
                              "increasing limits and a window within the reference ({} to {})",
                              search.lowest, search.highest, window_.low, window_.high,
                              reference.x.front(), reference.x.back()));
    }
    smallest_ = search.smallest_overlap * (window_.high - window_.low);
  }

  [[nodiscard]] Window overlap(double shift) const {
    return {std::max(window_.low, curve_.x.front() + shift),
            std::min(window_.high, curve_.x.back() + shift)};
  }

  [[nodiscard]] Samples samples(double shift) const {
    const Window common = overlap(shift);
    Samples result{std::vector<double>(kSamples), std::vector<double>(kSamples)};
    RisingPoints reference(reference_);
    RisingPoints curve(curve_);
    for (int n = 0; n < kSamples; ++n) {
      const double x = common.low + (common.high - common.low) * n / (kSamples - 1);
      result.reference[static_cast<std::size_t>(n)] = reference.at(x);
      result.curve[static_cast<std::size_t>(n)] = curve.at(x - shift);
    }
    return result;
  }

  [[nodiscard]] double correlation(double shift) const {
    const Window common = overlap(shift);
    if (!(common.high > common.low) || common.high - common.low < smallest_) return kNone;
    const Samples pair = samples(shift);
    return pearson(pair.reference, pair.curve);
  }

 private:
  CurveView reference_;
  CurveView curve_;
  Window window_;
  double smallest_ = 0.0;
};

double golden_section(const ShiftProblem& problem, double low, double high) {
  constexpr double kRatio = 1.0 / std::numbers::phi;
  double left = high - kRatio * (high - low);
  double right = low + kRatio * (high - low);
  double at_left = problem.correlation(left);
  double at_right = problem.correlation(right);
  // 30 steps shrink the bracket by 5e-7, to 1e-7 eV and less.
  for (int step = 0; step < 30; ++step) {
    if (at_left > at_right) {
      high = right;
      right = left;
      at_right = at_left;
      left = high - kRatio * (high - low);
      at_left = problem.correlation(left);
    } else {
      low = left;
      left = right;
      at_left = at_right;
      right = low + kRatio * (high - low);
      at_right = problem.correlation(right);
    }
  }
  return 0.5 * (low + high);
}

std::size_t nearest(const std::vector<double>& positions, double wanted) {
  const auto best = std::min_element(
      positions.begin(), positions.end(),
      [wanted](double a, double b) { return std::abs(a - wanted) < std::abs(b - wanted); });
  return static_cast<std::size_t>(best - positions.begin());
}

std::vector<double> positions_within(const CurveView& curve, double shift, const Window& window,
                                     double smallest_prominence) {
  std::vector<double> positions;
  for (const Peak& peak : find_peaks(curve.x, curve.y, smallest_prominence)) {
    const double position = peak.position + shift;
    if (position >= window.low && position <= window.high) positions.push_back(position);
  }
  return positions;
}

std::vector<PeakPair> pair_peaks(const std::vector<double>& reference,
                                 const std::vector<double>& curve) {
  std::vector<PeakPair> pairs;
  if (curve.empty()) return pairs;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double candidate = curve[nearest(curve, reference[i])];
    if (nearest(reference, candidate) == i) pairs.push_back({reference[i], candidate});
  }
  return pairs;
}

}  // namespace

double pearson(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  const auto count = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / count;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / count;
  double ab = 0.0;
  double aa = 0.0;
  double bb = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return aa > 0.0 && bb > 0.0 ? ab / std::sqrt(aa * bb) : 0.0;
}

double spearman(std::span<const double> a, std::span<const double> b) {
  return pearson(ranks(a), ranks(b));
}

namespace {

/// The best of kShifts even shifts.
struct CoarseShift {
  int n = 0;
  double correlation = kNone;
};

template <class Correlation>
CoarseShift best_of_all(const Correlation& correlation) {
  CoarseShift best;
  for (int n = 0; n < kShifts; ++n) {
    const double here = correlation(n);
    if (here > best.correlation) best = {n, here};
  }
  return best;
}

/// From shift number n upwards in correlation, to the maximum.
template <class Correlation>
CoarseShift climbed(const Correlation& correlation, int n) {
  CoarseShift best{n, correlation(n)};
  for (const int step : {-1, 1}) {
    for (int next = best.n + step; next >= 0 && next < kShifts; next += step) {
      const double here = correlation(next);
      if (!(here > best.correlation)) break;
      best = {next, here};
    }
  }
  return best;
}

}  // namespace

ShiftResult find_shift(const CurveView& reference, const CurveView& curve,
                       const ShiftSearch& search) {
  const ShiftProblem problem(reference, curve, search);
  const double step = (search.highest - search.lowest) / (kShifts - 1);
  const auto correlation = [&](int n) { return problem.correlation(search.lowest + n * step); };
  CoarseShift coarse;
  if (search.near_enough <= 1.0) {
    coarse = climbed(correlation, std::clamp(static_cast<int>(std::lround(-search.lowest / step)),
                                             0, kShifts - 1));
  }
  if (coarse.correlation < search.near_enough) coarse = best_of_all(correlation);
  const double best = coarse.correlation;
  ShiftResult result;
  result.shift = search.lowest + coarse.n * step;
  result.at_limit = coarse.n == 0 || coarse.n == kShifts - 1;
  if (best == kNone) {
    throw Error(ErrorKind::input,
                fmt::format("comparison: no shift from {} to {} makes the curve ({} to {}) cover "
                            "{:.0f} % of the window in the reference; check the energy axes",
                            search.lowest, search.highest, curve.x.front(), curve.x.back(),
                            100.0 * search.smallest_overlap));
  }
  const double refined = golden_section(problem, std::max(search.lowest, result.shift - step),
                                        std::min(search.highest, result.shift + step));
  if (problem.correlation(refined) > best) result.shift = refined;

  const Samples pair = problem.samples(result.shift);
  result.pearson = pearson(pair.reference, pair.curve);
  result.spearman = spearman(pair.reference, pair.curve);
  result.overlap = problem.overlap(result.shift);
  result.peaks =
      pair_peaks(positions_within(reference, 0.0, result.overlap, search.smallest_prominence),
                 positions_within(curve, result.shift, result.overlap, search.smallest_prominence));
  return result;
}

}  // namespace kedge::spectrum
