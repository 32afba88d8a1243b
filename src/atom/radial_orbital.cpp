// SPDX-License-Identifier: BSD-3-Clause
#include "radial_orbital.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"

namespace kedge::atom {
namespace {

/// (P, Q) at one point.
struct Pair {
  double p = 0.0;
  double q = 0.0;
};

/// The system d(P, Q)/dx = (P + b Q, a P - Q), x = ln r, at one energy.
class RadialSystem {
 public:
  RadialSystem(const RadialPotential& potential, int l, double energy)
      : centrifugal_(l * (l + 1.0)),
        energy_(energy),
        half_inverse_c2_(potential.relativity == Relativity::scalar
                             ? 0.5 / (kSpeedOfLight * kSpeedOfLight)
                             : 0.0) {}

  struct Coefficients {
    double a, b, mass;
  };
  [[nodiscard]] Coefficients at(double r, double rv) const {
    const double mass = 1.0 + (energy_ - rv / r) * half_inverse_c2_;
    const double b = 2.0 * mass * r;
    return {centrifugal_ / b + rv - r * energy_, b, mass};
  }
  [[nodiscard]] static Pair derivative(const Coefficients& c, const Pair& y) {
    return {y.p + c.b * y.q, c.a * y.p - y.q};
  }
  /// Integrand of the norm in r: P^2 (1 + l(l+1)/(2 M c r)^2) + Q^2/c^2.
  [[nodiscard]] double probability(const Coefficients& c, const Pair& y) const {
    const double inverse_c2 = 2.0 * half_inverse_c2_;
    return y.p * y.p * (1.0 + centrifugal_ * inverse_c2 / (c.b * c.b)) + y.q * y.q * inverse_c2;
  }
  [[nodiscard]] double half_inverse_c2() const { return half_inverse_c2_; }

 private:
  double centrifugal_;
  double energy_;
  double half_inverse_c2_;
};

/// Sixth-order Adams-Moulton steps; the implicit equation is linear and solved exactly.
class AdamsMoulton {
 public:
  static constexpr std::size_t kStart = 5;  ///< known points needed

  explicit AdamsMoulton(double step) : step_(step) {}

  /// Tells the derivative at the next known point, oldest first.
  void push(const Pair& derivative) {
    for (std::size_t k = kStart - 1; k > 0; --k) past_[k] = past_[k - 1];
    past_[0] = derivative;
  }
  /// The value one step after `y`, given the coefficients there.
  [[nodiscard]] Pair advance(const Pair& y, const RadialSystem::Coefficients& c) {
    constexpr std::array<double, kStart> kPast = {1427.0 / 1440.0, -798.0 / 1440.0, 482.0 / 1440.0,
                                                  -173.0 / 1440.0, 27.0 / 1440.0};
    const double k = step_ * 475.0 / 1440.0;
    Pair known = y;
    for (std::size_t j = 0; j < kStart; ++j) {
      known.p += step_ * kPast[j] * past_[j].p;
      known.q += step_ * kPast[j] * past_[j].q;
    }
    const double inverse_determinant = 1.0 / (1.0 - k * k * (1.0 + c.a * c.b));
    const Pair next = {((1.0 + k) * known.p + k * c.b * known.q) * inverse_determinant,
                       (k * c.a * known.p + (1.0 - k) * known.q) * inverse_determinant};
    push(RadialSystem::derivative(c, next));
    return next;
  }

 private:
  double step_;
  std::array<Pair, kStart> past_{};
};

/// One trial energy: both integrations and their mismatch.
class Trial {
 public:
  Trial(const RadialPotential& potential, int l, double energy)
      : potential_(potential),
        r_(potential.mesh->r),
        step_(potential.mesh->step),
        l_(l),
        energy_(energy),
        system_(potential, l, energy) {}

  enum class TurningPoint { found, none_energy_too_low, outside_mesh };
  [[nodiscard]] TurningPoint find_turning_point() {
    const double half_centrifugal = 0.5 * l_ * (l_ + 1.0);
    const auto kinetic_times_r2 = [&](std::size_t i) {
      return (energy_ * r_[i] - potential_.rv[i]) * r_[i] - half_centrifugal;
    };
    std::size_t i = r_.size() - 1;
    if (kinetic_times_r2(i) >= 0.0) return TurningPoint::outside_mesh;
    while (i > 2 * AdamsMoulton::kStart && kinetic_times_r2(i) < 0.0) --i;
    if (kinetic_times_r2(i) < 0.0) return TurningPoint::none_energy_too_low;
    match_ = i;
    return match_ + 2 * AdamsMoulton::kStart < r_.size() ? TurningPoint::found
                                                         : TurningPoint::outside_mesh;
  }

