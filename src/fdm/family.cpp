// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/family.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "engine_parts.hpp"
#include "kedge/core/error.hpp"
#include "kedge/parallel/memory.hpp"
#include "parameter_nodes.hpp"
#include "window_model.hpp"

namespace kedge::fdm {
namespace {

// What the smaller model lacks exceeds what the larger one does. What both miss alike is not seen
// by the difference: up to 3e-4 of the largest density beside what the place of a narrow state does
// (48 direct solves of B12, N2 and LiF, docs/accuracy.md). An observation, not a bound.
constexpr double kUnseenError = 1.5e-3;
constexpr int kMostModels = 6;

// Degree of the polynomials in the parameters, and of those of the smaller models; of B12 between
// screening 0 and 1 (docs/accuracy.md).
constexpr int kDegree = 4;
constexpr int kLowerDegree = 3;
// The narrow states of all members lie at more energies than those of one, and of each fewer
// columns are needed.
constexpr double kStatesOfFamily = 55.0;
constexpr int kSolvesOfFamily = 5;
// What potentials differ by has fewer nodes in a band: narrower ones.
constexpr double kBandsOfFamily = 1.2;

/// Sizes of the basis of several members.
WindowSettings family_settings(WindowSettings settings) {
  settings.states = std::min(settings.states, kStatesOfFamily);
  settings.solves = std::min(settings.solves, kSolvesOfFamily);
  settings.band_scale = std::min(settings.band_scale, kBandsOfFamily);
  return settings;
}

/// Kinetic energies outside of a member, and the cell of each: half way to its neighbours, no wider
/// than asked for, and narrower next to zero, the level outside.
std::vector<EnergyCell> cells_of(const FamilyMember& member, double widest) {
  const std::vector<double>& energies = member.energies;
  std::vector<double> kinetic;
  for (const double e : energies) kinetic.push_back(e - member.model->outer_level(e));
  std::vector<EnergyCell> cells;
  for (std::size_t i = 0; i < kinetic.size(); ++i) {
    const double e = kinetic[i];
    const double below = i > 0 ? e - kinetic[i - 1] : kinetic[i + 1] - e;
    const double above = i + 1 < kinetic.size() ? kinetic[i + 1] - e : below;
    cells.push_back({e, std::min({widest, 0.5 * (below + above), kMostOfDistance * std::abs(e)})});
  }
  return cells;
}

}  // namespace

struct Family::Parts {
  GridProblem& reference;
  std::vector<FamilyMember> members;
  std::vector<std::vector<EnergyCell>> cells;  // of each member
  WindowSettings settings;
  std::unique_ptr<WindowModel> common;  // its basis serves all members
  // Of more members than one: those of some potentials, between which the others are interpolated.
  std::vector<WindowModel::BandModels> bands;
  std::optional<ParameterNodes> nodes;

  Parts(Engine& engine, std::vector<FamilyMember> members_in, const WindowSettings& settings_in)
      : reference(engine.parts_->problem), members(std::move(members_in)), settings(settings_in) {
    for (const FamilyMember& m : members) cells.push_back(cells_of(m, settings.widest_cell));
    if (std::ranges::all_of(cells, &std::vector<EnergyCell>::empty)) {
      throw Error(ErrorKind::internal, "a family without energies");
    }
  }

  /// A member on the grid: the engine's own problem where it is the reference, else made for the
  /// purpose.
  struct OnGrid {
    std::unique_ptr<GridProblem> owned;
    GridProblem& problem;
  };
  [[nodiscard]] OnGrid on_grid(std::size_t i) const {
    if (members[i].model.get() == &reference.model) return {nullptr, reference};
    auto owned =
        std::make_unique<GridProblem>(reference.frame, *members[i].model, reference.depths());
    GridProblem& problem = *owned;
    return {std::move(owned), problem};
  }

  /// The basis of all members and on it the operators of those between which the others are
  /// interpolated.
  void make_basis() {
    std::vector<EnergyRange> sides;
    for (const bool above : {false, true}) {
      EnergyRange side{std::numeric_limits<double>::infinity(),
                       -std::numeric_limits<double>::infinity()};
      for (const std::vector<EnergyCell>& of_member : cells) {
        for (const EnergyCell& cell : of_member) {
          if ((cell.energy > 0.0) != above) continue;
          side.low = std::min(side.low, cell.energy - cell.width);
          side.high = std::max(side.high, cell.energy + cell.width);
        }
      }
      if (side.low <= side.high) sides.push_back(side);
    }
    std::vector<std::size_t> with_energies;
    std::vector<Parameters> at;
    std::vector<EnergyCell> all_cells;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (cells[i].empty()) continue;
      with_energies.push_back(i);
      at.push_back(members[i].parameters);
      all_cells.insert(all_cells.end(), cells[i].begin(), cells[i].end());
    }
    const WindowSettings sizes = with_energies.size() > 1 ? family_settings(settings) : settings;
    // Kept only when all is whole: what a step throws must not leave half of it for the next
    // member.
    const ParameterNodes between(at, kLowerDegree, kDegree);
    std::vector<OnGrid> on_nodes;
    for (const std::size_t node : between.nodes()) on_nodes.push_back(on_grid(with_energies[node]));
    auto model = std::make_unique<WindowModel>(reference.frame, sides, sizes);
    const std::vector<double> snapshots =
        WindowModel::first_snapshots(*reference.frame, sides, sizes);
    const std::size_t few = between.few();
    for (std::size_t i = 0; i < snapshots.size(); ++i) {
      model->add_snapshot(on_nodes[i % few].problem, snapshots[i]);
    }
    model->finish_basis();
    std::vector<const GridProblem*> potentials;
    for (const OnGrid& one : on_nodes) potentials.push_back(&one.problem);
    if (with_energies.size() > 1) {
      std::vector<WindowModel::BandModels> all;
      model->project(potentials, few, all_cells,
                     [&all](WindowModel::BandModels band) { all.push_back(std::move(band)); });
      bands = std::move(all);
      nodes.emplace(between);
    }
    common = std::move(model);
  }

