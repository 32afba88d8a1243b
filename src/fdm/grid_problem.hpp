// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "border.hpp"
#include "kedge/fdm/atom_on_grid.hpp"
#include "kedge/fdm/engine.hpp"
#include "kedge/fdm/outer_sphere.hpp"

namespace kedge::fdm {

void sum_over_ranks(MPI_Comm comm, double* data, std::size_t count);

/// What the discrete equations of one potential are made of; the operator at an energy is
///   A(E) = K(E) + X N^-1 X^T + U W^-1 U^T,  K = -1/2 Lap_h + diag(d(E)).
/// @note Collective on comm: constructor and border(); the rest is rank-local, for the rows of this rank.
struct GridProblem {
  MPI_Comm comm;
  const potential::PotentialModel& model;
  Settings settings;
  std::vector<double> stencil;
  grid::SphereGrid grid;
  GridOperator op;
  std::vector<AtomOnGrid> atoms;
  std::unique_ptr<OuterSphere> outer;
  std::unique_ptr<potential::Samples> samples;  // at this rank's nodes
  std::vector<int> sphere_of_node;              // scatterer whose sphere holds the node, or -1; local rows
  std::vector<double> radius_in_sphere;
  std::vector<double> inside;                   // filtered theta(R - r); local rows

  GridProblem(MPI_Comm comm_in, const potential::PotentialModel& model_in, Settings settings_in);
  [[nodiscard]] int lmax_at(double energy) const;
  [[nodiscard]] std::vector<double> diagonal(double energy, const std::vector<AtomAtEnergy>& at) const;
  [[nodiscard]] Border border(double energy, double outer_level, const std::vector<AtomAtEnergy>& at, int outer_lmax) const;
  /// Projector columns of all atoms, this rank's rows.
  [[nodiscard]] std::vector<Border::Atom> projector_blocks(const std::vector<AtomAtEnergy>& at) const;
  [[nodiscard]] std::vector<AtomAtEnergy> atoms_at(double energy) const;
  /// Blocks N_a of the projectors and W of the outer channels, shape (projectors + channels) squared.
  [[nodiscard]] static Eigen::MatrixXcd inner(const Border& b, const std::vector<AtomAtEnergy>& at);
};

}  // namespace kedge::fdm
