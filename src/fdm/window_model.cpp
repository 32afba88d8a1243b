// SPDX-License-Identifier: BSD-3-Clause
#include "window_model.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "kedge/core/units.hpp"
#include "kedge/math/hermitian_eigen.hpp"
#include "orthonormal_columns.hpp"

namespace kedge::fdm {
namespace {

constexpr int kFewestNodes = 10;
// States of the empty sphere in a band, and its width [hartree]: about as much as few columns hold well.
constexpr double kStatesOfBand = 20.0;
constexpr double kWidthOfBand = 0.08;
// Of the largest singular value of the diagonals: about 1e-5 hartree in the potential of a node, below the accuracy of the potential's own
// tables.
constexpr double kSmallestMode = 3e-5;
// The outer waves are smoother in the wave number than atoms and potential, which have the cusps of exchange and correlation.
constexpr int kFewestOuterNodes = 8;
constexpr double kOuterPhase = 1.0;
// What of a solution of unit length beside the columns there are is worth a column of a band.
constexpr double kSmallestColumn = 1e-4;
// Nodes of a band, of EnergyBand::kNodes, at which the operator of a family is solved for its columns.
constexpr std::array<std::size_t, 2> kShifts = {1, 6};

// By how much a state of the model may lie beside its place [hartree], 0.05 meV: what single precision leaves of the projected operator (see
// ReducedModel) and the modes of the potential. Both models miss it alike; it counts where the density is steep.
constexpr double kUnsureEnergy = 2e-6;

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

double wave_number(double kinetic) { return std::sqrt(2.0 * kinetic); }

/// States of the empty sphere between two energies, one spin.
double states_between(double radius, double low, double high) {
  return 2.0 / (9.0 * kPi) * (std::pow(wave_number(high) * radius, 3) - std::pow(wave_number(low) * radius, 3));
}

// Of the densities that the interpolation is tested by [hartree]: half the width of a cell of 0.25 eV.
constexpr double kSmearing = 0.0046;

/// Trace of -Im G/pi at an energy so far above the real axis.
double smeared_trace(ProjectedOperator p, double width) {
  p.rest.diagonal().imag().array() -= width;
  return (-1.0 / kPi) * absorber_green(p, p.rest.cols()).imag().trace();
}

// Snapshots in a family for each of one potential.
constexpr double kSnapshotsOfFamily = 1.25;

/// What of the operator at one energy of one potential goes into the table, this rank's rows.
struct NodeData {
  std::vector<Eigen::MatrixXf> columns;  // X of each atom
  std::vector<Eigen::MatrixXd> b;
  Eigen::VectorXf diagonal;
};

NodeData node_data(const GridProblem& problem, double energy, std::vector<std::vector<Eigen::Index>>& rows) {
  const std::vector<AtomAtEnergy> at = problem.atoms_at(energy);
  const std::vector<double> d = problem.diagonal(energy, at);
  NodeData out;
  out.diagonal = Eigen::Map<const Eigen::VectorXd>(d.data(), static_cast<Eigen::Index>(d.size())).cast<float>();
  std::vector<Border::Atom> blocks = problem.projector_blocks(at);
  rows.clear();
  for (std::size_t a = 0; a < blocks.size(); ++a) {
    out.columns.push_back(blocks[a].columns.cast<float>());
    out.b.push_back(at[a].strength);
    rows.push_back(std::move(blocks[a].rows));
  }
  return out;
}

std::pair<double, double> ends_of(const std::vector<WindowModel::Member>& members) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const auto& member : members) {
    for (const EnergyCell& cell : member.cells) {
      low = std::min(low, cell.low);
      high = std::max(high, cell.high);
    }
  }
  return {low, high};
}

}  // namespace

WindowReport WindowModel::size(const GridFrame& frame, double low, double high, std::size_t places, const WindowSettings& settings) {
  const double radius = frame.settings.radius;
  const double phase = (wave_number(high) - wave_number(low)) * radius;
  WindowReport size;
  size.places = static_cast<int>(places);
  const bool family = places > 1;
  size.nodes = std::max(kFewestNodes, static_cast<int>(std::ceil(phase / settings.node_phase)) + 1);
  size.snapshots = std::max(
      2, static_cast<int>(std::ceil((family ? kSnapshotsOfFamily : 1.0) * states_between(radius, low, high) / settings.states)));
  size.snapshots += static_cast<int>(settings.snapshots.size());
  return size;
}

