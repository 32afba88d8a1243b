// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "engine_parts.hpp"
#include "factored_operator.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/family.hpp"
#include "kedge/parallel/memory.hpp"
#include "window_model.hpp"

namespace kedge::fdm {

namespace {

// The absorber's block errs by its square: S of B12 has the same twelve digits with 1e-5 and 1e-8,
// a narrow state among the energies.
constexpr double kSmallResidual = 1e-6;

// Of a reduced model [hartree]: 0.01 eV. The operator is a polynomial in the wave number on either
// side of the level outside, not across it; B12 at screening 0 errs by 3e-7 of its largest density
// within 0.1 eV of the level, whether this is 4e-3 or 4e-5.
constexpr double kReach = 4e-4;

std::shared_ptr<GridFrame> frame_for(MPI_Comm comm, const potential::PotentialModel& model,
                                     Settings settings) {
  const double highest = settings.highest_energy - model.outer_level(settings.highest_energy);
  return std::make_shared<GridFrame>(comm, model.scatterers(), std::move(settings), highest);
}

}  // namespace

Engine::Engine(MPI_Comm comm, const potential::PotentialModel& model, Settings settings)
    : parts_(new Parts{GridProblem(frame_for(comm, model, std::move(settings)), model), {}}) {}
Engine::~Engine() {
  parts_.reset();
  parallel::return_freed_memory();  // the next site's engine finds the process as small as this one
                                    // did
}

ChannelAmplitudes Engine::solve(double energy) {
  GridProblem& p = parts_->problem;
  if (energy > p.frame->settings.highest_energy + 1e-9) {
    throw Error(
        ErrorKind::internal,
        fmt::format("energy {:.3f} hartree is above the window the grid was made for", energy));
  }
  // The residual that is left shows whether a factorisation was good enough.
  double residual = 0.0;
  int factorisations = 0;
  int states_below = 0;
  for (const double shift : {0.0, 1e-5, -3e-5}) {
    const FactoredOperator factored(p, energy, p.frame->outer->lmax(), FactoredOperator::Kept::all,
                                    shift);
    const auto start = std::chrono::steady_clock::now();
    const FactoredOperator::AbsorberBlock absorber = factored.absorber_block(kSmallResidual);
    parts_->profile = factored.profile();
    parts_->profile.solve =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    parts_->profile.factorisations = ++factorisations;
    parts_->profile.corrections = absorber.corrections;
    if (factorisations == 1) states_below = p.frame->factor().negative_eigenvalues();
    parts_->profile.states_below = states_below;
    residual = absorber.residual;
    if (!(residual < kSmallResidual)) continue;
    ChannelAmplitudes out;
    out.energy = energy;
    out.outer_level = factored.outer_level();
    out.lmax = p.atoms[0].lmax();
    out.rho = (-0.5 / kPi) * (absorber.block.imag() + absorber.block.imag().transpose());
    out.waves = factored.atoms()[0].waves;
    out.residual = residual;
    return out;
  }
  throw Error(ErrorKind::numerical, fmt::format("the equations at this energy are left with a "
                                                "residual of {:.1e}: move the energy by 1e-4 eV",
                                                residual));
}

WindowResult Engine::solve_window(const std::vector<double>& energies,
                                  const WindowSettings& settings) {
  const std::shared_ptr<const potential::PotentialModel> own(
      &parts_->problem.model, [](const potential::PotentialModel*) {});
  return Family(*this, {{{}, own, energies}}, settings).solve(0);
}

WindowReport Engine::window_size(double lowest, double highest,
                                 const WindowSettings& settings) const {
  const GridProblem& p = parts_->problem;
  const double low = lowest - p.model.outer_level(lowest);
  const double high = highest - p.model.outer_level(highest);
  std::vector<EnergyRange> sides;
  if (low < 0.0) sides.push_back({low, std::min(high, -kReach)});
  if (high > 0.0) sides.push_back({std::max(low, kReach), high});
  return foreseen_window(p.frame->settings.radius, sides, settings, sources());
}

bool in_reach_of_window(const potential::PotentialModel& model, double energy) {
  return std::abs(energy - model.outer_level(energy)) > kReach;
}

FactorCost Engine::analyse(double energy) {
  const GridProblem& p = parts_->problem;
  const Border border =
      p.border(energy, p.model.outer_level(energy), p.atoms_at(energy), p.frame->outer->lmax());
  BorderedFactor& factor = p.frame->factor();
  factor.analyse(border.blocks(), border.size());
  return factor.cost();
}
std::int32_t Engine::unknowns() const {
  return parts_->problem.frame->grid.size();
}
std::int32_t Engine::sources() const {
  return parts_->problem.atoms[0].harmonics();
}
double Engine::lowest_energy() const {
  return parts_->problem.frame->settings.lowest_energy;
}
double Engine::highest_energy() const {
  return parts_->problem.frame->settings.highest_energy;
}
std::int32_t Engine::projectors() const {
  std::int32_t sum = 0;
  for (const auto& atom : parts_->problem.atoms) sum += projector_columns(atom.lmax());
  return sum;
}
std::int32_t Engine::shell_nodes() const {
  return static_cast<std::int32_t>(parts_->problem.frame->outer->shell().size());
}

int Engine::border_columns(double fraction) const {
  const Settings& s = parts_->problem.frame->settings;
  const double energy = s.lowest_energy + fraction * (s.highest_energy - s.lowest_energy);
  const int lmax = parts_->problem.frame->outer->lmax();
  // The imaginary parts of the last few orders are negligible.
  const int propagating =
      energy > parts_->problem.model.outer_level(energy) ? std::max(0, lmax - 1) : -1;
  return projectors() + math::harmonic_count(lmax) + math::harmonic_count(propagating);
}

int Engine::outer_lmax() const {
  return parts_->problem.frame->outer->lmax();
}
const SolveProfile& Engine::profile() const {
  return parts_->profile;
}
const math::SpectralMesh& Engine::absorber_mesh() const {
  return parts_->problem.atoms[0].mesh();
}
double Engine::least_resolution() const {
  const std::array<std::vector<AtomAtEnergy>, 2> ends = {
      parts_->problem.atoms_at(lowest_energy()), parts_->problem.atoms_at(highest_energy())};
  double least = 1.0;
  for (std::size_t a = 0; a < ends[0].size(); ++a) {
    for (std::size_t l = 0; l < ends[0][a].channels.size(); ++l) {
      const std::array<ChannelStrength, 2> at = {ends[0][a].channels[l], ends[1][a].channels[l]};
      const double scale =
          std::ranges::max(at, {}, [](const ChannelStrength& c) { return std::abs(c.free); }).free;
      for (const ChannelStrength& c : at) {
        least =
            std::min({least, 1.0 + (c.least - c.free) / scale, 1.0 + (c.most - c.free) / scale});
      }
    }
  }
  return least;
}
double Engine::lattice_shift() const {
  const GridProblem& p = parts_->problem;
  const double kinetic = highest_energy() - p.model.outer_level(highest_energy());
  return plane_wave_shift(p.frame->stencil, std::max(kinetic, 0.0));
}
double Engine::least_independence() const {
  double least = 1.0;
  for (const auto& atom : parts_->problem.atoms) least = std::min(least, atom.depth().independence);
  return least;
}

}  // namespace kedge::fdm
