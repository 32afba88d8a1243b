// SPDX-License-Identifier: BSD-3-Clause
#include "window_model.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "kedge/core/units.hpp"
#include "orthonormal_columns.hpp"
#include "outer_variable.hpp"

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
// Where states and not the width set the limits two nodes fewer serve: a polynomial through n nodes
// errs as the n-th power of the width. Of the crystal at 6 Angstrom errors of 4e-4 and 2e-3 stay
// the same to 2e-5.
constexpr double kNarrowBand = 0.6;
constexpr double kLeastWidth = 0.01;  // [hartree]: of the nodes of a band
// What of a solution of unit length beside the columns there are is worth a column of a band, in
// tolerances: the density errs by its square.
constexpr double kSmallestColumn = 0.5;
// Potentials of several that the columns of a band are chosen for. Of B12 at screening 0.7 the
// error stays the same to 1e-4 of the largest density with a third, and doubles with only one.
constexpr std::size_t kChosenFor = 2;
// Solutions for the absorber's projectors and for these again. With one fewer at the ends the error
// at a narrow state of B12 is three times as large.
constexpr int kBandSolves = 2;
constexpr double kLeastTestHeight = 0.002;  // [hartree], 0.05 eV, where cells are narrower

// From here on fewer snapshots and nodes.
constexpr double kCoarseTolerance = 0.015;

// By how much a state of the model may lie beside its place [hartree], 0.05 meV: what single
// precision leaves of the projected operator (see ReducedModel). Both models miss it alike; it
// counts where the density is steep.
constexpr double kUnsureEnergy = 2e-6;
// [hartree] below the level outside for each snapshot there: solutions decay outside the atoms and
// change slowly with energy.
constexpr double kSnapshotBelow = 0.4;

// Columns that the first snapshots of a basis may fill: three snapshots of a tolerance of 0.02,
// five of 0.01, as a sphere of 5 Angstrom needs them for 24 eV.
constexpr double kMostColumns = 640.0;
// Snapshots of a stretch of several, and solves of each beyond those that their states ask for: at
// the end of a stretch there are none of the next. Of the crystal at 6 Angstrom without more the
// largest error is 5e-3, there.
constexpr int kOfLargeStretch = 2;
constexpr int kMoreSolves = 1;
constexpr double kRounding = 1e-6;  // of a number of snapshots

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

/// States of the empty sphere between two energies, one spin.
double states_between(double radius, double low, double high) {
  const auto below = [radius](double energy) {
    return 2.0 / (9.0 * kPi) * std::pow(std::sqrt(2.0 * std::max(energy, 0.0)) * radius, 3);
  };
  return below(high) - below(low);
}

/// Nodes of a band from one energy to another.
/// @param most, scale  of the settings
int nodes_between(double low, double high, int most, double scale) {
  return high - low < kNarrowBand * kWidthOfBand * scale ? most - 2 : most;
}

/// Limits of the bands of one side of a window, its ends among them: as few as hold no more than a
/// little over their width or states, all alike in that.
/// @param scale  of their widths
std::vector<double> band_limits(double radius, const EnergyRange& side, double scale) {
  const auto [low, high] = side;
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
/// and free. Densities are compared above the real axis: on it a state narrower than anything asked
/// for may lie at the very energy of the test.
/// @param axis      of the three
/// @param height    above the axis [hartree]
/// @param smallest  of a solution of unit length beside the columns there are that is worth a
/// column
void add_solution_columns(const InterpolationAxis& axis, const std::array<ProjectedOperator, 3>& at,
                          double height, double smallest, SolutionColumns& out) {
  for (const ProjectedOperator& p : at) {
    append_orthonormal(out.v, absorber_solutions(p, kBandSolves), smallest);
  }
  std::array<ProjectedOperator, 3> few = at;
  for (ProjectedOperator& p : few) p = restricted(p, out.v);
  const double low = axis.nodes().front();
  const double high = axis.nodes().back();
  for (const double x : {0.25, 0.75}) {
    const Complex energy(kinetic_at(low + x * (high - low)), height);
    const std::vector<Complex> c = axis.coefficients(outer_variable(energy));
    const double error = std::abs(density_of(absorber_green(combined(few, c))).trace() -
                                  density_of(absorber_green(combined(at, c))).trace());
    out.error = std::max(out.error, error);
  }
}

}  // namespace

