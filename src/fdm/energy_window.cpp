// SPDX-License-Identifier: BSD-3-Clause
#include "energy_window.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"

namespace kedge::fdm {
namespace {

// Blending degree of the interpolation of the projected operator between its nodes, and that of the model it is judged by.
constexpr int kDegree = 6;
constexpr int kLowerDegree = 3;
constexpr int kFewestNodes = 10;
// The two models differ by what the smaller one lacks, not by the cusps of the energy-dependent potential between nodes, which both miss
// alike: up to 7e-4 of the largest density were seen of that (B12, 7 eV).
constexpr double kSafety = 4.0;
constexpr double kLeastError = 1e-3;
constexpr int kMostModels = 3;

class Stopwatch {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - start_).count();
    start_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Barycentric weights of the rational interpolation without poles that blends polynomials of degree d on equidistant nodes.
/// Source: M. S. Floater, K. Hormann, Numer. Math. 107, 315 (2007), Eq. (18)
std::vector<double> blending_weights(int nodes, int degree) {
  std::vector<double> w;
  for (int k = 0; k < nodes; ++k) {
    double sum = 0.0;
    for (int i = std::max(0, k - degree); i <= std::min(k, nodes - 1 - degree); ++i) {
      double binomial = 1.0;
      for (int j = 0; j < k - i; ++j) binomial *= static_cast<double>(degree - j) / (j + 1);
      sum += binomial;
    }
    w.push_back(k % 2 == 0 ? sum : -sum);
  }
  return w;
}

/// The projected operator at nodes equidistant in the wave number sqrt(2 (E - E_0)), and between them.
class Interpolation {
 public:
  Interpolation(double zero, double lowest, double highest, int nodes) : zero_(zero) {
    const double first = std::sqrt(2.0 * (lowest - zero));
    const double last = std::sqrt(2.0 * (highest - zero));
    for (int i = 0; i < nodes; ++i) {
      k_.push_back(first + (last - first) * i / (nodes - 1));
      energies_.push_back(zero + 0.5 * k_.back() * k_.back());
    }
    for (const int degree : {kLowerDegree, kDegree}) weights_[degree] = blending_weights(nodes, degree);
  }
  [[nodiscard]] const std::vector<double>& energies() const { return energies_; }
  void take(std::vector<ProjectedOperator> values) { values_ = std::move(values); }

  [[nodiscard]] ProjectedOperator at(double energy, int degree) const {
    const std::vector<double>& weights = weights_.at(degree);
    const double k = std::sqrt(2.0 * (energy - zero_));
    std::vector<double> c;
    double total = 0.0;
    for (std::size_t i = 0; i < k_.size(); ++i) {
      const double distance = k - k_[i];
      if (std::abs(distance) < 1e-12) return values_[i];
      c.push_back(weights[i] / distance);
      total += c.back();
    }
    ProjectedOperator out;
    out.rest = Eigen::MatrixXcd::Zero(values_[0].rest.rows(), values_[0].rest.cols());
    out.y = Eigen::MatrixXd::Zero(values_[0].y.rows(), values_[0].y.cols());
    for (const Eigen::MatrixXd& b : values_[0].b) out.b.push_back(Eigen::MatrixXd::Zero(b.rows(), b.cols()));
    for (std::size_t i = 0; i < c.size(); ++i) {
      const double f = c[i] / total;
      out.rest += f * values_[i].rest;
      out.y += f * values_[i].y;
      for (std::size_t a = 0; a < out.b.size(); ++a) out.b[a] += f * values_[i].b[a];
    }
    return out;
  }

