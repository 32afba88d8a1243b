// SPDX-License-Identifier: BSD-3-Clause
#include "energy_window.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "energy_band.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "reduced_model.hpp"

namespace kedge::fdm {
namespace {

// Blending degree of the interpolation of the projected operator between its nodes, and that of the model it is judged by.
constexpr int kDegree = 6;
constexpr int kLowerDegree = 3;
constexpr int kFewestNodes = 10;
// The two models differ by what the smaller one lacks, not by the cusps of the energy-dependent potential between nodes, which both miss
// alike: up to 7e-4 of the largest density were seen of that (B12, 7 eV).
constexpr double kSafety = 2.0;
constexpr double kLeastError = 1e-3;
constexpr int kMostModels = 3;
// States of the empty sphere in a band, and its width [hartree]: about as much as few columns hold well.
constexpr double kStatesOfBand = 20.0;
constexpr double kWidthOfBand = 0.08;
constexpr double kLeastWidthOfBand = 0.01;

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

/// States of the empty sphere between two energies, one spin.
double states_between(double radius, double zero, double lowest, double highest) {
  const double low = std::sqrt(2.0 * (lowest - zero)) * radius;
  const double high = std::sqrt(2.0 * (highest - zero)) * radius;
  return 2.0 / (9.0 * kPi) * (std::pow(high, 3) - std::pow(low, 3));
}

/// The level outside, which depends on energy a little; below all energies of the window.
double zero_of(const GridProblem& problem, double lowest, double highest) {
  return std::min(std::max(problem.model.outer_level(lowest), problem.model.outer_level(highest)), lowest - 1e-3);
}

/// The cell of each energy: up to the midpoints between it and its neighbours, as far on the other side at the ends, no wider than asked for
/// and not past half the way to the level outside.
std::vector<EnergyCell> cells_of(const std::vector<double>& energies, double widest, double zero) {
  std::vector<EnergyCell> cells;
  for (std::size_t i = 0; i < energies.size(); ++i) {
    const double e = energies[i];
    const double below = i > 0 ? e - energies[i - 1] : energies[i + 1] - e;
    const double above = i + 1 < energies.size() ? energies[i + 1] - e : below;
    cells.push_back({e, e - 0.5 * std::min({widest, below, e - zero}), e + 0.5 * std::min(widest, above)});
  }
  return cells;
}

WindowResult one_model(GridProblem& problem, const std::vector<double>& energies, const WindowSettings& settings) {
  const double zero = zero_of(problem, energies.front(), energies.back());
  const std::vector<EnergyCell> cells = cells_of(energies, settings.widest_cell, zero);
  const double lowest = cells.front().low;
  const double highest = cells.back().high;
  const WindowReport size = window_size(problem, lowest, highest, settings);
  const int nodes = size.nodes;
  const int snapshots = size.snapshots;

  WindowResult out;
  Stopwatch watch;
  ReducedModel model(problem, problem.lmax_at(highest), snapshots, settings.solves);
  for (int i = 0; i < snapshots; ++i) model.add_snapshot(lowest + (highest - lowest) * (i + 0.5) / snapshots);
  model.finish();
  out.report.snapshots = snapshots;
  out.report.columns = static_cast<int>(model.columns());
  out.report.basis_seconds = watch.lap();

  Interpolation between(zero, lowest, highest, nodes);
  between.take(model.project(between.energies()));
  out.report.nodes = nodes;
  out.report.project_seconds = watch.lap();

  double largest = 0.0;
  for (std::size_t first = 0; first < energies.size();) {
    std::size_t last = first;
    while (last + 1 < energies.size() && energies[last + 1] - energies[first] <= kWidthOfBand &&
           states_between(problem.settings.radius, zero, energies[first], energies[last + 1]) <= kStatesOfBand) {
      ++last;
    }
    // Wide enough for its nodes, and inside the window, beyond which the operator is not known.
    const double bottom = std::max(lowest, std::min(cells[first].low, cells[last].high - kLeastWidthOfBand));
    const double top = std::max(cells[last].high, bottom + kLeastWidthOfBand);
    const auto band = [&](int degree, Eigen::Index columns) {
      return EnergyBand([&](double e) { return between.at(e, degree); }, columns, zero, bottom, top);
    };
    const EnergyBand whole = band(kDegree, model.columns());
    const EnergyBand nested = band(kLowerDegree, model.nested_columns());
    for (; first <= last; ++first) {
      const double energy = energies[first];
      AtomAtEnergy absorber = problem.atoms[0].at(energy);
      const Eigen::MatrixXd overlap = model.absorber_overlap(absorber);
      const EnergyCell& cell = cells[first];
      ChannelAmplitudes a;
      a.energy = energy;
      a.outer_level = problem.model.outer_level(energy);
      a.lmax = problem.atoms[0].lmax();
      a.rho = whole.density(cell, overlap, absorber.strength);
      const double difference =
          whole.smeared(cell, overlap, absorber.strength) - nested.smeared(cell, overlap.leftCols(model.nested_columns()), absorber.strength);
      a.waves = std::move(absorber.waves);
      out.error.push_back(std::abs(difference) + whole.error());
      largest = std::max(largest, std::abs(a.rho.trace()));
      out.amplitudes.push_back(std::move(a));
    }
  }
  for (double& e : out.error) e = kSafety * e / largest + kLeastError;
  out.report.solve_seconds = watch.lap();
  return out;
}

}  // namespace

WindowReport window_size(const GridProblem& problem, double lowest, double highest, const WindowSettings& settings) {
  const double zero = zero_of(problem, lowest, highest);
  const double radius = problem.settings.radius;
  const double phase = (std::sqrt(2.0 * (highest - zero)) - std::sqrt(2.0 * (lowest - zero))) * radius;
  WindowReport size;
  size.nodes = std::max(kFewestNodes, static_cast<int>(std::ceil(phase / settings.node_phase)) + 1);
  size.snapshots = std::max(2, static_cast<int>(std::ceil(states_between(radius, zero, lowest, highest) / settings.states)));
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
