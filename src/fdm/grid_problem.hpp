// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <memory>
#include <optional>
#include <vector>

#include "border.hpp"
#include "grid_frame.hpp"
#include "kedge/fdm/atom_on_grid.hpp"

namespace kedge::fdm {

/// What the discrete equations of one potential are made of; the operator at an energy is
///   A(E) = K(E) + X N^-1 X^T + U W^-1 U^T,  K = -1/2 Lap_h + diag(d(E)).
/// @note Collective on the frame's communicator: diagonal() and border(); the rest is rank-local,
/// for the rows of this rank.
struct GridProblem {
  std::shared_ptr<GridFrame> frame;
  const potential::PotentialModel& model;
  std::vector<AtomOnGrid> atoms;
  std::unique_ptr<potential::Samples> samples;  // at this rank's nodes

  /// @param depths  of the local potentials, see AtomOnGrid; empty: chosen for each atom
  /// @throws Error{numerical} if the projectors of an atom are nearly dependent on its local
  /// potential
  GridProblem(std::shared_ptr<GridFrame> frame_in, const potential::PotentialModel& model_in,
              const std::vector<double>& depths = {});
  /// d(E) [hartree].
  [[nodiscard]] std::vector<double> diagonal(double energy,
                                             const std::vector<AtomAtEnergy>& at) const;
  [[nodiscard]] Border border(double energy, double outer_level,
                              const std::vector<AtomAtEnergy>& at, int outer_lmax) const;
  /// Projector columns of all atoms, this rank's rows.
  [[nodiscard]] std::vector<Border::Atom> projector_blocks(
      const std::vector<AtomAtEnergy>& at) const;
  [[nodiscard]] std::vector<AtomAtEnergy> atoms_at(double energy) const;
  [[nodiscard]] std::vector<double> depths() const;
  /// Blocks N_a of the projectors and W of the outer channels, shape (projectors + channels)
  /// squared.
  [[nodiscard]] static Eigen::MatrixXcd inner(const Border& b, const std::vector<AtomAtEnergy>& at);
};

/// One scatterer of a frame in a potential model.
/// @param depth  of its local potential; empty: chosen for the frame's window of energies
[[nodiscard]] AtomOnGrid atom_on_grid(const GridFrame& frame,
                                      const potential::PotentialModel& model, std::size_t atom,
                                      std::optional<double> depth);

/// Energy of a kinetic energy outside, E = kinetic + V_out(E) [hartree]; the level outside hardly
/// depends on energy.
/// @param nearby_level  V_out at some energy, the nearer the sooner done
[[nodiscard]] double energy_of(const potential::PotentialModel& model, double kinetic,
                               double nearby_level);

/// The outer channels of a border at wave number k, filled in. @note Collective on the frame's
/// communicator
void add_outer(const GridFrame& frame, Complex k, int outer_lmax, Border& border);

}  // namespace kedge::fdm
