// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kedge/fdm/engine.hpp"
#include "kedge/io/input.hpp"
#include "kedge/potential/potential_model.hpp"
#include "kedge/structure/structure.hpp"

namespace kedge::campaign {

/// Parameters of one case.
struct CaseParameters {
  double screening = 1.0;
  double dilatorb = 0.0;
  /// section.key and value of every key that has a list in the input, the two above included.
  std::vector<std::pair<std::string, std::string>> values = {};
  std::size_t i_structure =
      0;  ///< cases of the same number have the same structure; counted in the order of the cases
};

/// Result of one energy of one site. Spectra per absorbing atom.
struct EnergyResult {
  std::vector<double> s;  ///< S(q, l) [1/eV], shape (n_q, lmax + 1), l fastest
  double xanes = 0.0;     ///< absorption cross section [Mbarn]
  double residual =
      0.0;  ///< relative residual of the linear solve; of a reduced model its estimated error
};

/// Levels of one site [eV].
struct SiteLevels {
  double fermi_ev = 0.0;  ///< from the vacuum
  double v0_ev =
      0.0;  ///< interstitial level with ground-state exchange-correlation, from the vacuum
  double core_level_ev =
      0.0;  ///< Kohn-Sham energy of the core level, unexcited cluster, from the vacuum (negative)
  double scf_iterations =
      std::numeric_limits<double>::quiet_NaN();  ///< of the self-consistent potential; NaN:
                                                 ///< superposed atoms
  double scf_change = std::numeric_limits<double>::quiet_NaN();  ///< of the density in a sphere,
                                                                 ///< last iteration [electrons]
};

/// Of GridQuality::shift_ev, half of what positions of peaks are wanted to.
inline constexpr double kLargestShiftEv = 0.1;

/// How well a grid serves the energies asked for.
struct GridQuality {
  double resolution = std::numeric_limits<double>::quiet_NaN();  ///< Engine::least_resolution()
  double shift_ev = std::numeric_limits<double>::quiet_NaN();    ///< Engine::lattice_shift()
};

/// What one energy costs, foreseen before the first solve.
struct Forecast {
  std::int64_t unknowns = 0;
  std::int64_t border_columns = 0;  ///< projectors and outer channels
  double memory_per_rank_gb = 0.0;  ///< peak resident memory of one rank
  double seconds_per_solve = 0.0;
};

/// True if the error of the grid is estimated (engine.grid_error) where the energies come from a
/// reduced model.
[[nodiscard]] bool wants_grid_error(const io::Input& input);

/// Everything that is needed to solve one absorber site of one case at any energy: atoms,
/// potential, levels, and the engine, made when it is first needed.
class SiteCalculation {
 public:
  /// @note Collective on comm (the ranks of one solve), which must outlive the object, as input
  /// must.
  SiteCalculation(MPI_Comm comm, const io::Input& input, const structure::Structure& structure,
                  int site, const CaseParameters& parameters);
  /// No input that is gone after the call.
  SiteCalculation(MPI_Comm, const io::Input&&, const structure::Structure&, int,
                  const CaseParameters&) = delete;
  ~SiteCalculation();
  SiteCalculation(const SiteCalculation&) = delete;
  SiteCalculation& operator=(const SiteCalculation&) = delete;

  [[nodiscard]] const SiteLevels& levels() const;
  /// "B 0.647 to 0.689 (ratio of Norman radii), ...": muffin-tin radii of the scatterers in
  /// Angstrom, without overlap, and what decided them.
  [[nodiscard]] std::string muffin_tins() const;
  /// Projected density of states (atom, l, energy) [1/eV, both spins] of the atoms of [dos]; empty
  /// without any.
  [[nodiscard]] const std::vector<double>& dos() const;
  /// Solves one energy [eV from the Fermi level] for itself; the result is valid on all ranks.
  /// @note Collective on comm
  [[nodiscard]] EnergyResult solve(double energy_rel_fermi_ev);
  /// Energies in rising order, two at least, by a reduced model on a grid of another step [bohr],
  /// made for the purpose, through the Lorentzian of window.smearing if any; none if the grid is
  /// too coarse for the waves in the spheres (fdm::kResolved).
  /// @throws Error{numerical} if the model is not within its tolerance everywhere. @note Collective
  /// on comm
  [[nodiscard]] std::vector<EnergyResult> solve_on(double spacing,
                                                   const std::vector<double>& energies_rel_fermi_ev,
                                                   const fdm::WindowSettings& window);
  /// The same on a grid that is there, of this or another potential on the same atoms.
  [[nodiscard]] std::vector<EnergyResult> solve_alone(
      fdm::Engine& grid, const std::vector<double>& energies_rel_fermi_ev,
      const fdm::WindowSettings& window) const;
  /// NaN where nothing was solved by finite differences. @note Collective on comm
  [[nodiscard]] GridQuality grid_quality() const;
  /// Spectra of amplitudes that were found otherwise. @note Rank-local
  [[nodiscard]] EnergyResult spectra_of(radial::ChannelAmplitudes amplitudes,
                                        double energy_rel_fermi_ev) const;
  /// @note Collective on comm
  [[nodiscard]] Forecast forecast();
  /// The finite-difference engine, for its profile and sizes; not with engine.kind = ms.
  /// @note Collective on comm when it is first asked for
  [[nodiscard]] fdm::Engine& engine();
  [[nodiscard]] std::shared_ptr<const potential::PotentialModel> potential() const;
  /// [hartree from the vacuum]
  [[nodiscard]] double energy(double energy_rel_fermi_ev) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The potential of a site with other parameters of the absorber. @note Collective on comm
[[nodiscard]] std::shared_ptr<const potential::PotentialModel> site_potential(
    MPI_Comm comm, const io::Input& input, const structure::Structure& structure, int site,
    const CaseParameters& parameters);

}  // namespace kedge::campaign