/// What the operators of one potential at the nodes of bands are made of, the bands gone through in
/// rising order: where two touch, the last node of one is the first of the next.
class WindowModel::Nodes {
 public:
  Nodes(const WindowModel& model, const GridProblem& problem) : model_(model), problem_(problem) {}

  /// Goes on to one band.
  void move_to(const InterpolationAxis& axis) {
    const double first = axis.nodes().front();
    if (data_.empty() || std::abs(first - last_) > kSameNode) {
      data_.clear();
      diagonal_.resize(0, 0);
      at_end.reset();
    } else {
      data_.erase(data_.begin(), data_.end() - 1);
    }
    std::vector<double> energies;
    for (std::size_t i = data_.size(); i < axis.nodes().size(); ++i) {
      const double kinetic = kinetic_at(axis.nodes()[i]);
      energies.push_back(energy_of(problem_.model, kinetic,
                                   level_ ? *level_ : problem_.model.outer_level(kinetic)));
      level_ = energies.back() - kinetic;
    }
    std::ranges::move(node_data(problem_, model_.basis_.space(), energies, model_.between_steps_),
                      std::back_inserter(data_));
    last_ = axis.nodes().back();
    kinetic_.clear();
    for (const double w : axis.nodes()) kinetic_.push_back(kinetic_at(w));
  }

  /// The operator between all columns at the last node: the first of the next band.
  std::optional<ProjectedOperator> at_end;

  /// Every node of the band or every second.
  [[nodiscard]] std::vector<const NodeData*> every(std::size_t step) const {
    std::vector<const NodeData*> out;
    for (std::size_t i = 0; i < data_.size(); i += step) out.push_back(&data_[i]);
    return out;
  }

  /// At the ends of the band and a node between.
  [[nodiscard]] std::array<const NodeData*, 3> three(std::size_t between) const {
    return {&data_.front(), &data_[between], &data_.back()};
  }

  /// Diagonal of the grid between all columns there, linear in energy between the ends: near enough
  /// to choose columns by.
  /// @param from  if given, what the diagonal differs by from that of this potential
  std::array<Eigen::MatrixXd, 3> diagonals(std::size_t between, const Nodes* from) {
    const MPI_Comm comm = model_.frame_->comm;
    const auto part = [&](const NodeData& data, const NodeData* of_first) {
      model_.between_steps();
      const Eigen::VectorXd d =
          of_first ? Eigen::VectorXd(data.diagonal - of_first->diagonal) : data.diagonal;
      return diagonal_part(comm, model_.basis_.space(), d);
    };
    std::array<Eigen::MatrixXd, 3> out;
    out[0] = diagonal_.size() > 0 ? std::move(diagonal_)
                                  : part(data_.front(), from ? &from->data_.front() : nullptr);
    out[2] = part(data_.back(), from ? &from->data_.back() : nullptr);
    const double t = (kinetic_[between] - kinetic_.front()) / (kinetic_.back() - kinetic_.front());
    out[1] = (1.0 - t) * out[0] + t * out[2];
    diagonal_ = out[2];
    return out;
  }

 private:
  static constexpr double kSameNode = 1e-9;  // [1/bohr]
  const WindowModel& model_;
  const GridProblem& problem_;
  std::vector<NodeData> data_;
  std::vector<double> kinetic_;  // energies of the nodes
  Eigen::MatrixXd diagonal_;     // over the whole basis, at the last node; or empty
  std::optional<double> level_;  // outside, where it was last asked for
  double last_ = -1.0;
};

WindowSettings window_settings(double tolerance) {
  WindowSettings out;
  out.tolerance = tolerance;
  if (tolerance >= kCoarseTolerance) {
    out.states = 100.0;
    out.solves = 6;
    out.nodes = 7;
    out.band_scale = 1.5;
  }
  return out;
}

WindowCut WindowModel::cut(const GridFrame& frame, const std::vector<EnergyRange>& sides,
                           const WindowSettings& settings, int sources) {
  const double of_snapshot = 2.0 * sources * settings.solves;  // real and imaginary parts
  const double most = std::max(2.0, std::floor(kMostColumns / of_snapshot));
  const auto snapshots = static_cast<double>(first_snapshots(frame, sides, settings).size());
  const int count = static_cast<int>(std::ceil(snapshots / most));
  WindowCut out{{sides}, settings};
  if (count < 2 || sides.back().high < 0.0) return out;
  // Those above the level outside have as many states each; what lies below goes with the first.
  const EnergyRange above = sides.back();
  const double radius = frame.settings.radius;
  const double states = states_between(radius, above.low, above.high);
  if (settings.one_potential) {
    out.settings.states = states / (count * kOfLargeStretch);
    out.settings.solves =
        kMoreSolves +
        static_cast<int>(std::ceil(settings.solves * out.settings.states / settings.states));
  }
  for (int i = 1; i < count; ++i) {
    double low = above.low;
    double high = above.high;
    for (int step = 0; step < 50; ++step) {
      const double middle = 0.5 * (low + high);
      (states_between(radius, above.low, middle) < states * i / count ? low : high) = middle;
    }
    out.stretches.back().back().high = low;
    out.stretches.push_back({{low, above.high}});
  }
  return out;
}

