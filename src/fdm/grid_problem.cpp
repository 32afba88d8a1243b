// SPDX-License-Identifier: BSD-3-Clause
#include "grid_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/fdm/filtered_sphere.hpp"
#include "kedge/fdm/stencil.hpp"
#include "kedge/parallel/check.hpp"

namespace kedge::fdm {
namespace {

// Orders of the outer sphere. The absorber sits at its centre: of the orders about k R few come back to it, but near V0 atoms close to the
// sphere couple to orders far above k R, the more so the narrower a state is. Against two and four orders more this leaves 0.1 % of S of
// the molecule at 4 to 19 eV and 0.1 to 0.2 % of LiF at 4 to 24 eV (benchmarks/solve_cost; with k R + 2 it was 1.2 % at 4 eV).
constexpr double kOrdersOfPhase = 0.75;
constexpr int kOuterMargin = 5;
constexpr int kLeastOuterOrder = 13;
// No order finer than the grid can carry along the sphere.
constexpr int kLeastOnSmallSpheres = 9;

constexpr double kGhostLimit = 1e-4;  // amplitudes lose this many digits at most to the projectors

}  // namespace

void sum_over_ranks(MPI_Comm comm, double* data, std::size_t count) {
  parallel::check_mpi(MPI_Allreduce(MPI_IN_PLACE, data, static_cast<int>(count), MPI_DOUBLE, MPI_SUM, comm));
}

GridProblem::GridProblem(MPI_Comm comm_in, const potential::PotentialModel& model_in, Settings settings_in)
    : comm(comm_in),
      model(model_in),
      settings(std::move(settings_in)),
      stencil(second_derivative(settings.order)),
      grid(settings.spacing, settings.radius + settings.margin_steps * settings.spacing,
           settings.spacing * settings.shift),
      op(comm, grid, stencil) {
  const auto& scatterers = model.scatterers();
  std::vector<double> window;
  for (int i = 0; i <= 6; ++i) {
    window.push_back(settings.lowest_energy + (settings.highest_energy - settings.lowest_energy) * i / 6.0);
  }
  std::vector<AtomicSphere> spheres;
  for (std::size_t a = 0; a < scatterers.size(); ++a) {
    spheres.push_back({scatterers[a].position_cart, settings.sphere_radius[a]});
  }
  for (std::size_t a = 0; a < scatterers.size(); ++a) {
    AtomOnGrid::Parameters p;
    p.scatterer = static_cast<int>(a);
    p.sphere_radius = settings.sphere_radius[a];
    p.mesh_radius = a == 0 ? std::max(settings.absorber_mesh_radius, p.sphere_radius) : p.sphere_radius;
    p.lmax = settings.lmax[a];
    p.relativistic = settings.relativistic;
    atoms.emplace_back(model, grid, p, spheres, stencil, window);
  }
  for (std::size_t a = 0; a < atoms.size(); ++a) {
    if (atoms[a].depth().independence >= kGhostLimit) continue;
    throw Error(ErrorKind::numerical,
                fmt::format("the projectors of atom {} (Z = {}) are nearly dependent on its local potential in this energy window "
                            "(independence {:.1e}, wanted {:.0e}): change its radius with engine.sphere_radius",
                            a + 1, scatterers[a].atomic_number, atoms[a].depth().independence, kGhostLimit));
  }
  outer = std::make_unique<OuterSphere>(grid, stencil, lmax_at(settings.highest_energy), op.first_row(), op.last_row());

  std::vector<Eigen::Vector3d> points;
  for (std::int32_t n = op.first_row(); n < op.last_row(); ++n) {
    points.push_back(grid.position(n));
    sphere_of_node.push_back(-1);
    radius_in_sphere.push_back(0.0);
    for (std::size_t a = 0; a < scatterers.size(); ++a) {
      const double r = (points.back() - scatterers[a].position_cart).norm();
      if (r < settings.sphere_radius[a]) {
        sphere_of_node.back() = static_cast<int>(a);
        radius_in_sphere.back() = r;
      }
    }
  }
  samples = model.sample(points, sphere_of_node);
  const std::vector<double> all_inside = filtered_sphere(grid, settings.radius);
  inside.assign(all_inside.begin() + op.first_row(), all_inside.begin() + op.last_row());
}

int GridProblem::lmax_at(double energy) const {
  if (settings.outer_lmax >= 0) return settings.outer_lmax;
  const double kinetic = std::max(0.0, energy - model.outer_level(energy));
  const int from_wave_number = static_cast<int>(std::ceil(kOrdersOfPhase * std::sqrt(2.0 * kinetic) * settings.radius)) + kOuterMargin;
  const int least = std::clamp(static_cast<int>(settings.radius / settings.spacing), kLeastOnSmallSpheres, kLeastOuterOrder);
  return std::max(from_wave_number, least);
}

std::vector<double> GridProblem::diagonal(double energy, const std::vector<AtomAtEnergy>& at) const {
  std::vector<double> v(sphere_of_node.size());
  samples->evaluate(energy, v);
  const double outside = model.outer_level(energy);
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (sphere_of_node[i] >= 0) {
      const auto a = static_cast<std::size_t>(sphere_of_node[i]);
      const double r = radius_in_sphere[i];
      // Vt in place of the spherical part; the non-spherical rest stays.
      v[i] += at[a].local.local_potential(r) - atoms[a].mesh().interpolate(at[a].spherical_rest, r);
    }
    v[i] = outside + inside[i] * (v[i] - outside) - energy;
    v[i] += dispersion_correction(-v[i], settings.spacing, stencil.size());
  }
  return v;
}

