// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <complex>
#include <memory>
#include <vector>

#include "kedge/potential/muffin_tin_potential.hpp"
#include "kedge/radial/channel_amplitudes.hpp"
#include "kedge/scattering/dense_solver.hpp"
#include "kedge/scattering/t_matrix.hpp"

namespace kedge::scattering {

struct Settings {
  std::vector<int> lmax;  ///< partial waves of each scatterer
  bool relativistic = true;
  DenseMethod method = DenseMethod::automatic;
};

/// The Green function inside one sphere at a complex energy, for r < r' (and with r, r' exchanged
/// for r > r'):
///   G_LL'(r, r') = sum g_LL' p_l(r) p_l'(r') + delta_LL' (-2 i k) f_l p_l(r) H_l(r'),
/// per r r'; f = PartialWave::factor.
struct SiteGreen {
  Eigen::MatrixXcd g;
  std::vector<ComplexWave> waves;
  std::complex<double> k;
};

/// integral_0^b G_LL(r, r) dr [1/hartree] of each L: analytic in the upper half plane of the
/// energy, so that integrals along the real axis may be taken on any path above it.
[[nodiscard]] Eigen::VectorXcd integrated_green(const SiteGreen& green,
                                                const math::SpectralMesh& mesh);

/// sum_L G_LL(r, r) [1/(hartree bohr)] on the mesh: its -(1/pi) Im is 4 pi r^2 times the spherical
/// density of one spin per hartree.
[[nodiscard]] std::vector<std::complex<double>> radial_green(const SiteGreen& green);

/// n_L(E) = -(1/pi) Im integral_0^b G_LL(r, r) dr [1/hartree, one spin]: states in the sphere. At E
/// + i eta it is the real-axis rho_LL convolved with a Lorentzian of half width eta, as long as V
/// does not depend on energy.
[[nodiscard]] Eigen::VectorXd density_of_states(const SiteGreen& green,
                                                const math::SpectralMesh& mesh);

/// Full multiple scattering in a muffin-tin potential.
///
/// With t the diagonal of all partial waves and g the free propagators (zero on one site), the
/// Green function between regular solutions is g + g t g + ... = (1 - g t)^-1 g; the columns of the
/// sites asked for are solved directly.
/// @note Collective on comm: every solve. The result is the same on every rank.
class Engine {
 public:
  Engine(MPI_Comm comm, const potential::MuffinTinPotential& model, Settings settings);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Amplitudes of the absorber at a real energy [hartree from the vacuum].
  [[nodiscard]] radial::ChannelAmplitudes solve(double energy);

  /// Green function in the sphere of the absorber at a complex energy, Im E >= 0; the potential is
  /// that of Re E.
  [[nodiscard]] SiteGreen green(std::complex<double> energy);
  /// The same in every sphere; one solve with all columns.
  [[nodiscard]] std::vector<SiteGreen> green_of_all(std::complex<double> energy);

  /// S matrix of the whole cluster about the absorber's site at a real energy above V0, in
  /// spherical waves of l <= lmax:
  ///   S = 1 - 4 i k J^T T J,  T = (t^-1 - g)^-1, J = regular waves of the origin at the sites.
  ///   Unitary where lmax is large
  /// enough for the cluster.
  [[nodiscard]] Eigen::MatrixXcd s_matrix(double energy, int lmax);

  [[nodiscard]] Eigen::Index order() const;  ///< of the dense matrix
  [[nodiscard]] const math::SpectralMesh& absorber_mesh() const;
  [[nodiscard]] const math::SpectralMesh& mesh(int a) const;  ///< of scatterer a

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kedge::scattering