WindowModel::WindowModel(std::shared_ptr<GridFrame> frame, const ParameterPlaces& places, const PlaceAt& at,
                         const std::vector<Member>& members, const WindowSettings& settings)
    : frame_(std::move(frame)),
      places_(places),
      at_(at),
      between_steps_(settings.between_steps),
      asked_snapshots_(settings.snapshots),
      low_(ends_of(members).first),
      high_(ends_of(members).second),
      report_(size(*frame_, low_, high_, places.places().size(), settings)),
      basis_(frame_, report_.snapshots, settings.solves),
      table_(table()) {}

OperatorTable WindowModel::table() {
  const InterpolationAxis axis = InterpolationAxis::blended(wave_number(low_), wave_number(high_), report_.nodes);
  const std::size_t n_places = places_.places().size();
  const std::size_t n_nodes = axis.nodes().size();
  const double phase = (wave_number(high_) - wave_number(low_)) * frame_->settings.radius;
  const int outer_nodes = kFewestOuterNodes + static_cast<int>(phase / kOuterPhase);
  OperatorTable out{axis, InterpolationAxis::chebyshev(wave_number(low_), wave_number(high_), outer_nodes), n_places, {}, {}, {}, {}, {}};

  std::vector<NodeData> data(n_nodes * n_places);
  std::vector<std::vector<Eigen::Index>> rows;  // of each atom's projectors, the same everywhere
  Stopwatch watch;
  const std::vector<std::size_t> outermost = places_.outermost();
  std::vector<double> snapshots = asked_snapshots_;
  const std::size_t spread = static_cast<std::size_t>(report_.snapshots) - snapshots.size();
  for (std::size_t i = 0; i < spread; ++i) snapshots.push_back(low_ + (high_ - low_) * (static_cast<double>(i) + 0.5) / static_cast<double>(spread));
  for (std::size_t place = 0; place < n_places; ++place) {
    const Place here = at_(places_.places()[place]);
    report_.place_seconds += watch.lap();
    for (std::size_t i = 0; i < snapshots.size(); ++i) {
      if (outermost[i % outermost.size()] != place) continue;
      if (between_steps_) between_steps_();
      basis_.add_snapshot(*here.problem, energy_of(here.problem->model, snapshots[i]));
    }
    frame_->release_factor();  // half of the memory, and not needed for what follows
    report_.basis_seconds += watch.lap();
    for (std::size_t i = 0; i < n_nodes; ++i) {
      const double k = axis.nodes()[i];
      if (between_steps_) between_steps_();
      data[i * n_places + place] = node_data(*here.problem, energy_of(here.problem->model, 0.5 * k * k), rows);
    }
    report_.data_seconds += watch.lap();
  }
  basis_.finish();
  report_.columns = static_cast<int>(basis_.columns());
  report_.basis_seconds += watch.lap();

  out.fixed = basis_.kinetic();
  for (const double k : out.k_outer.nodes()) out.outer.push_back(basis_.outer(k).cast<std::complex<float>>());

  Eigen::Index waves = 0;
  for (const Eigen::MatrixXd& b : data[0].b) waves += b.rows();
  for (NodeData& node : data) out.atoms.push_back({Eigen::MatrixXf(waves, basis_.columns()), std::move(node.b)});
  Eigen::Index first = 0;
  for (std::size_t a = 0; a < rows.size(); ++a) {
    const Eigen::MatrixXf q = basis_.rows(rows[a]);
    for (std::size_t i = 0; i < data.size(); ++i) {
      out.atoms[i].y.middleRows(first, data[i].columns[a].cols()).noalias() = data[i].columns[a].transpose() * q;
    }
    first += data[0].columns[a].cols();
  }
  for (AtomsAtNode& node : out.atoms) {
    Eigen::MatrixXd y = node.y.cast<double>();
    sum_over_ranks(frame_->comm, y.data(), static_cast<std::size_t>(y.size()));
    node.y = y.cast<float>();
  }

  const auto count = static_cast<Eigen::Index>(data.size());
  Eigen::MatrixXf diagonals(frame_->rows(), count);
  for (Eigen::Index i = 0; i < count; ++i) diagonals.col(i) = data[static_cast<std::size_t>(i)].diagonal;
  data.clear();
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(count, count);
  constexpr Eigen::Index kRows = 4096;
  for (Eigen::Index from = 0; from < diagonals.rows(); from += kRows) {
    const Eigen::MatrixXd part = diagonals.middleRows(from, std::min(kRows, diagonals.rows() - from)).cast<double>();
    gram.noalias() += part.transpose() * part;
  }
  sum_over_ranks(frame_->comm, gram.data(), static_cast<std::size_t>(gram.size()));
  const auto eigen = math::hermitian_eigen(std::move(gram));
  const double least = kSmallestMode * kSmallestMode * eigen.values(count - 1);
  const Eigen::Index modes = (eigen.values.array() > least).count();
  out.diagonal = eigen.vectors.rightCols(modes).transpose();
  out.modes.resize(out.columns() * out.columns(), modes);
  for (Eigen::Index m = 0; m < modes; ++m) {
    if (between_steps_) between_steps_();
    const Eigen::VectorXf weights = out.diagonal.row(m).transpose().cast<float>();
    const Eigen::VectorXf mode = diagonals * weights;
    Eigen::Map<Eigen::MatrixXf>(out.modes.col(m).data(), out.columns(), out.columns()) = basis_.diagonal(mode.cast<double>()).cast<float>();
  }
  report_.modes = static_cast<int>(modes);
  report_.project_seconds += watch.lap();
  return out;
}

