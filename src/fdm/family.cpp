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
  settings.one_potential = false;
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

/// The sides of the level outside that cells reach over.
std::vector<EnergyRange> sides_of(const std::vector<EnergyCell>& cells) {
  std::vector<EnergyRange> sides;
  for (const bool above : {false, true}) {
    EnergyRange side{std::numeric_limits<double>::infinity(),
                     -std::numeric_limits<double>::infinity()};
    for (const EnergyCell& cell : cells) {
      if ((cell.energy > 0.0) != above) continue;
      side.low = std::min(side.low, cell.energy - cell.width);
      side.high = std::max(side.high, cell.energy + cell.width);
    }
    if (side.low <= side.high) sides.push_back(side);
  }
  return sides;
}

/// What one stretch of a window cost beside that of others.
void add(const WindowReport& of_stretch, WindowReport& to) {
  to.models = std::max(to.models, of_stretch.models);
  to.snapshots += of_stretch.snapshots;
  to.solves += of_stretch.solves;
  to.columns = std::max(to.columns, of_stretch.columns);
  to.bands += of_stretch.bands;
  to.nodes += of_stretch.nodes;
  to.band_columns = std::max(to.band_columns, of_stretch.band_columns);
  to.basis_seconds += of_stretch.basis_seconds;
  to.outer_seconds += of_stretch.outer_seconds;
  to.data_seconds += of_stretch.data_seconds;
  to.project_seconds += of_stretch.project_seconds;
  to.band_seconds += of_stretch.band_seconds;
  to.solve_seconds += of_stretch.solve_seconds;
}

}  // namespace

struct Family::Parts {
  GridProblem& reference;
  std::vector<FamilyMember> members;
  std::vector<std::vector<EnergyCell>> cells;  // of each member
  WindowSettings settings;
  WindowSettings of_stretch;  // of the first snapshots of each
  /// Part of the window with a basis of its own.
  struct Stretch {
    std::vector<std::vector<std::size_t>> energies;  // of each member
    std::unique_ptr<WindowModel> common;             // its basis serves all members
    // Of more members than one: those of some potentials, between which the others are
    // interpolated.
    std::vector<WindowModel::BandModels> bands;
    std::optional<ParameterNodes> nodes;
  };
  std::vector<Stretch> stretches;