 private:
  double zero_;
  std::vector<double> k_;
  std::vector<double> energies_;
  std::map<int, std::vector<double>> weights_;  // by degree
  std::vector<ProjectedOperator> values_;
};

double trace(const Eigen::MatrixXd& rho) { return std::abs(rho.trace()); }

/// The level outside, which depends on energy a little; below all energies of the window.
double zero_of(const GridProblem& problem, double lowest, double highest) {
  return std::min(std::max(problem.model.outer_level(lowest), problem.model.outer_level(highest)), lowest - 1e-3);
}

WindowResult one_model(GridProblem& problem, const std::vector<double>& energies, const WindowSettings& settings) {
  const auto [low, high] = std::minmax_element(energies.begin(), energies.end());
  const double lowest = *low;
  const double highest = *high;
  const double zero = zero_of(problem, lowest, highest);
  const WindowReport size = window_size(problem, lowest, highest, settings);
  const int nodes = size.nodes;
  const int snapshots = size.snapshots;

  WindowResult out;
  Stopwatch watch;
  ReducedModel model(problem, problem.lmax_at(highest));
  for (int i = 0; i < snapshots; ++i) model.add_snapshot(lowest + (highest - lowest) * (i + 0.5) / snapshots, settings.solves);
  model.finish();
  out.report.snapshots = snapshots;
  out.report.columns = static_cast<int>(model.columns());
  out.report.basis_seconds = watch.lap();

  Interpolation between(zero, lowest, highest, nodes);
  between.take(model.project(between.energies()));
  out.report.nodes = nodes;
  out.report.project_seconds = watch.lap();

  double largest = 0.0;
  for (const double energy : energies) {
    AtomAtEnergy absorber = problem.atoms[0].at(energy);
    const Eigen::MatrixXd overlap = model.absorber_overlap(absorber);
    const auto density = [&](int degree, Eigen::Index columns) {
      ProjectedOperator projected = between.at(energy, degree);
      // The absorber at the very energy in place of its interpolation.
      projected.y.topRows(overlap.rows()) = overlap;
      projected.b.front() = absorber.strength;
      return reduced_density(projected, columns);
    };
    ChannelAmplitudes a;
    a.energy = energy;
    a.outer_level = problem.model.outer_level(energy);
    a.lmax = problem.atoms[0].lmax();
    a.rho = density(kDegree, model.columns());
    a.waves = std::move(absorber.waves);
    out.error.push_back(trace(a.rho - density(kLowerDegree, model.nested_columns())));
    largest = std::max(largest, trace(a.rho));
    out.amplitudes.push_back(std::move(a));
  }
  for (double& e : out.error) e = kSafety * e / largest + kLeastError;
  out.report.solve_seconds = watch.lap();
  return out;
}

}  // namespace

WindowReport window_size(const GridProblem& problem, double lowest, double highest, const WindowSettings& settings) {
  const double zero = zero_of(problem, lowest, highest);
  const double radius = problem.settings.radius;
  const double low = std::sqrt(2.0 * (lowest - zero)) * radius;
  const double high = std::sqrt(2.0 * (highest - zero)) * radius;
  const double states = 2.0 / (9.0 * kPi) * (std::pow(high, 3) - std::pow(low, 3));
  WindowReport size;
  size.nodes = std::max(kFewestNodes, static_cast<int>(std::ceil((high - low) / settings.node_phase)) + 1);
  size.snapshots = std::max(2, static_cast<int>(std::ceil(states / settings.states)));
  return size;
}

WindowResult solve_window(GridProblem& problem, const std::vector<double>& energies, const WindowSettings& settings) {
  WindowSettings finer = settings;
  double worst = 0.0;
  for (int i = 0; i < kMostModels; ++i) {
    WindowResult result = one_model(problem, energies, finer);
    worst = *std::max_element(result.error.begin(), result.error.end());
    if (worst <= settings.tolerance) return result;
    finer.states *= 0.6;
    finer.node_phase *= 0.6;
  }
  throw Error(ErrorKind::numerical, fmt::format("the reduced model of the energies keeps an estimated error of {:.1e} (wanted "
                                                "engine.reduction_tolerance = {:.1e}): take engine.energies = direct", worst, settings.tolerance));
}

}  // namespace kedge::fdm