  /// Integrates from the nucleus to the turning point. @return nodes of P on the way
  [[nodiscard]] int integrate_outwards() {
    solution_.assign(r_.size(), Pair{});
    AdamsMoulton formula(step_);
    start_at_nucleus(formula);
    int nodes = 0;
    for (std::size_t i = AdamsMoulton::kStart; i <= match_; ++i) {
      solution_[i] = formula.advance(solution_[i - 1], coefficients(i));
      if (solution_[i].p * solution_[i - 1].p < 0.0) ++nodes;
    }
    return nodes;
  }

  /// Integrates from the tail to the turning point, scales that part to the other and
  /// @return the correction of the energy [hartree].
  [[nodiscard]] double integrate_inwards() {
    const std::size_t last = tail_start();
    AdamsMoulton formula(-step_);
    start_in_tail(formula, last);
    for (std::size_t i = last - AdamsMoulton::kStart + 1; i-- > match_ + 1;) {
      solution_[i] = formula.advance(solution_[i + 1], coefficients(i));
    }
    const Pair inner = formula.advance(solution_[match_ + 1], coefficients(match_));
    const Pair outer = solution_[match_];
    const double scale = outer.p / inner.p;
    for (std::size_t i = match_ + 1; i <= last; ++i) {
      solution_[i].p *= scale;
      solution_[i].q *= scale;
    }
    norm_ = 0.0;
    for (std::size_t i = 0; i <= last; ++i) {
      norm_ += system_.probability(coefficients(i), solution_[i]) * r_[i];
    }
    norm_ *= step_;
    return outer.p * (outer.q - inner.q * scale) / norm_;
  }

  [[nodiscard]] RadialOrbital orbital() const {
    RadialOrbital result{energy_, std::vector<double>(r_.size()), std::vector<double>(r_.size())};
    const double scale = 1.0 / std::sqrt(norm_);
    for (std::size_t i = 0; i < r_.size(); ++i) {
      result.large[i] = scale * solution_[i].p;
      result.probability[i] = system_.probability(coefficients(i), solution_[i]) / norm_;
    }
    return result;
  }

 private:
  [[nodiscard]] RadialSystem::Coefficients coefficients(std::size_t i) const {
    return system_.at(r_[i], potential_.rv[i]);
  }

  /// Values at the first points. At r -> 0 the ratio s = b Q/P obeys s' = a b - (2 - b'/b) s - s^2,
  /// whose regular branch is attracting outwards; starting 16 e-foldings below the mesh at its
  /// fixed point, with r V = -Z + w r, Runge-Kutta steps bring (P, Q) to full accuracy, whatever
  /// the ratio of r to Z/2c^2.
  void start_at_nucleus(AdamsMoulton& formula) {
    const double z = potential_.nuclear_charge;
    const double w = (potential_.rv[0] + z) / r_[0];
    const auto rv = [&](double x) { return -z + w * r_[0] * std::exp(x); };
    const auto at = [&](double x) { return system_.at(r_[0] * std::exp(x), rv(x)); };
    constexpr double kBelow = 16.0;
    constexpr int kCoarseSteps = 320;

    const auto c = at(-kBelow);
    const double growth_b =
        1.0 + z / (r_[0] * std::exp(-kBelow)) * (-system_.half_inverse_c2()) / c.mass;
    const double slope = 2.0 - growth_b;
    const double s = 0.5 * (-slope + std::sqrt(slope * slope + 4.0 * c.a * c.b));
    Pair y{1e-20, 1e-20 * s / c.b};
    double x = -kBelow;
    const auto runge_kutta = [&](double h) {
      const auto start = at(x), middle = at(x + 0.5 * h), end = at(x + h);
      const auto shifted = [&](const Pair& k, double d) {
        return Pair{y.p + d * k.p, y.q + d * k.q};
      };
      const Pair k1 = RadialSystem::derivative(start, y);
      const Pair k2 = RadialSystem::derivative(middle, shifted(k1, 0.5 * h));
      const Pair k3 = RadialSystem::derivative(middle, shifted(k2, 0.5 * h));
      const Pair k4 = RadialSystem::derivative(end, shifted(k3, h));
      y.p += h / 6.0 * (k1.p + 2.0 * k2.p + 2.0 * k3.p + k4.p);
      y.q += h / 6.0 * (k1.q + 2.0 * k2.q + 2.0 * k3.q + k4.q);
      x += h;
    };
    for (int i = 0; i < kCoarseSteps; ++i) runge_kutta(kBelow / kCoarseSteps);
    // Make P of order one at the first mesh point, so that the classically forbidden tail never
    // underflows.
    const double scale = 1e-10 / std::abs(y.p);
    y = {y.p * scale, y.q * scale};
    solution_[0] = y;
    formula.push(RadialSystem::derivative(coefficients(0), y));
    for (std::size_t i = 1; i < AdamsMoulton::kStart; ++i) {
      runge_kutta(0.5 * step_);
      runge_kutta(0.5 * step_);
      solution_[i] = y;
      formula.push(RadialSystem::derivative(coefficients(i), y));
    }
  }