  [[nodiscard]] WindowModel::Shares shares(std::size_t i) const {
    const Parameters& at = members[i].parameters;
    return {nodes->coefficients(at), nodes->lower_coefficients(at)};
  }

  WindowResult solve(std::size_t i, const Take& take) {
    if (!common) make_basis();
    WindowModel* model = common.get();
    std::unique_ptr<WindowModel> own;
    std::optional<OnGrid> member;  // where it does not share its operators
    if (!nodes) member.emplace(on_grid(i));
    const AtomOnGrid absorber =
        atom_on_grid(*reference.frame, *members[i].model, 0, reference.atoms[0].depth().depth);
    const std::vector<double>& energies = members[i].energies;
    std::vector<double> trace(energies.size());       // of rho
    std::vector<double> difference(energies.size());  // estimated error of it
    std::vector<std::size_t> open(energies.size());
    std::iota(open.begin(), open.end(), std::size_t{0});
    const auto keep = [&](std::size_t k, WindowModel::Density found) {
      const std::size_t e = open[k];
      trace[e] = std::abs(found.rho.trace());
      difference[e] = found.difference;
      ChannelAmplitudes a;
      a.energy = energies[e];
      a.outer_level = a.energy - cells[i][e].energy;
      a.lmax = reference.atoms[0].lmax();
      a.rho = std::move(found.rho);
      a.waves = std::move(found.waves);
      take(e, std::move(a), found.smeared);
    };
    for (int models = 1;; ++models) {
      std::vector<double> asked;
      std::vector<EnergyCell> in_cells;
      for (const std::size_t e : open) {
        asked.push_back(energies[e]);
        in_cells.push_back(cells[i][e]);
      }
      if (member) {
        model->solve_alone(member->problem, absorber, asked, in_cells, keep);
      } else {
        model->solve(bands, shares(i), absorber, asked, in_cells, keep);
      }
      double largest = *std::ranges::max_element(trace);
      const auto error = [&](std::size_t e) { return difference[e] / largest + kUnseenError; };
      open.clear();  // of all energies: the largest density may have changed
      for (std::size_t e = 0; e < energies.size(); ++e) {
        if (!(error(e) <= settings.tolerance)) open.push_back(e);
      }
      if (open.empty() || models == kMostModels) {
        // What is left after the last model is told by its error. Its density may be anything: the
        // others are measured by their own.
        double kept = 0.0;
        for (std::size_t e = 0; e < energies.size(); ++e) {
          if (error(e) <= settings.tolerance) {
            kept = std::max(kept, trace[e]);
          }
        }
        if (kept > 0.0) largest = kept;
        WindowResult result;
        for (std::size_t e = 0; e < energies.size(); ++e) result.error.push_back(error(e));
        result.report = model->report();
        result.report.models = models;
        return result;
      }
      const std::size_t worst = std::ranges::max(open, {}, error);
      // Mostly it is one narrow state that the basis does not hold well.
      if (!own) {
        own = members.size() > 1 ? std::make_unique<WindowModel>(*common) : std::move(common);
        if (!member) member.emplace(on_grid(i));
      }
      model = own.get();
      model->add_snapshot(member->problem, cells[i][worst].energy);
      model->finish_basis();
    }
  }
};

Family::Family(Engine& engine, std::vector<FamilyMember> members, const WindowSettings& settings)
    : parts_(std::make_unique<Parts>(engine, std::move(members), settings)) {}
Family::~Family() = default;

void Family::release_basis() {
  parts_->common.reset();
  parts_->bands.clear();
  parallel::return_freed_memory();
}

WindowResult Family::solve(std::size_t i_member) {
  const std::size_t count = parts_->members.at(i_member).energies.size();
  std::vector<ChannelAmplitudes> amplitudes(count);
  std::vector<Eigen::MatrixXd> smeared(parts_->settings.smearing > 0.0 ? count : 0);
  WindowResult out =
      solve(i_member, [&](std::size_t e, ChannelAmplitudes found, const Eigen::MatrixXd& through) {
        amplitudes[e] = std::move(found);
        if (!smeared.empty()) smeared[e] = through;
      });
  out.amplitudes = std::move(amplitudes);
  out.smeared = std::move(smeared);
  return out;
}

WindowResult Family::solve(std::size_t i_member, const Take& take) {
  return parts_->solve(i_member, take);
}

}  // namespace kedge::fdm