WindowReport WindowModel::size(const GridFrame& frame, const std::vector<EnergyRange>& sides,
                               const WindowSettings& settings, int sources) {
  WindowReport size;
  const WindowCut window = cut(frame, sides, settings, sources);
  for (const std::vector<EnergyRange>& stretch : window.stretches) {
    for (const EnergyRange& side : stretch) {
      const auto limits = band_limits(frame.settings.radius, side, settings.band_scale);
      size.bands += static_cast<int>(limits.size()) - 1;
      ++size.nodes;
      for (std::size_t i = 0; i + 1 < limits.size(); ++i) {
        size.nodes +=
            nodes_between(limits[i], limits[i + 1], settings.nodes, settings.band_scale) - 1;
      }
    }
    const int snapshots = static_cast<int>(first_snapshots(frame, stretch, window.settings).size());
    const int solves = window.settings.solves * snapshots;
    size.snapshots += snapshots;
    size.solves += solves;
    size.columns = std::max(size.columns, 2 * sources * solves);
  }
  return size;
}

std::vector<double> WindowModel::first_snapshots(const GridFrame& frame,
                                                 const std::vector<EnergyRange>& sides,
                                                 const WindowSettings& settings) {
  std::vector<double> energies;
  for (const auto& [low, high] : sides) {
    // Of a narrow side below, those above hold what solutions there are.
    const bool below = high < 0.0;
    const double wanted = below
                              ? (high - low) / kSnapshotBelow
                              : states_between(frame.settings.radius, low, high) / settings.states;
    const int least = below ? (sides.size() > 1 ? 0 : 1) : 2;
    const int count = std::max(
        least, static_cast<int>(below ? std::round(wanted) : std::ceil(wanted - kRounding)));
    // Half way between places uniform in energy, where the states are, and in the wave number: the
    // narrow ones lie low.
    for (int i = 0; i < count; ++i) {
      const double x = (i + 0.5) / count;
      const double w = outer_variable(low) + x * (outer_variable(high) - outer_variable(low));
      energies.push_back(0.5 * (low + x * (high - low)) + 0.5 * kinetic_at(w));
    }
  }
  return energies;
}

WindowModel::WindowModel(std::shared_ptr<GridFrame> frame, const std::vector<EnergyRange>& sides,
                         const WindowSettings& settings)
    : frame_(std::move(frame)),
      between_steps_(settings.between_steps),
      band_scale_(settings.band_scale),
      nodes_(settings.nodes),
      smallest_column_(kSmallestColumn * settings.tolerance),
      smearing_(settings.smearing),
      basis_(frame_) {
  basis_.reserve(settings.solves *
                 static_cast<Eigen::Index>(first_snapshots(*frame_, sides, settings).size()));
  for (EnergyRange side : sides) {
    // Wide enough for the nodes of a band, away from the level outside.
    if (side.high < 0.0) {
      side.low = std::min(side.low, side.high - kLeastWidth);
    } else {
      side.high = std::max(side.high, side.low + kLeastWidth);
    }
    sides_.push_back(side);
  }
}

void WindowModel::between_steps() const {
  if (between_steps_) between_steps_();
}

void WindowModel::add_snapshot(GridProblem& problem, double kinetic, int solves) {
  Stopwatch watch;
  between_steps();
  basis_.add_snapshot(
      problem, energy_of(problem.model, kinetic, problem.model.outer_level(kinetic)), solves);
  ++report_.snapshots;
  report_.solves += solves;
  report_.basis_seconds += watch.lap();
}

void WindowModel::finish_basis() {
  Stopwatch watch;
  frame_->release_factor();  // half of the memory, and not needed for what follows
  basis_.finish();
  report_.columns = static_cast<int>(basis_.columns());
  report_.basis_seconds += watch.lap();
}