ProjectedOperator WindowModel::projected(const GridProblem& problem, double wave_number) const {
  std::vector<std::vector<Eigen::Index>> rows;
  NodeData data = node_data(problem, energy_of(problem.model, 0.5 * wave_number * wave_number), rows);
  ProjectedOperator out;
  out.rest = basis_.outer(wave_number);
  out.rest.real() += basis_.kinetic() + basis_.diagonal(data.diagonal.cast<double>());
  Eigen::Index waves = 0;
  for (const Eigen::MatrixXd& b : data.b) waves += b.rows();
  out.y.resize(waves, basis_.columns());
  Eigen::Index first = 0;
  for (std::size_t a = 0; a < rows.size(); ++a) {
    const Eigen::MatrixXf y = data.columns[a].transpose() * basis_.rows(rows[a]);
    out.y.middleRows(first, y.rows()) = y.cast<double>();
    first += y.rows();
  }
  sum_over_ranks(frame_->comm, out.y.data(), static_cast<std::size_t>(out.y.size()));
  out.b = std::move(data.b);
  return out;
}

double WindowModel::tested(const std::vector<Member>& members, const std::vector<std::vector<Density>>& densities) const {
  std::size_t farthest = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (places_.remoteness(members[i].parameters) > places_.remoteness(members[farthest].parameters)) farthest = i;
  }
  const Member& member = members[farthest];
  if (places_.remoteness(member.parameters) == 0.0) return 0.0;  // all members are places
  const auto trace = [](const Density& d) { return d.rho.trace(); };
  const auto largest = std::ranges::max_element(densities[farthest], {}, trace) - densities[farthest].begin();
  const Place here = at_(member.parameters);
  const std::vector<double> of_place = places_.coefficients(member.parameters);
  double worst = 0.0;
  for (const std::ptrdiff_t step : {-1, 0, 1}) {
    const std::ptrdiff_t e = largest + step;
    if (e < 0 || e >= static_cast<std::ptrdiff_t>(member.cells.size())) continue;
    if (between_steps_) between_steps_();
    const double k = wave_number(member.cells[static_cast<std::size_t>(e)].energy);
    const ProjectedOperator exact = projected(*here.problem, k);
    ProjectedOperator interpolated = table_.at(k, of_place, Level::full, basis_.columns());
    // As in solve(), where the absorber is the member's own.
    interpolated.y.topRows(exact.b.front().rows()) = exact.y.topRows(exact.b.front().rows());
    interpolated.b.front() = exact.b.front();
    worst = std::max(worst, std::abs(smeared_trace(exact, kSmearing) - smeared_trace(interpolated, kSmearing)));
  }
  return worst;
}

std::vector<WindowModel::Band> WindowModel::bands(const std::vector<Member>& members) const {
  constexpr double kLeastWidth = 0.01;  // [hartree]: of the nodes of a band
  const double radius = frame_->settings.radius;
  std::vector<Band> all;
  for (double first = low_; first < high_;) {
    double last = std::min(high_, first + kWidthOfBand);
    while (states_between(radius, first, last) > kStatesOfBand) last = first + 0.9 * (last - first);
    if (high_ - last < 0.3 * (last - first)) last = high_;
    Band band{first, last, last, first};
    for (const Member& member : members) {
      for (const EnergyCell& cell : member.cells) {
        if (cell.energy < first || (cell.energy >= last && last < high_)) continue;
        band.bottom = std::min(band.bottom, cell.low);
        band.top = std::max(band.top, cell.high);
      }
    }
    if (band.bottom <= band.top) {
      // Wide enough for its nodes, and inside the window, beyond which the operator is not known.
      band.bottom = std::max(low_, std::min(band.bottom, band.top - kLeastWidth));
      band.top = std::max(band.top, band.bottom + kLeastWidth);
      all.push_back(band);
    }
    first = last;
  }
  return all;
}

