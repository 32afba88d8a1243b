// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "kedge/fdm/bordered_factor.hpp"
#include "kedge/fdm/engine.hpp"
#include "kedge/fdm/grid_operator.hpp"
#include "kedge/fdm/grid_projectors.hpp"
#include "kedge/fdm/outer_sphere.hpp"
#include "kedge/grid/sphere_grid.hpp"
#include "kedge/potential/potential_model.hpp"

namespace kedge::fdm {

class ShellWaves;

void sum_over_ranks(MPI_Comm comm, double* data, std::size_t count);
/// Values of all ranks behind one another. @note Collective on comm
[[nodiscard]] std::vector<double> of_all_ranks(MPI_Comm comm, const std::vector<double>& mine);

/// Nodes that an atom's projectors reach and this rank has.
struct LocalNodes {
  std::vector<Eigen::Index> of_atom;  ///< number of each among all of the atom
  std::vector<Eigen::Index> rows;     ///< and among those of this rank
};

/// What the places of the atoms decide: grid, kinetic energy, outer sphere, which node lies in
/// which atom, where the projectors of each atom reach. Shared by all potentials on the same atoms.
/// @note Collective on comm: constructor, the factors, the shell waves; the rest is rank-local, for
/// the rows of this rank.
struct GridFrame {
  MPI_Comm comm;
  Settings settings;
  std::vector<potential::Nucleus> scatterers;
  Stencil stencil;
  grid::SphereGrid grid;
  GridOperator op;
  std::vector<AtomicSphere> spheres;
  std::vector<std::shared_ptr<const GridProjectors>> projectors;  // of each scatterer
  std::unique_ptr<OuterSphere> outer;
  std::vector<Eigen::Vector3d> points;  // this rank's nodes [bohr]
  std::vector<int> sphere_of_node;      // scatterer whose sphere holds the node, or -1; local rows
  std::vector<double> radius_in_sphere;
  std::vector<double> inside;  // filtered theta(R - r); local rows

  /// @param highest_kinetic  outside the sphere [hartree]
  GridFrame(MPI_Comm comm_in, std::vector<potential::Nucleus> scatterers_in, Settings settings_in,
            double highest_kinetic);
  ~GridFrame();
  GridFrame(const GridFrame&) = delete;
  GridFrame& operator=(const GridFrame&) = delete;

  [[nodiscard]] std::int32_t rows() const { return op.last_row() - op.first_row(); }
  [[nodiscard]] LocalNodes local_nodes(std::size_t atom) const;

  /// Made when first asked for.
  [[nodiscard]] BorderedFactor& factor();
  [[nodiscard]] const ShellWaves& shell_waves();
  /// Its memory back; the next one asked for is analysed anew.
  void release_factor();

 private:
  /// Orders of the outer sphere for this kinetic energy outside [hartree].
  [[nodiscard]] int outer_orders(double kinetic) const;

  std::unique_ptr<BorderedFactor> factor_;
  std::unique_ptr<ShellWaves> shell_waves_;
  double largest_wave_number_ = 0.0;  // outside, or decay constant [1/bohr]
};

}  // namespace kedge::fdm