std::vector<Border::Atom> GridProblem::projector_blocks(const std::vector<AtomAtEnergy>& at) const {
  std::vector<Border::Atom> blocks;
  Eigen::Index first = 0;
  for (std::size_t a = 0; a < atoms.size(); ++a) {
    Border::Atom part;
    part.first = first;
    std::vector<Eigen::Index> kept;
    const auto& nodes = atoms[a].nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i] < op.first_row() || nodes[i] >= op.last_row()) continue;
      part.rows.push_back(nodes[i] - op.first_row());
      kept.push_back(static_cast<Eigen::Index>(i));
    }
    part.columns = at[a].columns(kept, Eigen::all);
    first += part.columns.cols();
    blocks.push_back(std::move(part));
  }
  return blocks;
}

Border GridProblem::border(double energy, double outer_level, const std::vector<AtomAtEnergy>& at, int outer_lmax) const {
  Border b;
  b.atoms = projector_blocks(at);
  b.projectors = b.atoms.back().first + b.atoms.back().columns.cols();
  for (const std::int32_t n : outer->shell()) b.shell.push_back(n - op.first_row());
  const Complex k = std::sqrt(Complex(2.0 * (energy - outer_level), 0.0));
  b.outer = outer->columns(k, std::min(outer_lmax, outer->lmax()));
  b.channels = b.outer.real.cols();
  sum_over_ranks(comm, reinterpret_cast<double*>(b.outer.w.data()), 2 * static_cast<std::size_t>(b.outer.w.size()));
  return b;
}

std::vector<AtomAtEnergy> GridProblem::atoms_at(double energy) const {
  std::vector<AtomAtEnergy> at;
  for (const AtomOnGrid& atom : atoms) at.push_back(atom.at(energy));
  return at;
}

Eigen::MatrixXcd GridProblem::inner(const Border& b, const std::vector<AtomAtEnergy>& at) {
  Eigen::MatrixXcd out = Eigen::MatrixXcd::Zero(b.projectors + b.channels, b.projectors + b.channels);
  for (std::size_t a = 0; a < at.size(); ++a) {
    const Eigen::Index n = at[a].strength.rows();
    out.block(b.atoms[a].first, b.atoms[a].first, n, n) = at[a].strength.cast<Complex>();
  }
  out.bottomRightCorner(b.channels, b.channels) = b.outer.w;
  return out;
}

}  // namespace kedge::fdm
