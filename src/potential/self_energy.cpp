// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"
#include "kedge/potential/exchange_correlation.hpp"

namespace kedge::potential {
namespace {

constexpr double kSmallestRatio = 1e-3;  // f is even in x: f(0) - f(1e-3) is of order 1e-6

/// Nodes and weights on [0, 1] with points crowded towards both ends: Gauss-Legendre points of a
/// variable s with t = s^4 (35 - 84 s + 70 s^2 - 20 s^3), whose first three derivatives vanish at
/// the ends, so that logarithmic end singularities do not spoil the convergence.
struct EndCrowdedRule {
  static constexpr int kPoints = 32;
  std::array<double, kPoints> node{}, weight{};

  EndCrowdedRule() {
    const math::Rule gauss = math::gauss_legendre(kPoints);
    for (std::size_t k = 0; k < node.size(); ++k) {
      const double s = 0.5 * (1.0 + gauss.x[k]);
      node[k] = s * s * s * s * (35.0 + s * (-84.0 + s * (70.0 - 20.0 * s)));
      weight[k] = 0.5 * gauss.w[k] * 140.0 * std::pow(s * (1.0 - s), 3);
    }
  }
};

/// The electron gas of one density and one momentum.
class ElectronGas {
 public:
  ElectronGas(double r_s, double ratio, double damping)
      : kf_(fermi_momentum(r_s)),
        p_(ratio * kf_),
        plasmon2_(3.0 / (r_s * r_s * r_s)),
        pole2_(plasmon2_ * (1.0 - damping * damping)),
        width2_(4.0 * plasmon2_ * damping * damping) {}

  [[nodiscard]] double exchange() const {
    const double x = p_ / kf_;
    const double gap = std::abs(1.0 - x);
    const double edge = gap < 1e-14 ? 0.0 : (1.0 - x * x) / (2.0 * x) * std::log((1.0 + x) / gap);
    return -kf_ / kPi * (1.0 + edge);
  }

  [[nodiscard]] double correlation(const EndCrowdedRule& rule) const {
    std::array<double, 12> breaks{};
    const std::size_t count = find_breaks(breaks);
    double sum = 0.0;
    for (std::size_t k = 0; k + 1 < count; ++k) {
      const double width = breaks[k + 1] - breaks[k];
      if (width <= 0.0) continue;
      for (std::size_t i = 0; i < rule.node.size(); ++i) {
        sum += width * rule.weight[i] * integrand(breaks[k] + width * rule.node[i]);
      }
    }
    // from the last break a to infinity with q = a/t
    const double a = breaks[count - 1];
    for (std::size_t i = 0; i < rule.node.size(); ++i) {
      const double t = rule.node[i];
      sum += rule.weight[i] * integrand(a / t) * a / (t * t);
    }
    return plasmon2_ / (4.0 * kPi * p_) * sum;
  }

 private:
  [[nodiscard]] double plasmon(double q) const {
    return std::sqrt(pole2_ + q * q * (kf_ * kf_ / 3.0 + 0.25 * q * q));
  }

  /// Integrand over q: both logarithms over q omega_q.
  [[nodiscard]] double integrand(double q) const {
    const double w2 = 2.0 * plasmon(q);
    const double p2 = p_ * p_, kf2 = kf_ * kf_;
    const double lowest = (p_ - q) * (p_ - q), highest = (p_ + q) * (p_ + q);
    // Squares of the arguments of the logarithms.
    const auto square = [this](double energy) { return energy * energy + width2_; };
    double ratio = 1.0;
    if (lowest < kf2) ratio *= square(p2 - lowest + w2) / square(p2 - std::min(highest, kf2) + w2);
    if (highest > kf2) ratio *= square(p2 - std::max(lowest, kf2) - w2) / square(p2 - highest - w2);
    return 2.0 * std::log(ratio + 1e-300) / (q * w2);
  }

  /// Ordered points of q between which the integrand is smooth: 0, where the limits of t cross
  /// k_F^2, where an argument of a logarithm vanishes, and a point beyond them all.
  ///
  /// 2 omega_q = |2 p q -+ q^2| is a cubic in 1/q: omega_p^2 y^3 - (p^2 - k_F^2/3) y +- p = 0, y =
  /// 1/q. Where its roots have just become complex the minimum of the cubic takes their place.
  [[nodiscard]] std::size_t find_breaks(std::array<double, 12>& breaks) const {
    std::size_t count = 1;  // breaks[0] = 0
    const auto add = [&](double q) {
      if (!std::isfinite(q) || q < 1e-10 * kf_) return;
      std::size_t k = count++;
      for (; breaks[k - 1] > q; --k) breaks[k] = breaks[k - 1];
      breaks[k] = q;
    };
    add(std::abs(kf_ - p_));
    add(kf_ + p_);
    const double kf2 = kf_ * kf_, p2 = p_ * p_;
    const double inner = 4.0 / 9.0 * kf2 * kf2 - 4.0 * pole2_ + (p2 - kf2) * (p2 - kf2);
    if (inner >= 0.0) add(std::sqrt(std::max(std::sqrt(inner) - 2.0 / 3.0 * kf2, 0.0)));

    // y^3 - 3 b y + 2 c = 0
    const double b = (p2 - kf2 / 3.0) / (3.0 * pole2_);
    const double c = 0.5 * p_ / pole2_;
    const double discriminant = c * c - b * b * b;
    if (discriminant <= 0.0) {
      const double angle = std::acos(std::clamp(-c / (b * std::sqrt(b)), -1.0, 1.0)) / 3.0;
      for (int k = -1; k <= 1; ++k) {
        add(1.0 / std::abs(2.0 * std::sqrt(b) * std::cos(angle + 2.0 * kPi / 3.0 * k)));
      }
    } else {
      const double u = std::cbrt(c + std::sqrt(discriminant));
      add(1.0 / std::abs(u + b / u));
      if (b > 0.0) add(1.0 / std::sqrt(b));
    }
    const double last = 2.0 * breaks[count - 1] + 2.0 * kf_;
    breaks[count++] = last;
    return count;
  }