std::vector<WindowModel::BandModels> WindowModel::bands(
    const std::vector<EnergyCell>& cells) const {
  std::vector<BandModels> all;
  for (const EnergyRange& side : sides_) {
    const std::vector<double> limits = band_limits(frame_->settings.radius, side, band_scale_);
    for (std::size_t i = 0; i + 1 < limits.size(); ++i) {
      BandModels band{limits[i], limits[i + 1], limits[i + 1], limits[i]};
      // What lies on a limit belongs to the band above, at the end of a side to the last.
      if (i + 2 == limits.size()) {
        band.high = side.high < 0.0 ? 0.0 : std::numeric_limits<double>::infinity();
      }
      for (const EnergyCell& cell : cells) {
        if (cell.energy < band.low || cell.energy >= band.high) continue;
        band.bottom = std::min(band.bottom, cell.energy - cell.width);
        band.top = std::max(band.top, cell.energy + cell.width);
        band.widest_cell = std::max(band.widest_cell, cell.width);
      }
      if (band.bottom > band.top) continue;  // no energy in it
      // Wide enough for its nodes, and inside the side, beyond which the outer waves are not known.
      band.bottom = std::max(side.low, std::min(band.bottom, band.top - kLeastWidth));
      band.top = std::min(side.high, std::max(band.top, band.bottom + kLeastWidth));
      all.push_back(std::move(band));
    }
  }
  return all;
}

void WindowModel::fill(BandModel& band, const std::vector<OuterOverlap>& outer,
                       const std::vector<const NodeData*>& nodes,
                       const std::vector<std::vector<const NodeData*>>& potentials) const {
  const Eigen::MatrixXd& v = band.v;
  const std::size_t of_differences = potentials.size() > 1 ? potentials.front().size() : 0;
  std::vector<Eigen::VectorXd> diagonals;
  for (const NodeData* node : nodes) diagonals.push_back(node->diagonal);
  for (std::size_t i = 0; i < of_differences; ++i) {
    for (std::size_t p = 1; p < potentials.size(); ++p) {
      diagonals.emplace_back(potentials[p][i]->diagonal - potentials.front()[i]->diagonal);
    }
  }
  between_steps();
  const std::vector<Eigen::MatrixXd> parts =
      diagonal_parts(frame_->comm, basis_.space(), v, diagonals);
  auto part = parts.begin();

  const Eigen::MatrixXd half = basis_.kinetic() * v;
  const Eigen::MatrixXd kinetic = v.transpose() * half;
  std::vector<ProjectedOperator> all;  // of the first potential
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    all.push_back(
        {rest_of(kinetic, restricted(outer[i], v), *part++), nodes[i]->y * v, nodes[i]->b});
  }
  // At the nodes of the differences R of the first potential left out of all of them.
  for (std::size_t i = 0; i < of_differences; ++i) {
    for (const auto& of_potential : potentials) {
      const NodeData& data = *of_potential[i];
      const bool first = &of_potential == &potentials.front();
      all.push_back({first ? Eigen::MatrixXcd::Zero(v.cols(), v.cols())
                           : Eigen::MatrixXcd(part++->cast<Complex>()),
                     data.y * v, data.b});
    }
  }
  fold_surroundings(all);
  for (std::size_t first = nodes.size(); first < all.size(); first += potentials.size()) {
    auto& here = band.differences.emplace_back();
    for (std::size_t p = 1; p < potentials.size(); ++p) {
      here.push_back(difference(all[first + p], all[first]));
    }
  }
  all.resize(nodes.size());
  band.nodes = std::move(all);
}

WindowModel::BandModel WindowModel::smaller(const BandModel& full, Eigen::Index columns,
                                            std::size_t others) {
  const auto every_second = [](const std::vector<double>& all) {
    std::vector<double> out;
    for (std::size_t i = 0; i < all.size(); i += 2) out.push_back(all[i]);
    return out;
  };
  BandModel out{full.v.leftCols(columns),
                InterpolationAxis::through(every_second(full.axis.nodes())),
                {},
                0.0,
                full.difference_axis};
  for (std::size_t i = 0; i < full.nodes.size(); i += 2) {
    out.nodes.push_back(first_columns(full.nodes[i], columns));
  }
  // Of the differences one less: it sees what these lack.
  std::vector<double> places;
  const std::size_t left_out = full.differences.size() / 2;
  for (std::size_t i = 0; i < full.differences.size(); ++i) {
    if (i == left_out) continue;
    places.push_back(full.difference_axis.nodes()[i]);
    auto& here = out.differences.emplace_back();
    for (std::size_t p = 0; p < others; ++p) {
      here.push_back(first_columns(full.differences[i][p], columns));
    }
  }
  if (!places.empty()) out.difference_axis = InterpolationAxis::through(std::move(places));
  return out;
}

