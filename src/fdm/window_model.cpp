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
#include "outer_variable.hpp"

namespace kedge::fdm {
namespace {

constexpr double kLeastWidth = 0.01;  // [hartree]: of the nodes of a band

// What of a solution of unit length beside the columns there are is worth a column of a band, in
// tolerances: the density errs by its square.
constexpr double kSmallestColumn = 0.5;
// Potentials of several that the columns of a band are chosen for. Of B12 at screening 0.7 the
// error stays the same to 1e-4 of the largest density with a third, and doubles with only one.
constexpr std::size_t kChosenFor = 2;
constexpr double kLeastTestHeight = 0.002;  // [hartree], 0.05 eV, where cells are narrower

// By how much a state of the model may lie beside its place [hartree], 0.05 meV: what single
// precision leaves of the projected operator (see ReducedModel). Both models miss it alike; it
// counts where the density is steep.
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

}  // namespace

WindowModel::WindowModel(std::shared_ptr<GridFrame> frame, const std::vector<EnergyRange>& sides,
                         const WindowSettings& settings)
    : frame_(std::move(frame)),
      between_steps_(settings.between_steps),
      band_scale_(settings.band_scale),
      nodes_(settings.nodes),
      smallest_column_(kSmallestColumn * settings.tolerance),
      smearing_(settings.smearing),
      basis_(frame_) {
  basis_.reserve(
      settings.solves *
      static_cast<Eigen::Index>(first_snapshots(frame_->settings.radius, sides, settings).size()));
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
                       const BandNodes& potentials) const {
  const Eigen::MatrixXd& v = band.v;
  const std::vector<NodeData>& first = potentials.at(0);
  // Of the others what their diagonals differ by from that of the first, which has twice the nodes.
  const std::size_t of_differences = band.difference_axis.nodes().size();
  std::vector<Eigen::VectorXd> diagonals;
  for (const NodeData& node : first) diagonals.push_back(node.diagonal);
  for (std::size_t p = 1; p < potentials.potentials(); ++p) {
    for (std::size_t i = 0; i < of_differences; ++i) {
      diagonals.emplace_back(potentials.at(p)[i].diagonal - first[2 * i].diagonal);
    }
  }
  between_steps();
  const std::vector<Eigen::MatrixXd> parts =
      diagonal_parts(frame_->comm, basis_.space(), v, diagonals);
  auto part = parts.begin();

  const Eigen::MatrixXd half = basis_.kinetic() * v;
  const Eigen::MatrixXd kinetic = v.transpose() * half;
  std::vector<ProjectedOperator> all;
  for (std::size_t i = 0; i < first.size(); ++i) {
    all.push_back({rest_of(kinetic, restricted(outer[i], v), *part++), first[i].y * v, first[i].b});
  }
  // At the nodes of the differences of each potential R without that of the first.
  if (potentials.potentials() > 1) {
    const Eigen::MatrixXcd nothing = Eigen::MatrixXcd::Zero(v.cols(), v.cols());
    for (std::size_t i = 0; i < of_differences; ++i) {
      all.push_back({nothing, all[2 * i].y, all[2 * i].b});
    }
  }
  for (std::size_t p = 1; p < potentials.potentials(); ++p) {
    for (const NodeData& node : potentials.at(p)) {
      all.push_back({part++->cast<Complex>(), node.y * v, node.b});
    }
  }
  fold_surroundings(all);
  const auto at_differences = [&](std::size_t p) { return first.size() + p * of_differences; };
  if (potentials.potentials() > 1) band.differences.resize(of_differences);
  for (std::size_t i = 0; i < band.differences.size(); ++i) {
    for (std::size_t p = 1; p < potentials.potentials(); ++p) {
      band.differences[i].push_back(
          difference(all[at_differences(p) + i], all[at_differences(0) + i]));
    }
  }
  all.resize(first.size());
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

WindowModel::BandColumns WindowModel::choose_columns(BandNodes& potentials, std::size_t count,
                                                     const InterpolationAxis& axis,
                                                     const std::vector<OuterOverlap>& outer,
                                                     double height) const {
  const auto of_three = InterpolationAxis::through(
      {axis.nodes().front(), axis.nodes()[potentials.middle()], axis.nodes().back()});
  const auto whole = potentials.ends_and_middle(count, outer);
  // Those of the smaller model first: its operators are corners of those of the larger.
  BandColumns out{{Eigen::MatrixXd(basis_.nested_columns(), 0)}, {}};
  for (const auto& one : whole) {
    std::array<ProjectedOperator, 3> corner;
    for (std::size_t i = 0; i < corner.size(); ++i) {
      corner[i] = first_columns(one[i], basis_.nested_columns());
    }
    add_solution_columns(of_three, corner, height, smallest_column_, out.nested);
  }
  out.full.v = Eigen::MatrixXd::Zero(basis_.columns(), out.nested.v.cols());
  out.full.v.topRows(basis_.nested_columns()) = out.nested.v;
  for (const auto& one : whole) {
    add_solution_columns(of_three, one, height, smallest_column_, out.full);
  }
  return out;
}

void WindowModel::project_band(BandModels& band, BandNodes& potentials, std::size_t few) {
  Stopwatch watch;
  const auto axis = [&](int count) {
    return InterpolationAxis::lobatto(outer_variable(band.bottom), outer_variable(band.top), count);
  };
  // All nodes of the band for the first potential, every second for the others.
  const int count = nodes_between(band.bottom, band.top, nodes_, band_scale_);
  const InterpolationAxis of_all = axis(count);
  const InterpolationAxis of_half = axis((count + 1) / 2);
  potentials.move_to(of_all, of_half);
  report_.data_seconds += watch.lap();
  std::vector<OuterOverlap> outer;
  for (const double w : of_all.nodes()) outer.push_back(basis_.outer(wave_number_at(w)));
  report_.outer_seconds += watch.lap();

  BandColumns columns =
      choose_columns(potentials, std::min(few, kChosenFor), of_all, outer, test_height(band));
  report_.band_columns = std::max(report_.band_columns, static_cast<int>(columns.full.v.cols()));
  report_.project_seconds += watch.lap();

  band.full = {std::move(columns.full.v), of_all, {}, columns.full.error, of_half};
  fill(*band.full, outer, potentials);
  band.fewer = smaller(*band.full, columns.nested.v.cols(), few - 1);
  band.fewer->error = columns.nested.error;
  report_.band_seconds += watch.lap();
}

void WindowModel::project(const std::vector<const GridProblem*>& potentials, std::size_t few,
                          const std::vector<EnergyCell>& cells,
                          const std::function<void(BandModels)>& use) {
  BandNodes nodes(basis_, potentials, between_steps_);
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
