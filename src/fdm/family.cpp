// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/family.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "engine_parts.hpp"
#include "kedge/core/error.hpp"
#include "window_model.hpp"

namespace kedge::fdm {
namespace {

// What the smaller model lacks exceeds what the larger one does. The cusps of the energy-dependent potential between nodes, which both miss
// alike, are not seen by the difference; they move a narrow state by about 1 meV, worth up to 2e-3 of the largest density on its flanks
// (B12 at 0.5 and 4 eV against direct solves).
constexpr double kUnseenError = 2e-3;
constexpr int kMostModels = 3;

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
  std::vector<std::vector<EnergyCell>> cells;  // of each member
  ParameterPlaces places;
  std::unique_ptr<WindowModel> model;
  int models = 0;

  Parts(Engine& engine, std::vector<FamilyMember> members_in, ModelAt model_at_in, const WindowSettings& settings_in)
      : reference(engine.parts_->problem),
        members(std::move(members_in)),
        model_at(std::move(model_at_in)),
        settings(settings_in),
        places(parameters(members), settings_in.parameter_nodes) {
    for (const FamilyMember& m : members) cells.push_back(cells_of(m, settings.widest_cell));
  }

  static std::vector<Parameters> parameters(const std::vector<FamilyMember>& members) {
    if (members.empty()) throw Error(ErrorKind::internal, "a family without members");
    std::vector<Parameters> out;
    for (const FamilyMember& m : members) out.push_back(m.parameters);
    return out;
  }

  void make_model() {
    model.reset();
    const std::vector<double> depths = reference.depths();
    // One problem at a time is held.
    const auto problem_at = [&](std::size_t place) -> WindowModel::Place {
      const Parameters& wanted = places.places()[place];
      for (const FamilyMember& m : members) {
        if (m.parameters != wanted) continue;
        if (m.model.get() == &reference.model) return {m.model, nullptr, &reference};
        auto problem = std::make_unique<GridProblem>(reference.frame, *m.model, depths);
        GridProblem* raw = problem.get();
        return {m.model, std::move(problem), raw};
      }
      std::shared_ptr<const potential::PotentialModel> potential = model_at(wanted);
      auto problem = std::make_unique<GridProblem>(reference.frame, *potential, depths);
      GridProblem* raw = problem.get();
      return {std::move(potential), std::move(problem), raw};
    };
    std::vector<EnergyCell> all;
    for (const auto& of_member : cells) all.insert(all.end(), of_member.begin(), of_member.end());
    model = std::make_unique<WindowModel>(reference.frame, places, problem_at, all, settings);
    ++models;
  }

  WindowResult of_member(std::size_t i) {
    const FamilyMember& member = members[i];
    const auto start = std::chrono::steady_clock::now();
    const AtomOnGrid* absorber = &reference.atoms[0];
    std::optional<AtomOnGrid> own;
    if (member.model.get() != &reference.model) {
      own.emplace(atom_on_grid(*reference.frame, *member.model, 0, reference.atoms[0].depth().depth));
      absorber = &*own;
    }
    WindowModel::Member solved = model->member(member.parameters);
    WindowResult out;
    double largest = 0.0;
    for (std::size_t e = 0; e < member.energies.size(); ++e) {
      const double energy = member.energies[e];
      AtomAtEnergy at = absorber->at(energy);
      ChannelAmplitudes a;
      a.energy = energy;
      a.outer_level = member.model->outer_level(energy);
      a.lmax = absorber->lmax();
      double difference = 0.0;
      a.rho = solved.density(cells[i][e], at, difference);
      a.waves = std::move(at.waves);
      out.error.push_back(difference);
      largest = std::max(largest, std::abs(a.rho.trace()));
      out.amplitudes.push_back(std::move(a));
    }
    for (double& e : out.error) e = e / largest + kUnseenError;
    out.report = model->report();
    out.report.models = models;
    out.report.solve_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return out;
  }
};

Family::Family(Engine& engine, std::vector<FamilyMember> members, ModelAt model_at, const WindowSettings& settings)
    : parts_(std::make_unique<Parts>(engine, std::move(members), std::move(model_at), settings)) {}
Family::~Family() = default;

WindowResult Family::solve(std::size_t i_member) {
  Parts& p = *parts_;
  if (!p.model) p.make_model();
  while (true) {
    WindowResult result = p.of_member(i_member);
    const double worst = *std::max_element(result.error.begin(), result.error.end());
    if (worst <= p.settings.tolerance) return result;
    if (p.models == kMostModels) {
      throw Error(ErrorKind::numerical, fmt::format("the reduced model of the energies keeps an estimated error of {:.1e} (wanted "
                                                    "engine.reduction_tolerance = {:.1e}): take engine.energies = direct",
                                                    worst, p.settings.tolerance));
    }
    p.settings.states *= 0.6;
    p.settings.node_phase *= 0.6;
    if (p.places.places().size() > 1) p.places = ParameterPlaces(Parts::parameters(p.members), ++p.settings.parameter_nodes);
    p.make_model();
  }
}

}  // namespace kedge::fdm
