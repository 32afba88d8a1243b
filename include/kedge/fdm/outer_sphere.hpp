// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <complex>
#include <cstdint>
#include <vector>

#include "kedge/fdm/stencil.hpp"
#include "kedge/grid/sphere_grid.hpp"

namespace kedge::fdm {

/// Outgoing waves at the outer sphere, as a complex symmetric low-rank term of the operator.
///
/// Nodes just outside the sphere (ghosts) take psi_g = sum_L c_L H_gL, H_gL = h_l^+(k r_g)/h_l^+(k
/// R) Y_L. With C the stencil coupling of interior nodes to ghosts, the rows of the shell read K
/// psi + U c, U = C H. The amplitudes follow from the discrete Wronskian of psi with each outgoing
/// wave, sum_ig C_ig (psi_i H_gL - H_iL psi_g) = 0, which vanishes for a purely outgoing psi:
///   U^T psi = W c,   W = H_in^T C H (symmetrised: its antisymmetric part is of the order of the
///   stencil error),
/// so that the operator is K + U W^-1 U^T: symmetric, hence reciprocal. For real energies below the
/// outer level h is the decaying wave and everything is real.
class OuterSphere {
 public:
  /// @param first, last  range of unknowns owned by this rank: shell nodes outside it are left out
  OuterSphere(const grid::SphereGrid& grid, const Stencil& stencil, int lmax, std::int32_t first,
              std::int32_t last);

  /// U at one energy: its real part for all channels, its imaginary part for those where it is not
  /// negligible.
  struct Columns {
    int lmax = 0;
    Eigen::MatrixXd real;                ///< (shell nodes, channels)
    Eigen::MatrixXd imaginary;           ///< (shell nodes, listed channels)
    std::vector<int> imaginary_channel;  ///< channel of each column of `imaginary`, ascending
    Eigen::MatrixXcd w;                  ///< this rank's part of W, (channels, channels)
  };
  /// @param lmax  at most that of the constructor  @note Rank-local
  [[nodiscard]] Columns columns(std::complex<double> k, int lmax) const;

  /// Unknowns of the shell, in the order of the rows of Columns.
  [[nodiscard]] const std::vector<std::int32_t>& shell() const { return shell_; }
  [[nodiscard]] int lmax() const { return lmax_; }

  /// C, an entry of the stencil between a node of the shell and a ghost.
  struct Coupling {
    std::int32_t shell, ghost;
    double value;
  };
  [[nodiscard]] const std::vector<Coupling>& couplings() const { return couplings_; }  // by ghost
  [[nodiscard]] const std::vector<Eigen::Vector3d>& shell_points() const { return shell_points_; }
  [[nodiscard]] const std::vector<Eigen::Vector3d>& ghost_points() const { return ghost_points_; }
  [[nodiscard]] double reference_radius() const { return reference_radius_; }

 private:
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  int lmax_;
  double reference_radius_;
  double reach_;  // of the stencil [bohr]
  std::vector<std::int32_t> shell_;
  std::vector<Eigen::Vector3d> shell_points_;
  std::vector<Eigen::Vector3d> ghost_points_;
  std::vector<Coupling> couplings_;  // by ghost
};

}  // namespace kedge::fdm
