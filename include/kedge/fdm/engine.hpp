// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kedge/fdm/bordered_factor.hpp"
#include "kedge/math/spectral_mesh.hpp"
#include "kedge/potential/potential_model.hpp"
#include "kedge/radial/channel_amplitudes.hpp"

namespace kedge::fdm {

/// In which the basis of a reduced model is kept and projected on. fp64: its snapshots are
/// corrected by their residuals too, and the model no longer depends on how a solve is spread over
/// ranks.
enum class Precision { fp32, fp64 };

/// How the equations are put on the grid. Atomic units.
struct Settings {
  double spacing = 0.0;       ///< h [bohr]
  int order = 4;              ///< of the stencil
  bool compact = true;        ///< 19 points at order 4, not a star, see Stencil
  double radius = 0.0;        ///< R: beyond it the potential is the outer level [bohr]
  double margin_steps = 1.0;  ///< the grid ends this many steps beyond R: the waves in the shell
                              ///< are to be free of the step there
  Eigen::Vector3d shift =
      Eigen::Vector3d::Zero();        ///< of the nodes relative to the absorber, in steps
  std::vector<double> sphere_radius;  ///< r_c of each scatterer [bohr]
  std::vector<int> lmax;              ///< projector channels of each scatterer
  double absorber_mesh_radius =
      0.0;              ///< radial functions of the absorber reach to here, >= its r_c [bohr]
  int outer_lmax = -1;  ///< orders of the outer sphere; -1: from wave number, radius and step
  bool relativistic = true;
  Precision precision = Precision::fp32;  ///< of reduced models
  std::filesystem::path scratch;          ///< folder for sparse factors; empty: in memory
  double lowest_energy =
      0.0;  ///< window for the choice of the local potentials [hartree from vacuum]
  double highest_energy = 1.0;
};

using radial::ChannelAmplitudes;

/// Seconds spent in each phase of the last solve, and sizes.
struct SolveProfile {
  double potential = 0.0, border = 0.0, factor = 0.0, dense = 0.0, solve = 0.0;
  int factorisations =
      0;  ///< more than one: next to an eigenvalue of the grid's operator without border
  int corrections = 0;   ///< of the solutions of the last
  int states_below = 0;  ///< eigenvalues of that operator below the energy
  int border_columns = 0;
  int outer_channels = 0;
};

/// Standard deviation of the Gaussian through which an energy sees the spectrum, in widths of its
/// cell. Energies a cell apart then hold all of a narrow state wherever it lies between them, to 2
/// exp(-2 pi^2 kCellSigma^2) = 0.16 %, and its shape once broadened to two cells or more (with 0.5:
/// 1.4 %, and 3.5 % of its height in the shape).
inline constexpr double kCellSigma = 0.6;

/// Size of the reduced model of a window of energies.
struct WindowSettings {
  double tolerance =
      1e-2;              ///< largest estimated error of rho, relative to the largest of the window
  int solves = 4;        ///< repeated solves with each factorisation
  double states = 45.0;  ///< states of the empty sphere in the window for each factorisation
  /// All snapshots are of one potential: where the window is cut, fewer with more solves each
  /// serve.
  bool one_potential = true;
  int nodes = 9;  ///< of a band, odd, two fewer where it is narrow: energies at which the operator
                  ///< is projected
  double band_scale = 1.0;  ///< of the widths of the bands into which the window is cut
  /// Each result is rho through a Gaussian of kCellSigma times the width of a cell, which reaches
  /// half way to its neighbours and is no wider than this [hartree]; 0: rho at the energy itself.
  double widest_cell = 0.0;
  /// Half width at half maximum of a Lorentzian through which rho is given as well [hartree], 0:
  /// not; no more than some tenths of an electronvolt, over which the operator is extrapolated.
  double smearing = 0.0;
  /// Called between the steps of making and solving the model, on all ranks together; to give the
  /// model up it throws the same on all.
  std::function<void()> between_steps = {};
};

/// Sizes that mostly serve a tolerance with the first model. The 178 spectra of NaCB11H12 of
/// inputs/nacb11h12/campaign_180.ini had estimates of 2e-2 at most with the coarse ones; what
/// they err by is in docs/accuracy.md.
[[nodiscard]] WindowSettings window_settings(double tolerance);

/// What a window of energies cost; for a family all of it so far but for `models`.
struct WindowReport {
  int models = 0;  ///< made until one was within the tolerance
  int snapshots = 0;
  int solves = 0;   ///< of all snapshots, each for all of the absorber's projectors
  int columns = 0;  ///< of the largest basis
  int bands = 0;
  int nodes = 0;         ///< energies at which the operator was projected
  int band_columns = 0;  ///< of the widest band
  double basis_seconds = 0.0;
  double outer_seconds = 0.0;
  double data_seconds = 0.0;  ///< atoms and diagonals at the nodes
  double project_seconds =
      0.0;  ///< between all columns of the basis, and the choice of those of the bands
  double band_seconds = 0.0;  ///< between the columns of the bands
  double solve_seconds = 0.0;
};

struct WindowResult {
  std::vector<ChannelAmplitudes> amplitudes;  ///< of each energy
  /// Estimated, of the trace of rho, relative to the largest of the window. Above the tolerance
  /// where the sixth model was not within it either: the amplitudes there are not to be used.
  std::vector<double> error;
  /// rho of each energy through the Lorentzian of WindowSettings::smearing; empty without one.
  std::vector<Eigen::MatrixXd> smeared;
  WindowReport report;
};

/// Far enough above or below the level outside for the wave number or decay constant there to be a
/// smooth variable. @param energy  [hartree from the vacuum]
[[nodiscard]] bool in_reach_of_window(const potential::PotentialModel& model, double energy);

/// Of Engine::least_resolution(). A boron of 0.67 Angstrom whose waves of l = 3 had no dual
/// functions had 0.04 next to a ghost.
inline constexpr double kResolved = 0.2;

/// Finite differences about one absorber: the grid, the projectors and the outer sphere for a
/// potential model.
/// @note Collective on comm: constructor, analyse() and solve().
class Engine {
 public:
  Engine(MPI_Comm comm, const potential::PotentialModel& model, Settings settings);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Solves one energy [hartree from the vacuum]; the same result on every rank of comm.
  [[nodiscard]] ChannelAmplitudes solve(double energy);

