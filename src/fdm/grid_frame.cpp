// SPDX-License-Identifier: BSD-3-Clause
#include "grid_frame.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kedge/fdm/filtered_sphere.hpp"
#include "kedge/fdm/stencil.hpp"
#include "kedge/parallel/check.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/memory.hpp"
#include "shell_waves.hpp"

namespace kedge::fdm {
namespace {

// Orders of the outer sphere, for the highest energy of the window and then the same at all. The
// absorber sits at its centre: of the orders about k R few come back to it, but near V0 atoms close
// to the sphere couple to orders far above k R, the more so the narrower a state is. Two orders
// more than k R asks for at 0.5 and 6 eV change S of the molecule by 0.3 and 0.1 %, another three
// by 0.1 and 0.05 % (docs/accuracy.md).
constexpr double kOrdersOfPhase = 0.75;
constexpr int kOuterMargin = 5;
constexpr int kLeastOuterOrder = 13;
// No order finer than the grid can carry along the sphere.
constexpr int kLeastOnSmallSpheres = 9;

// How far beyond its sphere an atom mends the stencil's error on its waves, at least the reach of
// the stencil. Muffin tins hardly see it. In the true shape a narrow state of B12 lies at 0.6046,
// 0.6108, 0.6134, 0.6146 and 0.6152 eV for 2 to 6 steps of 0.2973 Angstrom, at 0.6156 on a grid of
// 0.17; from 4 on the largest error of the broadened spectrum is 0.5 %, and each step more costs a
// tenth of the memory.
constexpr double kSupportSteps = 4.0;

}  // namespace

void sum_over_ranks(MPI_Comm comm, double* data, std::size_t count) {
  parallel::check_mpi(
      MPI_Allreduce(MPI_IN_PLACE, data, static_cast<int>(count), MPI_DOUBLE, MPI_SUM, comm));
}

std::vector<double> of_all_ranks(MPI_Comm comm, const std::vector<double>& mine) {
  const int size = parallel::size(comm);
  if (size == 1) return mine;
  std::vector<int> count(static_cast<std::size_t>(size));
  const int own = static_cast<int>(mine.size());
  parallel::check_mpi(MPI_Allgather(&own, 1, MPI_INT, count.data(), 1, MPI_INT, comm));
  std::vector<int> first(count.size());
  std::exclusive_scan(count.begin(), count.end(), first.begin(), 0);
  std::vector<double> all(static_cast<std::size_t>(first.back() + count.back()));
  parallel::check_mpi(MPI_Allgatherv(mine.data(), own, MPI_DOUBLE, all.data(), count.data(),
                                     first.data(), MPI_DOUBLE, comm));
  return all;
}

GridFrame::GridFrame(MPI_Comm comm_in, std::vector<potential::Nucleus> scatterers_in,
                     Settings settings_in, double highest_kinetic)
    : comm(comm_in),
      settings(std::move(settings_in)),
      scatterers(std::move(scatterers_in)),
      stencil(make_stencil(settings.order, settings.compact, settings.spacing)),
      grid(settings.spacing, settings.radius + settings.margin_steps * settings.spacing,
           settings.spacing * settings.shift),
      op(comm, grid, stencil) {
  const double lowest_kinetic =
      highest_kinetic - (settings.highest_energy - settings.lowest_energy);
  largest_wave_number_ =
      std::sqrt(2.0 * std::max(std::abs(highest_kinetic), std::abs(lowest_kinetic)));
  for (std::size_t a = 0; a < scatterers.size(); ++a) {
    spheres.push_back({scatterers[a].position_cart, settings.sphere_radius[a]});
  }
  for (std::size_t a = 0; a < scatterers.size(); ++a) {
    projectors.push_back(std::make_shared<GridProjectors>(
        grid, stencil, spheres, a, settings.lmax[a], 2 * settings.lmax[a],
        std::max<double>(kSupportSteps, stencil.reach()) * grid.spacing()));
  }
  outer = std::make_unique<OuterSphere>(grid, stencil, outer_orders(highest_kinetic),
                                        op.first_row(), op.last_row());
  for (std::int32_t n = op.first_row(); n < op.last_row(); ++n) {
    points.push_back(grid.position(n));
    sphere_of_node.push_back(-1);
    radius_in_sphere.push_back(0.0);
    for (std::size_t a = 0; a < spheres.size(); ++a) {
      const double r = (points.back() - spheres[a].centre).norm();
      if (r < spheres[a].radius) {
        sphere_of_node.back() = static_cast<int>(a);
        radius_in_sphere.back() = r;
      }
    }
  }
  const std::vector<double> all_inside = filtered_sphere(grid, settings.radius);
  inside.assign(all_inside.begin() + op.first_row(), all_inside.begin() + op.last_row());
}

GridFrame::~GridFrame() = default;

const ShellWaves& GridFrame::shell_waves() {
  if (!shell_waves_)
    shell_waves_ =
        std::make_unique<ShellWaves>(comm, *outer, largest_wave_number_, settings.precision);
  return *shell_waves_;
}

BorderedFactor& GridFrame::factor() {
  if (!factor_) factor_ = std::make_unique<BorderedFactor>(op, settings.scratch);
  return *factor_;
}

void GridFrame::release_factor() {
  factor_.reset();
  parallel::return_freed_memory();
}

LocalNodes GridFrame::local_nodes(std::size_t atom) const {
  LocalNodes out;
  const auto& nodes = projectors[atom]->nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i] < op.first_row() || nodes[i] >= op.last_row()) continue;
    out.of_atom.push_back(static_cast<Eigen::Index>(i));
    out.rows.push_back(nodes[i] - op.first_row());
  }
  return out;
}

int GridFrame::outer_orders(double kinetic) const {
  if (settings.outer_lmax >= 0) return settings.outer_lmax;
  const double wave_number = std::sqrt(2.0 * std::max(0.0, kinetic));
  const int from_wave_number =
      static_cast<int>(std::ceil(kOrdersOfPhase * wave_number * settings.radius)) + kOuterMargin;
  const int least = std::clamp(static_cast<int>(settings.radius / settings.spacing),
                               kLeastOnSmallSpheres, kLeastOuterOrder);
  return std::max(from_wave_number, least);
}

}  // namespace kedge::fdm
