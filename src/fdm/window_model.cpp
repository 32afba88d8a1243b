// SPDX-License-Identifier: BSD-3-Clause
#include "window_model.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>
#include <utility>

#include "kedge/core/units.hpp"
#include "orthonormal_columns.hpp"

namespace kedge::fdm {
namespace {

// States of the empty sphere in a band, and its width [hartree]: about as much as few columns hold
// well.
constexpr double kStatesOfBand = 30.0;
constexpr double kWidthOfBand = 0.12;
// Of these in a single band, and in each of several: a little more saves a band where the last
// would be a small rest. With 1.06 in each the largest error of B12 is 1e-3, at its narrow state,
// of an estimate of 3e-3.
constexpr double kMostOfOne = 1.3;
constexpr double kMostOfMany = 1.07;
constexpr double kLeastWidth = 0.01;  // [hartree]: of the nodes of a band
// The outer waves, whose normalisation at the sphere turns over where l = k R, are made at nodes of
// the whole window.
constexpr int kFewestOuterNodes = 8;
constexpr double kOuterPhase = 2.0;
// What of a solution of unit length beside the columns there are is worth a column of a band, in
// tolerances: the density errs by its square.
constexpr double kSmallestColumn = 0.5;
// Solutions for the absorber's projectors and for these again. With one fewer at the ends the error
// at a narrow state of B12 is three times as large.
constexpr int kBandSolves = 2;

// From here on fewer snapshots and nodes.
constexpr double kCoarseTolerance = 0.015;

// By how much a state of the model may lie beside its place [hartree], 0.05 meV: what single
// precision leaves of the projected operator (see ReducedModel). Both models miss it alike; it
// counts where the density is steep.
constexpr double kUnsureEnergy = 2e-6;
// Snapshots in a family for each of one potential.
constexpr double kSnapshotsOfFamily = 1.25;

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

double wave_number(double kinetic) {
  return std::sqrt(2.0 * kinetic);
}

/// States of the empty sphere between two energies, one spin.
double states_between(double radius, double low, double high) {
  return 2.0 / (9.0 * kPi) *
         (std::pow(wave_number(high) * radius, 3) - std::pow(wave_number(low) * radius, 3));
}

/// Limits of the bands of a window, its ends among them: as few as hold no more than a little over
/// their width or states, all alike in that.
/// @param scale  of their widths
std::vector<double> band_limits(double radius, double low, double high, double scale) {
  // Bands of the width as far as that holds fewer than the states, bands of as many states from
  // there on.
  const auto states_there = [&](double energy) {
    return states_between(radius, energy, energy + kWidthOfBand);
  };
  double dense = low;
  if (states_there(low) < kStatesOfBand) {
    double above = high;
    for (int i = 0; i < 50; ++i) {
      const double middle = 0.5 * (dense + above);
      (states_there(middle) < kStatesOfBand ? dense : above) = middle;
    }
  }
  const auto bands_below = [&](double energy) {
    return (std::min(energy, dense) - low) / kWidthOfBand +
           (energy > dense ? states_between(radius, dense, energy) / kStatesOfBand : 0.0);
  };
  const double all = bands_below(high) / scale;
  const int count = all <= kMostOfOne ? 1 : static_cast<int>(std::ceil(all / kMostOfMany));
  std::vector<double> limits = {low};
  for (int i = 1; i < count; ++i) {
    double below = limits.back();
    double above = high;
    for (int step = 0; step < 50; ++step) {
      const double middle = 0.5 * (below + above);
      (bands_below(middle) < bands_below(high) * i / count ? below : above) = middle;
    }
    limits.push_back(below);
  }
  limits.push_back(high);
  return limits;
}

/// Columns that span the absorber's solutions in a band, and what they err by.
struct SolutionColumns {
  Eigen::MatrixXd v;
  double error = 0.0;  // of the trace of the density
};

/// Solutions at both ends and in the middle of a band, tested between these. The operator of the
/// test is the parabola through the three: near enough to the true one for what its solutions need,
/// and free.
/// @param smallest  of a solution of unit length beside the columns there are that is worth a
/// column
SolutionColumns solution_columns(const std::array<ProjectedOperator, 3>& at, double smallest) {
  SolutionColumns out{Eigen::MatrixXd(at[0].columns(), 0)};
  for (const ProjectedOperator& p : at) {
    append_orthonormal(out.v, absorber_solutions(p, kBandSolves), smallest);
  }
  const InterpolationAxis parabola = InterpolationAxis::lobatto(0.0, 1.0, 3);
  for (const double x : {0.25, 0.75}) {
    const ProjectedOperator p = combined(at, parabola.coefficients(x));
    const double error = std::abs(density_of(absorber_green(restricted(p, out.v))).trace() -
                                  density_of(absorber_green(p)).trace());
    out.error = std::max(out.error, error);
  }
  return out;
}

}  // namespace

/// What operators at the nodes of bands are made of, the bands gone through in rising order: where
/// two touch, the last node of one is the first of the next.
class WindowModel::Nodes {
 public:
  Nodes(const WindowModel& model, const GridProblem& problem) : model_(model), problem_(problem) {}

