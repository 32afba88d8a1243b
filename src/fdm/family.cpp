// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/family.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine_parts.hpp"
#include "kedge/core/error.hpp"
#include "window_model.hpp"

namespace kedge::fdm {
namespace {

// What the smaller model lacks exceeds what the larger one does. What both miss alike, such as the interpolation of the energy-dependent
// potential between nodes, is not seen by the difference: up to 9e-4 of the largest density beside what the place of a narrow state does
// (48 direct solves of B12, N2 and LiF, docs/accuracy.md). An observation, not a bound.
constexpr double kUnseenError = 1.5e-3;
constexpr int kMostModels = 4;

/// Kinetic energies outside of a member, and the cell of each: up to the midpoints between it and its neighbours, as far on the other side at
/// the ends, no wider than asked for and not past half the way to zero.
std::vector<EnergyCell> cells_of(const FamilyMember& member, double widest) {
  const std::vector<double>& energies = member.energies;
  std::vector<double> kinetic;
  for (const double e : energies) kinetic.push_back(e - member.model->outer_level(e));
  std::vector<EnergyCell> cells;
  for (std::size_t i = 0; i < kinetic.size(); ++i) {
    const double e = kinetic[i];
    const double below = i > 0 ? e - kinetic[i - 1] : kinetic[i + 1] - e;
    const double above = i + 1 < kinetic.size() ? kinetic[i + 1] - e : below;
    cells.push_back({e, e - 0.5 * std::min({widest, below, e}), e + 0.5 * std::min(widest, above)});
  }
  return cells;
}

}  // namespace

struct Family::Parts {
  GridProblem& reference;
  std::vector<FamilyMember> members;
  ModelAt model_at;
  WindowSettings settings;
  std::vector<std::optional<AtomOnGrid>> absorbers;  // of members whose potential is not the reference's
  std::vector<std::optional<WindowResult>> results;
  WindowReport report;

  Parts(Engine& engine, std::vector<FamilyMember> members_in, ModelAt model_at_in, const WindowSettings& settings_in)
      : reference(engine.parts_->problem), members(std::move(members_in)), model_at(std::move(model_at_in)), settings(settings_in) {
    if (members.empty()) throw Error(ErrorKind::internal, "a family without members");
    for (const FamilyMember& m : members) {
      absorbers.emplace_back();
      if (m.model.get() != &reference.model) {
        absorbers.back().emplace(atom_on_grid(*reference.frame, *m.model, 0, reference.atoms[0].depth().depth));
      }
    }
    results.resize(members.size());
  }

  /// The potential at a place on the grid: a member's where it is one.
  [[nodiscard]] WindowModel::Place place(const Parameters& at) const {
    const auto member = std::ranges::find(members, at, &FamilyMember::parameters);
    if (member != members.end() && member->model.get() == &reference.model) return {member->model, nullptr, &reference};
    WindowModel::Place out;
    out.model = member != members.end() ? member->model : model_at(at);
    out.owned = std::make_unique<GridProblem>(reference.frame, *out.model, reference.depths());
    out.problem = out.owned.get();
    return out;
  }

  /// Members that have no result within the tolerance.
  [[nodiscard]] std::vector<std::size_t> open() const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!members[i].energies.empty() && !results[i]) out.push_back(i);
    }
    return out;
  }

  struct Worst {
    double error = 0.0;
    double kinetic = 0.0;  // energy outside where it is [hartree]
  };
  /// One model for all members without a result; gives the largest estimated error.
  Worst solve_open() {
    const std::vector<std::size_t> wanted = open();
    std::vector<Parameters> parameters;
    std::vector<WindowModel::Member> asked;
    for (const std::size_t i : wanted) {
      const FamilyMember& m = members[i];
      parameters.push_back(m.parameters);
      asked.push_back({m.parameters, absorbers[i] ? &*absorbers[i] : &reference.atoms[0], m.energies, cells_of(m, settings.widest_cell)});
    }
    const ParameterPlaces places(parameters, settings.parameter_nodes);
    WindowModel model(reference.frame, places, [&](const Parameters& at) { return place(at); }, asked, settings);
    auto densities = model.solve(asked);
    const int models = report.models + 1;
    report = model.report();
    report.models = models;
    Worst worst;
    for (std::size_t w = 0; w < wanted.size(); ++w) {
      WindowResult result = result_of(wanted[w], asked[w], std::move(densities[w]));
      const auto largest = std::ranges::max_element(result.error);
      if (*largest > worst.error) worst = {*largest, asked[w].cells[static_cast<std::size_t>(largest - result.error.begin())].energy};
      if (*largest <= settings.tolerance) results[wanted[w]] = std::move(result);
    }
    return worst;
  }

  [[nodiscard]] WindowResult result_of(std::size_t i, const WindowModel::Member& asked, std::vector<WindowModel::Density> densities) const {
    WindowResult out;
    double largest = 0.0;
    for (std::size_t e = 0; e < densities.size(); ++e) {
      ChannelAmplitudes a;
      a.energy = asked.energies[e];
      a.outer_level = members[i].model->outer_level(a.energy);
      a.lmax = asked.absorber->lmax();
      a.rho = std::move(densities[e].rho);
      a.waves = std::move(densities[e].waves);
      out.error.push_back(densities[e].difference);
      largest = std::max(largest, std::abs(a.rho.trace()));
      out.amplitudes.push_back(std::move(a));
    }
    for (double& e : out.error) e = e / largest + kUnseenError;
    return out;
  }
};

Family::Family(Engine& engine, std::vector<FamilyMember> members, ModelAt model_at, const WindowSettings& settings)
    : parts_(std::make_unique<Parts>(engine, std::move(members), std::move(model_at), settings)) {}
Family::~Family() = default;

bool Family::solved(std::size_t i_member) const { return parts_->results[i_member].has_value(); }

WindowResult Family::solve(std::size_t i_member) {
  Parts& p = *parts_;
  while (!p.results[i_member]) {
    if (p.report.models == kMostModels) {
      throw Error(ErrorKind::numerical, "the reduced model of the energies is not within engine.reduction_tolerance: take engine.energies = direct");
    }
    const Parts::Worst worst = p.solve_open();
    if (!p.results[i_member] && p.report.models == kMostModels) {
      throw Error(ErrorKind::numerical, fmt::format("the reduced model of the energies keeps an estimated error of {:.1e} (wanted "
                                                    "engine.reduction_tolerance = {:.1e}): take engine.energies = direct",
                                                    worst.error, p.settings.tolerance));
    }
    // Mostly it is one narrow state that the basis does not hold well.
    if (p.settings.snapshots.empty()) {
      p.settings.snapshots.push_back(worst.kinetic);
    } else {
      p.settings.states *= 0.6;
      p.settings.node_phase *= 0.6;
    }
    ++p.settings.parameter_nodes;
  }
  WindowResult result = std::move(*p.results[i_member]);
  result.report = p.report;
  p.results[i_member].emplace();  // given away, but not open
  return result;
}

}  // namespace kedge::fdm
