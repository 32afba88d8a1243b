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
#include "window_model.hpp"

namespace kedge::fdm {
namespace {

// What the smaller model lacks exceeds what the larger one does. What both miss alike is not seen
// by the difference: up to 3e-4 of the largest density beside what the place of a narrow state does
// (48 direct solves of B12, N2 and LiF, docs/accuracy.md). An observation, not a bound.
constexpr double kUnseenError = 1.5e-3;
constexpr int kMostModels = 6;

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
    const auto potentials = static_cast<std::size_t>(
        std::ranges::count_if(cells, [](const auto& of_member) { return !of_member.empty(); }));
    // Kept only when it is whole: what a snapshot throws must not leave half a basis for the next
    // member.
    auto model = std::make_unique<WindowModel>(reference.frame, sides, settings);
    const std::vector<double> snapshots =
        WindowModel::first_snapshots(*reference.frame, sides, potentials, settings);
    const std::vector<std::size_t> taken = surrounding();
    for (std::size_t m = 0; m < taken.size(); ++m) {
      const OnGrid member = on_grid(taken[m]);
      for (std::size_t i = m; i < snapshots.size(); i += taken.size()) {
        model->add_snapshot(member.problem, snapshots[i]);
      }
    }
    model->finish_basis();
    common = std::move(model);
  }

  /// Members that surround the others in their parameters: those nearest to the corners and to the
  /// middle of the box of all.
  [[nodiscard]] std::vector<std::size_t> surrounding() const {
    Parameters low;
    Parameters width;
    for (std::size_t d = 0; d < low.size(); ++d) {
      const auto [least, most] =
          std::ranges::minmax(members, {}, [d](const FamilyMember& m) { return m.parameters[d]; });
      low[d] = least.parameters[d];
      width[d] = most.parameters[d] - low[d];
    }
    std::vector<std::size_t> out;
    for (const Parameters& at : {Parameters{0, 0}, Parameters{1, 1}, Parameters{0.5, 0.5},
                                 Parameters{1, 0}, Parameters{0, 1}}) {
      std::optional<std::size_t> nearest;
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < members.size(); ++i) {
        if (cells[i].empty()) continue;
        double distance = 0.0;
        for (std::size_t d = 0; d < at.size(); ++d) {
          const double x = width[d] > 0.0 ? (members[i].parameters[d] - low[d]) / width[d] : at[d];
          distance += (x - at[d]) * (x - at[d]);
        }
        if (distance < least - 1e-9) {
          least = distance;
          nearest = i;
        }
      }
      if (std::ranges::find(out, *nearest) == out.end()) out.push_back(*nearest);
    }
    return out;
  }

  WindowResult solve(std::size_t i) {
    if (!common) make_basis();
    WindowModel* model = common.get();
    std::unique_ptr<WindowModel> own;
    const OnGrid member = on_grid(i);
    const std::vector<double>& energies = members[i].energies;
    std::vector<WindowModel::Density> densities(energies.size());
    std::vector<std::size_t> open(energies.size());
    std::iota(open.begin(), open.end(), std::size_t{0});
    for (int models = 1;; ++models) {
      std::vector<double> asked;
      std::vector<EnergyCell> in_cells;
      for (const std::size_t e : open) {
        asked.push_back(energies[e]);
        in_cells.push_back(cells[i][e]);
      }
      std::vector<WindowModel::Density> found = model->solve(member.problem, asked, in_cells);
      for (std::size_t k = 0; k < open.size(); ++k) densities[open[k]] = std::move(found[k]);

      double largest = 0.0;
      for (const WindowModel::Density& d : densities) {
        largest = std::max(largest, std::abs(d.rho.trace()));
      }
      const auto error = [&](std::size_t e) {
        return densities[e].difference / largest + kUnseenError;
      };
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
            kept = std::max(kept, std::abs(densities[e].rho.trace()));
          }
        }
        if (kept > 0.0) largest = kept;
        WindowResult result = result_of(i, std::move(densities), largest);
        result.report = model->report();
        result.report.models = models;
        return result;
      }
      const std::size_t worst = std::ranges::max(open, {}, error);
      // Mostly it is one narrow state that the basis does not hold well.
      if (!own) {
        own = members.size() > 1 ? std::make_unique<WindowModel>(*common) : std::move(common);
      }
      model = own.get();
      model->add_snapshot(member.problem, cells[i][worst].energy);
      model->finish_basis();
    }
  }

  [[nodiscard]] WindowResult result_of(std::size_t i, std::vector<WindowModel::Density> densities,
                                       double largest) const {
    WindowResult out;
    for (std::size_t e = 0; e < densities.size(); ++e) {
      ChannelAmplitudes a;
      a.energy = members[i].energies[e];
      a.outer_level = a.energy - cells[i][e].energy;
      a.lmax = reference.atoms[0].lmax();
      a.rho = std::move(densities[e].rho);
      a.waves = std::move(densities[e].waves);
      if (settings.smearing > 0.0) out.smeared.push_back(std::move(densities[e].smeared));
      out.error.push_back(densities[e].difference / largest + kUnseenError);
      out.amplitudes.push_back(std::move(a));
    }
    return out;
  }
};

Family::Family(Engine& engine, std::vector<FamilyMember> members, const WindowSettings& settings)
    : parts_(std::make_unique<Parts>(engine, std::move(members), settings)) {}
Family::~Family() = default;

void Family::release_basis() {
  parts_->common.reset();
  parallel::return_freed_memory();
}

WindowResult Family::solve(std::size_t i_member) {
  return parts_->solve(i_member);
}

}  // namespace kedge::fdm