  /// Amplitudes at all energies [hartree from the vacuum] of a window from a reduced model: a few
  /// factorisations, a rational Krylov basis, and at each energy a small dense problem, its
  /// operator interpolated between exactly projected ones. The error is estimated at each energy;
  /// those where it exceeds the tolerance are solved again with one more snapshot at the worst of
  /// them.
  /// @param energies  at least two in rising order, all in_reach_of_window() of the potential
  /// @note Collective on comm
  [[nodiscard]] WindowResult solve_window(const std::vector<double>& energies,
                                          const WindowSettings& settings);

  /// Snapshots and nodes that solve_window() begins with for energies from lowest to highest.
  [[nodiscard]] WindowReport window_size(double lowest, double highest,
                                         const WindowSettings& settings) const;

  /// Ordering and symbolic factorisation for a direct solve at this energy [hartree from the
  /// vacuum], which need not be done again there.
  FactorCost analyse(double energy);
  [[nodiscard]] std::int32_t unknowns() const;
  [[nodiscard]] std::int32_t projectors() const;
  [[nodiscard]] std::int32_t sources()
      const;  ///< harmonics of the absorber, for each of which the equations are solved
  [[nodiscard]] double lowest_energy()
      const;  ///< of the window of the settings [hartree from the vacuum]
  [[nodiscard]] double highest_energy() const;
  [[nodiscard]] std::int32_t shell_nodes() const;  ///< of this rank
  [[nodiscard]] int outer_lmax() const;  ///< orders of the outer sphere, the same at all energies
  /// Border columns at a fraction 0 .. 1 of the energy window, imaginary parts included.
  [[nodiscard]] int border_columns(double fraction) const;
  [[nodiscard]] const SolveProfile& profile() const;
  [[nodiscard]] const math::SpectralMesh& absorber_mesh() const;
  /// Least independence of the projectors (see PseudoChannel) over atoms, channels and the window.
  [[nodiscard]] double least_independence() const;
  /// How well the lattice holds the waves in the spheres: 1 + (B_h - B)/B, least of the eigenvalues
  /// of all blocks B_h of one l < kFirstDual of an atom at both ends of the window, B what they are
  /// without a lattice; in the denominator that of the end where it is larger, since B may pass
  /// through zero at the other. Where B_h vanishes at a large B the lattice has a state of its own
  /// (a ghost): the step is too coarse for the waves of this l in the sphere. Below kResolved there
  /// may be one in the window.
  [[nodiscard]] double least_resolution() const;
  /// plane_wave_shift() outside at the upper end of the window. @note Rank-local
  [[nodiscard]] double lattice_shift() const;

 private:
  friend class Family;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kedge::fdm