  /// At the nodes of one band, valid until the next call.
  std::vector<Node> at(const InterpolationAxis& axis) {
    const double first = axis.nodes().front();
    if (data_.empty() || std::abs(first - last_) > kSameNode) {
      data_.clear();
      whole_.reset();
    } else {
      data_.erase(data_.begin(), data_.end() - 1);
    }
    for (std::size_t i = data_.size(); i < axis.nodes().size(); ++i) {
      model_.between_steps();
      const double k = axis.nodes()[i];
      const double kinetic = 0.5 * k * k;
      const double energy = energy_of(problem_.model, kinetic,
                                      level_ ? *level_ : problem_.model.outer_level(kinetic));
      level_ = energy - kinetic;
      data_.push_back(node_data(problem_, energy));
    }
    last_ = axis.nodes().back();
    outer_.clear();
    for (const double k : axis.nodes()) outer_.push_back(model_.outer_at(k));
    std::vector<Node> out;
    for (std::size_t i = 0; i < data_.size(); ++i) out.push_back({&data_[i], &outer_[i]});
    return out;
  }

  /// Between all columns of the basis, at the ends and in the middle of the band that at() was last
  /// asked for.
  std::array<ProjectedOperator, 3> whole() {
    const auto at = [&](std::size_t node) {
      model_.between_steps();
      return projected(model_.frame_->comm, model_.basis_.space(), outer_[node], data_[node]);
    };
    const std::size_t last = data_.size() - 1;
    std::array<ProjectedOperator, 3> out = {whole_ ? std::move(*whole_) : at(0), at(last / 2),
                                            at(last)};
    whole_ = out.back();
    return out;
  }

 private:
  static constexpr double kSameNode = 1e-9;  // [1/bohr]
  const WindowModel& model_;
  const GridProblem& problem_;
  std::deque<NodeData> data_;
  std::vector<OuterOverlap> outer_;
  std::optional<ProjectedOperator> whole_;  // at the last node
  std::optional<double> level_;             // outside, where it was last asked for
  double last_ = -1.0;
};

WindowSettings window_settings(double tolerance) {
  WindowSettings out;
  out.tolerance = tolerance;
  if (tolerance >= kCoarseTolerance) {
    out.states = 60.0;
    out.nodes = 7;
  }
  return out;
}

WindowReport WindowModel::size(const GridFrame& frame, double low, double high,
                               std::size_t potentials, const WindowSettings& settings) {
  const double radius = frame.settings.radius;
  WindowReport size;
  size.bands = static_cast<int>(band_limits(radius, low, high, settings.band_scale).size()) - 1;
  size.nodes = size.bands * (settings.nodes - 1) + 1;
  const double snapshots = (potentials > 1 ? kSnapshotsOfFamily : 1.0) *
                           states_between(radius, low, high) / settings.states;
  size.snapshots = std::max(2, static_cast<int>(std::ceil(snapshots)));
  return size;
}

WindowModel::WindowModel(std::shared_ptr<GridFrame> frame, double low, double high,
                         const WindowSettings& settings)
    : frame_(std::move(frame)),
      between_steps_(settings.between_steps),
      band_scale_(settings.band_scale),
      nodes_(settings.nodes),
      smallest_column_(kSmallestColumn * settings.tolerance),
      smearing_(settings.smearing),
      low_(low),
      high_(high),
      atom_rows_(atom_rows(*frame_)),
      basis_(frame_, settings.solves),
      k_outer_(InterpolationAxis::chebyshev(
          wave_number(low_), wave_number(high_),
          kFewestOuterNodes + static_cast<int>((wave_number(high_) - wave_number(low_)) *
                                               frame_->settings.radius / kOuterPhase))) {}

void WindowModel::between_steps() const {
  if (between_steps_) between_steps_();
}

void WindowModel::add_snapshot(GridProblem& problem, double kinetic) {
  Stopwatch watch;
  between_steps();
  outer_.clear();
  basis_.add_snapshot(problem,
                      energy_of(problem.model, kinetic, problem.model.outer_level(kinetic)));
  ++report_.snapshots;
  report_.basis_seconds += watch.lap();
}

void WindowModel::finish_basis() {
  Stopwatch watch;
  frame_->release_factor();  // half of the memory, and not needed for what follows
  basis_.finish();
  report_.columns = static_cast<int>(basis_.columns());
  report_.basis_seconds += watch.lap();
  for (const double k : k_outer_.nodes()) outer_.push_back(basis_.outer(k));
  report_.outer_seconds += watch.lap();
}

std::vector<WindowModel::Band> WindowModel::bands(const std::vector<EnergyCell>& cells) const {
  const std::vector<double> limits = band_limits(frame_->settings.radius, low_, high_, band_scale_);
  std::vector<Band> all;
  for (std::size_t i = 0; i + 1 < limits.size(); ++i) {
    const bool is_last = i + 2 == limits.size();
    Band band{limits[i], is_last ? std::numeric_limits<double>::infinity() : limits[i + 1],
              limits[i + 1], limits[i]};
    for (const EnergyCell& cell : cells) {
      if (cell.energy < band.low || cell.energy >= band.high) continue;
      band.bottom = std::min(band.bottom, cell.low);
      band.top = std::max(band.top, cell.high);
    }
    if (band.bottom > band.top) continue;  // no energy in it
    // Wide enough for its nodes, and inside the window, beyond which the outer waves are not known.
    band.bottom = std::max(low_, std::min(band.bottom, band.top - kLeastWidth));
    band.top = std::max(band.top, band.bottom + kLeastWidth);
    all.push_back(band);
  }
  return all;
}

OuterOverlap WindowModel::outer_at(double wave_number) const {
  const std::vector<double> c = k_outer_.coefficients(wave_number);
  OuterOverlap out{Eigen::MatrixXcf::Zero(outer_[0].u.rows(), outer_[0].u.cols()),
                   Eigen::MatrixXcf::Zero(outer_[0].wu.rows(), outer_[0].wu.cols())};
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (c[i] == 0.0) continue;
    out.u += static_cast<float>(c[i]) * outer_[i].u;
    out.wu += static_cast<float>(c[i]) * outer_[i].wu;
  }
  return out;
}