  Parts(Engine& engine, std::vector<FamilyMember> members_in, const WindowSettings& settings_in)
      : reference(engine.parts_->problem), members(std::move(members_in)), settings(settings_in) {
    for (const FamilyMember& m : members) cells.push_back(cells_of(m, settings.widest_cell));
    const auto filled =
        std::ranges::count_if(cells, [](const auto& of_member) { return !of_member.empty(); });
    if (filled == 0) throw Error(ErrorKind::internal, "a family without energies");
    if (filled > 1) settings = family_settings(settings);
    std::vector<EnergyCell> all;
    for (const auto& of_member : cells) all.insert(all.end(), of_member.begin(), of_member.end());
    const WindowCut window = cut_window(reference.frame->settings.radius, sides_of(all), settings,
                                        reference.atoms[0].harmonics());
    of_stretch = window.settings;
    const auto& cut = window.stretches;
    double low = -std::numeric_limits<double>::infinity();
    for (std::size_t s = 0; s < cut.size(); ++s) {
      const double high =
          s + 1 < cut.size() ? cut[s].back().high : std::numeric_limits<double>::infinity();
      Stretch stretch;
      for (const std::vector<EnergyCell>& of_member : cells) {
        stretch.energies.emplace_back();
        for (std::size_t e = 0; e < of_member.size(); ++e) {
          const double energy = of_member[e].energy;
          if (energy >= low && energy < high) stretch.energies.back().push_back(e);
        }
      }
      low = high;
      if (std::ranges::any_of(stretch.energies, [](const auto& e) { return !e.empty(); })) {
        stretches.push_back(std::move(stretch));
      }
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
  void make_basis(Stretch& stretch) {
    std::vector<std::size_t> with_energies;
    std::vector<Parameters> at;
    std::vector<EnergyCell> all_cells;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (stretch.energies[i].empty()) continue;
      with_energies.push_back(i);
      at.push_back(members[i].parameters);
      for (const std::size_t e : stretch.energies[i]) all_cells.push_back(cells[i][e]);
    }
    const std::vector<EnergyRange> sides = sides_of(all_cells);
    // Kept only when all is whole: what a step throws must not leave half of it for the next
    // member.
    const ParameterNodes between(at, kLowerDegree, kDegree);
    std::vector<OnGrid> on_nodes;
    for (const std::size_t node : between.nodes()) on_nodes.push_back(on_grid(with_energies[node]));
    auto model = std::make_unique<WindowModel>(reference.frame, sides, of_stretch);
    const std::vector<double> snapshots =
        first_snapshots(reference.frame->settings.radius, sides, of_stretch);
    const std::size_t few = between.few();
    for (std::size_t i = 0; i < snapshots.size(); ++i) {
      model->add_snapshot(on_nodes[i % few].problem, snapshots[i], of_stretch.solves);
    }
    model->finish_basis();
    std::vector<const GridProblem*> potentials;
    for (const OnGrid& one : on_nodes) potentials.push_back(&one.problem);
    if (with_energies.size() > 1) {
      std::vector<WindowModel::BandModels> all;
      model->project(potentials, few, all_cells,
                     [&all](WindowModel::BandModels band) { all.push_back(std::move(band)); });
      stretch.bands = std::move(all);
      stretch.nodes.emplace(between);
    }
    stretch.common = std::move(model);
  }

  /// What is known of a member's spectrum.
  struct Spectrum {
    std::vector<double> trace;       // of rho
    std::vector<double> difference;  // estimated error of it
    double held = 0.0;     // largest trace where the models hold, of the stretches that are done
    double largest = 0.0;  // that errors are relative to
    [[nodiscard]] double error(std::size_t e) const {
      return difference[e] / largest + kUnseenError;
    }
  };

  WindowResult solve(std::size_t i, const Take& take) {
    const AtomOnGrid absorber =
        atom_on_grid(*reference.frame, *members[i].model, 0, reference.atoms[0].depth().depth);
    const std::size_t count = members[i].energies.size();
    Spectrum spectrum{std::vector<double>(count), std::vector<double>(count)};
    WindowResult result;
    for (Stretch& stretch : stretches) {
      if (!stretch.energies[i].empty()) {
        add(solve(stretch, i, absorber, spectrum, take), result.report);
      }
    }
    for (std::size_t e = 0; e < count; ++e) result.error.push_back(spectrum.error(e));
    return result;
  }

  /// The energies of a member in a stretch.
  WindowReport solve(Stretch& stretch, std::size_t i, const AtomOnGrid& absorber,
                     Spectrum& spectrum, const Take& take) {
    if (!stretch.common) make_basis(stretch);
    const bool shared = stretch.nodes.has_value();
    WindowModel* model = stretch.common.get();
    std::unique_ptr<WindowModel> own;
    std::optional<OnGrid> member;  // where it does not share its operators
    if (!shared) {
      own = std::move(stretch.common);  // nobody else needs it
      member.emplace(on_grid(i));
    }
    const std::vector<std::size_t>& here = stretch.energies[i];
    std::vector<std::size_t> open = here;
    const auto keep = [&](std::size_t k, WindowModel::Density found) {
      const std::size_t e = open[k];
      spectrum.trace[e] = std::abs(found.rho.trace());
      spectrum.difference[e] = found.difference;
      ChannelAmplitudes a;
      a.energy = members[i].energies[e];
      a.outer_level = a.energy - cells[i][e].energy;
      a.lmax = reference.atoms[0].lmax();
      a.rho = std::move(found.rho);
      a.waves = std::move(found.waves);
      take(e, std::move(a), found.smeared);
    };
    const auto largest_of = [&](const auto& counts) {
      double out = spectrum.held;
      for (const std::size_t e : here) {
        if (counts(e)) out = std::max(out, spectrum.trace[e]);
      }
      return out;
    };
    for (int models = 1;; ++models) {
      std::vector<double> asked;
      std::vector<EnergyCell> in_cells;
      for (const std::size_t e : open) {
        asked.push_back(members[i].energies[e]);
        in_cells.push_back(cells[i][e]);
      }
      if (member) {
        model->solve_alone(member->problem, absorber, asked, in_cells, keep);
      } else {
        const Parameters& at = members[i].parameters;
        model->solve(stretch.bands,
                     {stretch.nodes->coefficients(at), stretch.nodes->lower_coefficients(at)},
                     absorber, asked, in_cells, keep);
      }
      spectrum.largest = largest_of([](std::size_t) { return true; });
      const auto holds = [&](std::size_t e) { return spectrum.error(e) <= settings.tolerance; };
      open.clear();  // of all energies: the largest density may have changed
      std::ranges::remove_copy_if(here, std::back_inserter(open), holds);
      if (open.empty() || models == kMostModels) {
        // What is left after the last model is told by its error. Its density may be anything: the
        // others are measured by their own.
        spectrum.held = largest_of(holds);
        if (spectrum.held > 0.0) spectrum.largest = spectrum.held;
        WindowReport report = model->report();
        report.models = models;
        return report;
      }
      const std::size_t worst =
          std::ranges::max(open, {}, [&](std::size_t e) { return spectrum.error(e); });
      // Mostly it is one narrow state that the basis does not hold well.
      if (!own) {
        own = std::make_unique<WindowModel>(*stretch.common);
        member.emplace(on_grid(i));
      }
      model = own.get();
      model->add_snapshot(member->problem, cells[i][worst].energy, settings.solves);
      model->finish_basis();
    }
  }
};

Family::Family(Engine& engine, std::vector<FamilyMember> members, const WindowSettings& settings)
    : parts_(std::make_unique<Parts>(engine, std::move(members), settings)) {}
Family::~Family() = default;

void Family::release_basis() {
  for (Parts::Stretch& stretch : parts_->stretches) {
    stretch.common.reset();
    stretch.bands.clear();
  }
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
