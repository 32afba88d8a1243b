// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <complex>
#include <vector>

#include "interpolation_axis.hpp"
#include "kedge/fdm/outer_sphere.hpp"
#include "projection.hpp"

namespace kedge::fdm {

/// The outer waves of OuterSphere between the columns of a basis at many wave numbers k. All their
/// points lie in a thin shell, where
///   h_l(k r)/h_l(k R) = (R/r)^(l+1) sum_t g_l(k, r_t) P_t(r),
/// P_t the polynomials through a few radii r_t: ghosts on one side of R, shell nodes on the other.
/// So with B_t and A_s the ghosts' and the shell's harmonics times (R/r)^(l+1) P(r),
///   U(k)^T Q = sum_t g(k, r_t) (C B_t)^T Q,   W(k) = sum_st g(k, r_s) A_s^T C B_t g(k, r_t),
/// g diagonal: nothing with as many rows as the shell depends on k. Products over the shell are
/// made in the precision of what is projected.
class ShellWaves {
 public:
  /// @param largest_k  |k| that will be asked for, which decides the number of radii
  /// @note Collective on comm
  ShellWaves(MPI_Comm comm, const OuterSphere& outer, double largest_k, Precision precision);

  /// (C B_t)^T Q for each ghost radius: (channels, columns).
  /// @param at_shell  this rank's rows of Q on the shell  @note Collective on the communicator
  [[nodiscard]] std::vector<Eigen::MatrixXd> overlaps(const Eigen::MatrixXd& at_shell) const;

  /// @param k         wave number, Im k >= 0
  /// @param overlaps  of a basis  @note Rank-local
  [[nodiscard]] OuterOverlap at(std::complex<double> k,
                                const std::vector<Eigen::MatrixXd>& overlaps) const;

 private:
  /// C B_t, (shell nodes, channels).
  [[nodiscard]] Eigen::MatrixXd coupled_to_ghosts(std::size_t t) const;

  MPI_Comm comm_;
  const OuterSphere& outer_;
  Precision precision_;
  InterpolationAxis inner_;         // radii r_s
  InterpolationAxis ghost_;         // radii r_t
  std::vector<Eigen::MatrixXd> w_;  // A_s^T C B_t at s + nodes t, over all ranks
};

}  // namespace kedge::fdm