Eigen::Index WindowModel::columns(Level level) const { return level == Level::full ? basis_.columns() : basis_.nested_columns(); }

WindowModel::BandTable WindowModel::band_table(const Band& band, Level level) const {
  const InterpolationAxis axis = InterpolationAxis::chebyshev(wave_number(band.bottom), wave_number(band.top), EnergyBand::kNodes);
  const OperatorTable wide = table_.on(axis, level, columns(level));
  Eigen::MatrixXd v(wide.columns(), 0);
  for (const std::size_t shift : kShifts) {
    for (const std::size_t place : places_.outermost()) {
      std::vector<double> of_place(wide.places, 0.0);
      of_place[place] = 1.0;
      append_orthonormal(v, absorber_solutions(wide.at(axis.nodes()[shift], of_place, Level::full, wide.columns())), kSmallestColumn);
    }
  }
  OperatorTable narrow = wide.restricted(v);
  return {std::move(v), std::move(narrow)};
}

EnergyBand WindowModel::energy_band(const Band& band, const BandTable* narrow, const Parameters& at, Level level) const {
  const std::vector<double> of_place = places_.coefficients(at);
  const OperatorTable& table = narrow != nullptr ? narrow->table : table_;
  // A band's own nodes are the only ones that are asked for there.
  const Level in_energy = narrow != nullptr ? Level::full : level;
  const Eigen::Index n = narrow != nullptr ? table.columns() : columns(level);
  return {[&, n](double kinetic) { return table.at(wave_number(kinetic), of_place, in_energy, n); }, n, 0.0, band.bottom, band.top};
}

std::vector<std::vector<WindowModel::Density>> WindowModel::solve(const std::vector<Member>& members) {
  std::vector<std::vector<Density>> out;
  for (const Member& member : members) out.emplace_back(member.cells.size());
  Stopwatch watch;
  for (const Band& band : bands(members)) {
    std::optional<BandTable> full;
    std::optional<BandTable> lower;
    if (table_.places > 1) {
      full = band_table(band, Level::full);
      lower = band_table(band, Level::lower);
      report_.band_columns = std::max(report_.band_columns, static_cast<int>(full->table.columns()));
    }
    report_.band_seconds += watch.lap();
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (between_steps_) between_steps_();
      const Member& member = members[i];
      std::optional<EnergyBand> here;
      std::optional<EnergyBand> nearly;
      for (std::size_t e = 0; e < member.cells.size(); ++e) {
        const EnergyCell& cell = member.cells[e];
        if (cell.energy < band.low || (cell.energy >= band.high && band.high < high_)) continue;
        if (!here) {
          here.emplace(energy_band(band, full ? &*full : nullptr, member.parameters, Level::full));
          nearly.emplace(energy_band(band, lower ? &*lower : nullptr, member.parameters, Level::lower));
        }
        AtomAtEnergy absorber = member.absorber->at(member.energies[e]);
        Eigen::MatrixXd overlap = basis_.absorber_overlap(absorber);
        Eigen::MatrixXd nested = overlap.leftCols(basis_.nested_columns());
        if (full) {
          overlap = (overlap * full->columns).eval();
          nested = (nested * lower->columns).eval();
        }
        Density& density = out[i][e];
        density.rho = here->density(cell, overlap, absorber.strength);
        const auto smeared_at = [&](double shift) {
          return here->smeared({cell.energy + shift, cell.low + shift, cell.high + shift}, overlap, absorber.strength);
        };
        density.difference = std::abs(smeared_at(0.0) - nearly->smeared(cell, nested, absorber.strength)) + here->error() +
                             0.5 * std::abs(smeared_at(kUnsureEnergy) - smeared_at(-kUnsureEnergy));
        density.waves = std::move(absorber.waves);
      }
    }
    report_.solve_seconds += watch.lap();
  }
  if (table_.places > 1) {
    report_.untabulated = tested(members, out);
    for (std::vector<Density>& member : out) {
      for (Density& density : member) density.difference += report_.untabulated;
    }
    report_.solve_seconds += watch.lap();
  }
  return out;
}

}  // namespace kedge::fdm