WindowModel::BandModel WindowModel::band_model(const InterpolationAxis& axis, Eigen::MatrixXd v,
                                               double error, const std::vector<Node>& nodes) const {
  const ProjectionColumns columns = restricted(basis_.space(), atom_rows_, v);
  std::vector<ProjectedOperator> at;
  for (std::size_t i = 0; i < axis.nodes().size(); ++i) {
    between_steps();
    at.push_back(projected(frame_->comm, columns, restricted(*nodes[i].outer, v), *nodes[i].data));
  }
  return {std::move(v), EnergyBand(axis, std::move(at)), error};
}

WindowModel::BandModels WindowModel::band_models(const Band& band, Nodes& nodes) {
  Stopwatch watch;
  const auto axis = [&](int count) {
    return InterpolationAxis::lobatto(wave_number(band.bottom), wave_number(band.top), count);
  };
  const std::vector<Node> all = nodes.at(axis(nodes_));
  std::vector<Node> every_second;
  for (std::size_t i = 0; i < all.size(); i += 2) every_second.push_back(all[i]);
  report_.data_seconds += watch.lap();

  std::array<ProjectedOperator, 3> whole = nodes.whole();
  SolutionColumns full = solution_columns(whole, smallest_column_);
  for (ProjectedOperator& p : whole) p = first_columns(p, basis_.nested_columns());
  const SolutionColumns nested = solution_columns(whole, smallest_column_);
  Eigen::MatrixXd of_nested = Eigen::MatrixXd::Zero(basis_.columns(), nested.v.cols());
  of_nested.topRows(nested.v.rows()) = nested.v;
  report_.band_columns = std::max(report_.band_columns, static_cast<int>(full.v.cols()));
  report_.project_seconds += watch.lap();

  BandModels out{
      band_model(axis(nodes_), std::move(full.v), full.error, all),
      band_model(axis((nodes_ + 1) / 2), std::move(of_nested), nested.error, every_second)};
  report_.band_seconds += watch.lap();
  return out;
}

WindowModel::Density WindowModel::density(const AtomOnGrid& absorber, double energy,
                                          const EnergyCell& cell, const BandModels& models) const {
  AtomAtEnergy at = absorber.at(energy);
  const Eigen::MatrixXd on_basis = basis_.absorber_overlap(at);
  const Eigen::MatrixXd overlap = on_basis * models.full.v;
  const Eigen::MatrixXd nested = on_basis * models.fewer.v;
  const CellBand here = models.full.band.about(cell, overlap, at.strength);
  const double smeared = here.smeared();
  Density out;
  out.rho = here.density();
  out.difference =
      std::abs(smeared - models.fewer.band.about(cell, nested, at.strength).smeared()) +
      models.full.error + std::abs(here.smeared(kUnsureEnergy) - smeared);
  out.waves = std::move(at.waves);
  if (smearing_ > 0.0) out.smeared = here.smeared_density(smearing_);
  return out;
}

std::vector<WindowModel::Density> WindowModel::solve(const GridProblem& problem,
                                                     const std::vector<double>& energies,
                                                     const std::vector<EnergyCell>& cells) {
  std::vector<Density> out(cells.size());
  Nodes nodes(*this, problem);
  const std::vector<Band> all = bands(cells);
  report_.bands += static_cast<int>(all.size());
  report_.nodes += static_cast<int>(all.size()) * (nodes_ - 1) + 1;
  for (const Band& band : all) {
    const BandModels models = band_models(band, nodes);
    Stopwatch watch;
    between_steps();
    for (std::size_t e = 0; e < cells.size(); ++e) {
      if (cells[e].energy >= band.low && cells[e].energy < band.high) {
        out[e] = density(problem.atoms[0], energies[e], cells[e], models);
      }
    }
    report_.solve_seconds += watch.lap();
  }
  return out;
}

}  // namespace kedge::fdm
