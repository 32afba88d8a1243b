// SPDX-License-Identifier: BSD-3-Clause
#include "grid_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/fdm/stencil.hpp"

namespace kedge::fdm {
namespace {

constexpr double kGhostLimit = 1e-4;  // amplitudes lose this many digits at most to the projectors

/// |grad v|^2 at this rank's nodes by central differences. @param beyond  v outside the grid
std::vector<double> slopes_squared(const GridFrame& frame, const std::vector<double>& v,
                                   double beyond) {
  // Neighbours may be another rank's: all of v is little beside what a rank holds.
  const std::vector<double> all = of_all_ranks(frame.comm, v);
  const auto at = [&](const std::array<std::int32_t, 3>& node) {
    const std::int32_t n = frame.grid.index(node);
    return n < 0 ? beyond : all[static_cast<std::size_t>(n)];
  };
  std::vector<double> out(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) {
    const auto& node = frame.grid.node(frame.op.first_row() + static_cast<std::int32_t>(i));
    double sum = 0.0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      auto next = node;
      auto before = node;
      ++next[axis];
      --before[axis];
      const double difference = at(next) - at(before);
      sum += difference * difference;
    }
    out[i] = sum / (4.0 * frame.grid.spacing() * frame.grid.spacing());
  }
  return out;
}

}  // namespace

AtomOnGrid atom_on_grid(const GridFrame& frame, const potential::PotentialModel& model,
                        std::size_t atom, std::optional<double> depth) {
  const Settings& settings = frame.settings;
  std::vector<double> window;
  for (int i = 0; i <= 6; ++i) {
    window.push_back(settings.lowest_energy +
                     (settings.highest_energy - settings.lowest_energy) * i / 6.0);
  }
  AtomOnGrid::Parameters p;
  p.scatterer = static_cast<int>(atom);
  p.sphere_radius = settings.sphere_radius[atom];
  p.mesh_radius =
      atom == 0 ? std::max(settings.absorber_mesh_radius, p.sphere_radius) : p.sphere_radius;
  p.lmax = settings.lmax[atom];
  p.relativistic = settings.relativistic;
  p.depth = depth;
  return {model, frame.projectors[atom], p, window};
}

double energy_of(const potential::PotentialModel& model, double kinetic, double nearby_level) {
  // Secants of kinetic + V_out(E) - E: each evaluation of V_out is a mean over many points.
  const auto residual = [&](double energy) { return kinetic + model.outer_level(energy) - energy; };
  constexpr double kSmall = 1e-8;  // [hartree], far below any width
  double before = kinetic + nearby_level;
  double of_before = residual(before);
  double energy = before + of_before;
  for (int i = 0; i < 20 && std::abs(energy - before) > kSmall; ++i) {
    const double of_energy = residual(energy);
    if (std::abs(of_energy) < kSmall || of_energy == of_before) return energy + of_energy;
    const double next = energy - of_energy * (energy - before) / (of_energy - of_before);
    before = energy;
    of_before = of_energy;
    energy = next;
  }
  return energy;
}

GridProblem::GridProblem(std::shared_ptr<GridFrame> frame_in,
                         const potential::PotentialModel& model_in,
                         const std::vector<double>& depths)
    : frame(std::move(frame_in)), model(model_in) {
  for (std::size_t a = 0; a < frame->scatterers.size(); ++a) {
    atoms.push_back(
        atom_on_grid(*frame, model, a, depths.empty() ? std::nullopt : std::optional(depths[a])));
  }
  for (std::size_t a = 0; a < atoms.size() && depths.empty(); ++a) {
    if (atoms[a].depth().independence >= kGhostLimit) continue;
    throw Error(
        ErrorKind::numerical,
        fmt::format(
            "the projectors of atom {} (Z = {}) are nearly dependent on its local potential in "
            "this energy window "
            "(independence {:.1e}, wanted {:.0e}): change its radius with engine.sphere_radius",
            a + 1, frame->scatterers[a].atomic_number, atoms[a].depth().independence, kGhostLimit));
  }
  samples = model.sample(frame->points, frame->sphere_of_node);
}

std::vector<double> GridProblem::depths() const {
  std::vector<double> out;
  for (const AtomOnGrid& atom : atoms) out.push_back(atom.depth().depth);
  return out;
}

std::vector<double> GridProblem::diagonal(double energy,
                                          const std::vector<AtomAtEnergy>& at) const {
  std::vector<double> v(frame->sphere_of_node.size());
  samples->evaluate(energy, v);
  const double outside = model.outer_level(energy);
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (frame->sphere_of_node[i] >= 0) {
      const auto a = static_cast<std::size_t>(frame->sphere_of_node[i]);
      const double r = frame->radius_in_sphere[i];
      // Vt in place of the spherical part; the non-spherical rest stays.
      v[i] += at[a].local.local_potential(r) - atoms[a].mesh().interpolate(at[a].spherical_rest, r);
    }
    v[i] = outside + frame->inside[i] * (v[i] - outside) - energy;
  }
  const std::vector<double> slope = slopes_squared(*frame, v, outside - energy);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = frame->stencil.diagonal(v[i], slope[i]);
  return v;
}

std::vector<Border::Atom> GridProblem::projector_blocks(const std::vector<AtomAtEnergy>& at) const {
  std::vector<Border::Atom> blocks;
  Eigen::Index first = 0;
  for (std::size_t a = 0; a < atoms.size(); ++a) {
    Border::Atom part;
    part.first = first;
    LocalNodes local = frame->local_nodes(a);
    part.columns = at[a].columns(local.of_atom, Eigen::all);
    part.rows = std::move(local.rows);
    first += part.columns.cols();
    blocks.push_back(std::move(part));
  }
  return blocks;
}

Border GridProblem::border(double energy, double outer_level, const std::vector<AtomAtEnergy>& at,
                           int outer_lmax) const {
  Border b;
  b.atoms = projector_blocks(at);
  b.projectors = b.atoms.back().first + b.atoms.back().columns.cols();
  add_outer(*frame, std::sqrt(Complex(2.0 * (energy - outer_level), 0.0)), outer_lmax, b);
  return b;
}

void add_outer(const GridFrame& frame, Complex k, int outer_lmax, Border& b) {
  for (const std::int32_t n : frame.outer->shell()) b.shell.push_back(n - frame.op.first_row());
  b.outer = frame.outer->columns(k, std::min(outer_lmax, frame.outer->lmax()));
  b.channels = b.outer.real.cols();
  sum_over_ranks(frame.comm, reinterpret_cast<double*>(b.outer.w.data()),
                 2 * static_cast<std::size_t>(b.outer.w.size()));
}

std::vector<AtomAtEnergy> GridProblem::atoms_at(double energy) const {
  std::vector<AtomAtEnergy> at;
  for (const AtomOnGrid& atom : atoms) at.push_back(atom.at(energy));
  return at;
}

Eigen::MatrixXcd GridProblem::inner(const Border& b, const std::vector<AtomAtEnergy>& at) {
  Eigen::MatrixXcd out =
      Eigen::MatrixXcd::Zero(b.projectors + b.channels, b.projectors + b.channels);
  for (std::size_t a = 0; a < at.size(); ++a) {
    const Eigen::Index n = at[a].strength.rows();
    out.block(b.atoms[a].first, b.atoms[a].first, n, n) = at[a].strength.cast<Complex>();
  }
  out.bottomRightCorner(b.channels, b.channels) = b.outer.w;
  return out;
}

}  // namespace kedge::fdm