  [[nodiscard]] double decay(std::size_t i) const {
    const auto c = coefficients(i);
    return std::sqrt(std::max(1.0 + c.a * c.b, 0.25));  // |dP/dx|/P in the tail
  }

  /// The point where P has fallen to about e^-45 of its value at the turning point.
  [[nodiscard]] std::size_t tail_start() const {
    double exponent = 0.0;
    std::size_t i = match_ + 2 * AdamsMoulton::kStart;
    for (; i + 1 < r_.size() && exponent < 45.0; ++i) exponent += step_ * decay(i);
    return i;
  }

  void start_in_tail(AdamsMoulton& formula, std::size_t last) {
    double p = 1e-15;
    for (std::size_t k = 0; k < AdamsMoulton::kStart; ++k) {
      const std::size_t i = last - k;
      const auto c = coefficients(i);
      const double rate = decay(i);
      if (k > 0) p *= std::exp(step_ * rate);
      solution_[i] = {p, p * (-rate - 1.0) / c.b};
      formula.push(RadialSystem::derivative(c, solution_[i]));
    }
  }

  const RadialPotential& potential_;
  const std::vector<double>& r_;
  double step_;
  int l_;
  double energy_;
  RadialSystem system_;
  std::size_t match_ = 0;
  double norm_ = 0.0;
  std::vector<Pair> solution_;
};

}  // namespace

std::optional<RadialOrbital> find_bound_orbital(const RadialPotential& potential, int n, int l,
                                                double energy_guess) {
  constexpr int kMostTrials = 300;
  constexpr double kTolerance = 1e-12;
  const double z = potential.nuclear_charge;
  double low = -0.75 * z * z - 10.0;  // below the 1s level of the bare nucleus, relativistic too
  double high = -kWeakestBinding;
  double energy = energy_guess < 0.0 ? std::clamp(energy_guess, low, high) : -0.5 * z * z / (n * n);
  double smallest_correction = 1e300;
  for (int trial_number = 0; trial_number < kMostTrials; ++trial_number) {
    if (high - low < 1e-10 && high > -1.0001 * kWeakestBinding) return std::nullopt;
    Trial trial(potential, l, energy);
    const auto turning_point = trial.find_turning_point();
    double next = 0.0;
    if (turning_point == Trial::TurningPoint::none_energy_too_low) {
      low = energy;
    } else if (turning_point == Trial::TurningPoint::outside_mesh) {
      high = energy;
    } else if (const int nodes = trial.integrate_outwards(); nodes != n - l - 1) {
      (nodes > n - l - 1 ? high : low) = energy;
    } else {
      const double correction = trial.integrate_inwards();
      smallest_correction = std::min(smallest_correction, std::abs(correction));
      if (std::abs(correction) < kTolerance * std::max(1.0, std::abs(energy)) ||
          (trial_number > 60 &&
           std::abs(correction) < 100.0 * kTolerance * std::max(1.0, std::abs(energy)))) {
        return trial.orbital();
      }
      (correction > 0.0 ? low : high) = energy;
      next = energy + correction;
    }
    energy = next > low && next < high ? next : 0.5 * (low + high);
  }
  throw Error(
      ErrorKind::numerical,
      fmt::format(
          "radial orbital n = {}, l = {}: no energy found between {} and {} hartree in {} trials "
          "(smallest correction {:.1e})",
          n, l, low, high, kMostTrials, smallest_correction));
}

}  // namespace kedge::atom