void WindowModel::project_band(BandModels& band, std::vector<Nodes>& potentials, std::size_t few) {
  Stopwatch watch;
  const auto axis = [&](int count) {
    return InterpolationAxis::lobatto(outer_variable(band.bottom), outer_variable(band.top), count);
  };
  // All nodes of the band for the first potential, every second for the others.
  const int count = nodes_between(band.bottom, band.top, nodes_, band_scale_);
  const InterpolationAxis of_all = axis(count);
  const InterpolationAxis of_half = axis((count + 1) / 2);
  Nodes& first = potentials.front();
  for (Nodes& nodes : potentials) nodes.move_to(&nodes == &first ? of_all : of_half);
  report_.data_seconds += watch.lap();
  std::vector<OuterOverlap> outer;
  for (const double w : of_all.nodes()) outer.push_back(basis_.outer(wave_number_at(w)));
  report_.outer_seconds += watch.lap();

  const double height = test_height(band);
  // Near the middle of the band a node that all potentials have.
  const std::size_t of_others = of_half.nodes().size() / 2;
  const std::size_t of_one = potentials.size() > 1 ? 2 * of_others : of_all.nodes().size() / 2;
  const auto of_three = InterpolationAxis::through(
      {of_all.nodes().front(), of_all.nodes()[of_one], of_all.nodes().back()});
  const std::array<const OuterOverlap*, 3> of_outer = {&outer.front(), &outer[of_one],
                                                       &outer.back()};
  // Those of the smaller model first: its operators are corners of those of the larger.
  std::vector<std::array<ProjectedOperator, 3>> whole(std::min(few, kChosenFor));
  SolutionColumns nested{Eigen::MatrixXd(basis_.nested_columns(), 0)};
  for (std::size_t p = 0; p < whole.size(); ++p) {
    const std::size_t between = p > 0 ? of_others : of_one;
    const std::array<Eigen::MatrixXd, 3> diagonals =
        potentials[p].diagonals(between, p > 0 ? &first : nullptr);
    const std::array<const NodeData*, 3> data = potentials[p].three(between);
    std::array<ProjectedOperator, 3> corner;
    for (std::size_t i = 0; i < corner.size(); ++i) {
      if (i == 0 && potentials[p].at_end) {
        whole[p][i] = std::move(*potentials[p].at_end);
      } else if (p == 0) {
        whole[p][i] = {rest_of(basis_.kinetic(), *of_outer[i], diagonals[i]), data[i]->y,
                       data[i]->b};
      } else {
        whole[p][i] = {whole[0][i].rest, data[i]->y, data[i]->b};
        whole[p][i].rest.real() += diagonals[i];
      }
      corner[i] = first_columns(whole[p][i], basis_.nested_columns());
    }
    add_solution_columns(of_three, corner, height, smallest_column_, nested);
  }
  SolutionColumns full{Eigen::MatrixXd::Zero(basis_.columns(), nested.v.cols())};
  full.v.topRows(nested.v.rows()) = nested.v;
  for (const auto& one : whole) {
    add_solution_columns(of_three, one, height, smallest_column_, full);
  }
  for (std::size_t p = 0; p < whole.size(); ++p) {
    potentials[p].at_end = std::move(whole[p].back());
  }
  whole.clear();
  report_.band_columns = std::max(report_.band_columns, static_cast<int>(full.v.cols()));
  report_.project_seconds += watch.lap();

  std::vector<std::vector<const NodeData*>> all = {first.every(2)};
  for (std::size_t p = 1; p < potentials.size(); ++p) all.push_back(potentials[p].every(1));
  band.full = {std::move(full.v), of_all, {}, full.error, of_half};
  fill(*band.full, outer, first.every(1), all);
  band.fewer = smaller(*band.full, nested.v.cols(), few - 1);
  band.fewer->error = nested.error;
  report_.band_seconds += watch.lap();
}

void WindowModel::project(const std::vector<const GridProblem*>& potentials, std::size_t few,
                          const std::vector<EnergyCell>& cells,
                          const std::function<void(BandModels)>& use) {
  std::vector<Nodes> nodes;
  for (const GridProblem* problem : potentials) nodes.emplace_back(*this, *problem);
  const auto others = static_cast<int>(potentials.size()) - 1;
  ++report_.nodes;
  for (BandModels& band : bands(cells)) {
    project_band(band, nodes, few);
    ++report_.bands;
    const int count = static_cast<int>(band.full->axis.nodes().size());
    report_.nodes += count - 1 + others * (count - 1) / 2;
    use(std::move(band));
  }
}