  double kf_;
  double p_;
  double plasmon2_;
  double pole2_;   // omega_p^2 - g^2
  double width2_;  // (2 g)^2
};

/// y > 0 with y^3 + (2/3) y^2 = w, by Newton steps from above (the function is convex and
/// increasing).
double threshold_excess(double w) {
  double y = std::max(std::cbrt(w), 1e-8);
  for (int i = 0; i < 60; ++i) {
    const double step = (y * y * (y + 2.0 / 3.0) - w) / (y * (3.0 * y + 4.0 / 3.0));
    y -= step;
    if (std::abs(step) < 1e-15 * y) break;
  }
  return y;
}

double total_self_energy(const EndCrowdedRule& rule, double r_s, double ratio, double damping) {
  const ElectronGas gas(r_s, std::max(ratio, kSmallestRatio), damping);
  return gas.exchange() + gas.correlation(rule);
}

/// Cubic Lagrange weights for t in units of the spacing, nodes at -1, 0, 1, 2.
std::array<double, 4> cubic_weights(double t) {
  const double a = t + 1.0, b = t - 1.0, c = t - 2.0;
  return {-t * b * c / 6.0, 0.5 * a * b * c, -0.5 * a * t * c, a * t * b / 6.0};
}

}  // namespace

double SelfEnergyRatio::self_energy(double r_s, double p_over_kf, double damping) {
  return total_self_energy(EndCrowdedRule(), r_s, p_over_kf, damping);
}

double SelfEnergyRatio::plasmon_threshold(double r_s) {
  const double kf = fermi_momentum(r_s);
  return 1.0 + threshold_excess(3.0 / (r_s * r_s * r_s * kf * kf * kf * kf));
}

SelfEnergyRatio::SelfEnergyRatio(double damping)
    : table_((rows_.size() + 1) * kColumns), cusps_(rows_.size() + 1) {
  // The integral is done at a few rows in equal steps of ln r_s, one beyond each end, from which
  // cubic interpolation at fixed t fills the table.
  constexpr int kComputed = 80;
  const double log_first = std::log(rows_.edge(0));
  const double step = (std::log(rows_.edge(rows_.size())) - log_first) / (kComputed - 3);
  const auto column_ratio = [](double x_c, int column) {
    const bool above = column >= kColumnsBelow;
    const double t = above ? static_cast<double>(column - kColumnsBelow) / (kColumnsAbove - 1)
                           : static_cast<double>(column) / (kColumnsBelow - 1);
    return above ? x_c + (kLastRatio - x_c) * t * t : x_c * (1.0 - t * t);
  };
  const EndCrowdedRule rule;
  std::vector<double> computed(std::size_t{kComputed} * kColumns);
  for (int row = 0; row < kComputed; ++row) {
    const double r_s = std::exp(log_first + step * (row - 1));
    const double x_c = plasmon_threshold(r_s);
    const double at_fermi = total_self_energy(rule, r_s, 1.0, damping);
    for (int column = 0; column < kColumns; ++column) {
      computed[static_cast<std::size_t>(row * kColumns + column)] =
          total_self_energy(rule, r_s, column_ratio(x_c, column), damping) / at_fermi;
    }
  }
  for (std::size_t row = 0; row < cusps_.size(); ++row) {
    const double r_s = rows_.edge(row);
    const double x_c = plasmon_threshold(r_s);
    cusps_[row] = {x_c, 1.0 / x_c, 1.0 / (kLastRatio - x_c)};
    const double u = (std::log(r_s) - log_first) / step + 1.0;
    const int below = std::clamp(static_cast<int>(u), 1, kComputed - 3);
    const std::array<double, 4> weights = cubic_weights(u - below);
    for (std::size_t column = 0; column < kColumns; ++column) {
      double& f = table_[row * kColumns + column];
      for (std::size_t i = 0; i < 4; ++i) {
        f += weights[i] * computed[(static_cast<std::size_t>(below - 1) + i) * kColumns + column];
      }
    }
  }
}

}  // namespace kedge::potential