double WindowModel::test_height(const BandModels& band) {
  return std::max(0.5 * band.widest_cell, kLeastTestHeight);
}

WindowModel::MemberBand WindowModel::member_band(const BandModel& model,
                                                 const std::vector<double>& shares,
                                                 double height) const {
  std::vector<ProjectedOperator> at = model.nodes;
  if (shares.size() == 1) return {model.v, EnergyBand(model.axis, std::move(at)), model.error};
  for (std::size_t i = 0; i < model.differences.size(); ++i) {
    OperatorDifference of_member;
    for (std::size_t p = 1; p < shares.size(); ++p) {
      add(shares[p], model.differences[i][p - 1], of_member);
    }
    for (std::size_t node = 0; node < at.size(); ++node) {
      const double c = model.difference_axis.coefficients(model.axis.nodes()[node])[i];
      if (c != 0.0) add(c, of_member, at[node]);
    }
  }
  // Fewer columns than all potentials together need.
  const InterpolationAxis three =
      InterpolationAxis::lobatto(model.axis.nodes().front(), model.axis.nodes().back(), 3);
  std::array<ProjectedOperator, 3> here;
  for (std::size_t i = 0; i < here.size(); ++i) {
    here[i] = combined(at, model.axis.coefficients(three.nodes()[i]));
  }
  SolutionColumns own{Eigen::MatrixXd(model.v.cols(), 0)};
  add_solution_columns(three, here, height, smallest_column_, own);
  for (ProjectedOperator& p : at) p = restricted(p, own.v);
  return {model.v * own.v, EnergyBand(model.axis, std::move(at)), model.error + own.error};
}

WindowModel::Density WindowModel::density(const AtomOnGrid& absorber, double energy,
                                          const EnergyCell& cell, const MemberBand& full,
                                          const MemberBand& fewer) const {
  AtomAtEnergy at = absorber.at(energy);
  const Eigen::MatrixXd on_basis = basis_.absorber_overlap(at);
  const AbsorberOverlap exact{on_basis * full.v, at.strength};
  const CellBand here = full.band.about(cell, exact);
  const double smeared = here.smeared();
  const double of_fewer =
      fewer.band.smeared_density(cell, {on_basis * fewer.v, at.strength}, 0.5 * cell.width).trace();
  Density out;
  out.rho = here.density();
  out.difference =
      std::abs(smeared - of_fewer) + full.error + std::abs(here.smeared(kUnsureEnergy) - smeared);
  out.waves = std::move(at.waves);
  if (smearing_ > 0.0) out.smeared = full.band.smeared_density(cell, exact, smearing_);
  return out;
}

void WindowModel::solve_band(const BandModels& band, const Shares& shares,
                             const AtomOnGrid& absorber, const std::vector<double>& energies,
                             const std::vector<EnergyCell>& cells, const Take& take) {
  const auto serves = [&band](const EnergyCell& cell) {
    return cell.energy >= band.low && cell.energy < band.high;
  };
  if (std::ranges::none_of(cells, serves)) return;
  Stopwatch watch;
  between_steps();
  const MemberBand full = member_band(*band.full, shares.full, test_height(band));
  const MemberBand fewer = member_band(*band.fewer, shares.fewer, test_height(band));
  for (std::size_t e = 0; e < cells.size(); ++e) {
    if (serves(cells[e])) take(e, density(absorber, energies[e], cells[e], full, fewer));
  }
  report_.solve_seconds += watch.lap();
}

void WindowModel::solve(const std::vector<BandModels>& bands, const Shares& shares,
                        const AtomOnGrid& absorber, const std::vector<double>& energies,
                        const std::vector<EnergyCell>& cells, const Take& take) {
  for (const BandModels& band : bands) solve_band(band, shares, absorber, energies, cells, take);
}

void WindowModel::solve_alone(const GridProblem& problem, const AtomOnGrid& absorber,
                              const std::vector<double>& energies,
                              const std::vector<EnergyCell>& cells, const Take& take) {
  project({&problem}, 1, cells,
          [&](const BandModels& band) { solve_band(band, {}, absorber, energies, cells, take); });
}

}  // namespace kedge::fdm
