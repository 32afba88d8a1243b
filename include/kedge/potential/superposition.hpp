// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "kedge/atom/radial_function.hpp"
#include "kedge/potential/exchange_correlation.hpp"
#include "kedge/potential/muffin_tin_radii.hpp"
#include "kedge/potential/potential_model.hpp"
#include "kedge/structure/structure.hpp"

namespace kedge::potential {

/// The free atoms that make the potential, and how it is put together.
struct SuperpositionSettings {
  std::vector<std::shared_ptr<const atom::AtomicField>> field;  ///< of each atom of the cluster
  atom::Functional functional = atom::Functional::hedin_lundqvist;
  bool energy_dependent = true;
  double plasmon_damping = 0.0;       ///< see SelfEnergyRatio
  std::optional<double> outer_level;  ///< [hartree from vacuum]; empty: the interstitial level V0
  /// Muffin-tin radius of each scatterer [bohr]; 0 or missing: by the rule of muffin_tin_radii().
  std::vector<double> muffin_tin_radius;
  double muffin_tin_overlap =
      0.1;  ///< by which the spheres of multiple scattering are larger; enters the rule
  double clip_radius =
      0.0;  ///< of atoms that are not scatterers [bohr]; 0: their muffin-tin radius
};

/// Superposed potential of a cluster, true shape:
///   V_H(r) = sum_a v_a(|r - R_a|),  n(r) = sum_a n_a(|r - R_a|),  V(r; E) = V_H + f(r_s, p/k_F)
///   V_xc(n).
///
/// Atoms of a crystal are neutral, so that the sum converges with their densities (about 8
/// Angstrom); only an absorber with screening below one carries charge, which nothing compensates:
/// its potential goes as -(1-s)/r. An atom beyond the cluster radius is not solved for: inside its
/// clip radius its v and n are continued by the even polynomial with the same value, slope and
/// curvature, which takes its core out of the grid.
class SuperposedPotential final : public PotentialModel {
 public:
  SuperposedPotential(const structure::Cluster& cluster, SuperpositionSettings settings);
  ~SuperposedPotential() override;

  [[nodiscard]] const std::vector<Nucleus>& scatterers() const override;
  [[nodiscard]] double own(int a, double r) const override;
  [[nodiscard]] std::unique_ptr<Samples> sample(std::span<const Eigen::Vector3d> points,
                                                std::span<const int> own_atom) const override;
  [[nodiscard]] double outer_level(double energy) const override;

  /// Mean of V over the interstitial points with ground-state exchange-correlation [hartree from
  /// vacuum].
  ///
  /// Points: a lattice of 0.125 Angstrom about the absorber, no farther than the farthest
  /// scatterer, outside the muffin-tin spheres of all atoms (clip spheres of those that are not
  /// scatterers) and within twice the largest muffin-tin radius of some scatterer.
  [[nodiscard]] double interstitial_level() const;

  /// Muffin-tin radii of the scatterers [bohr], without overlap: those given, else by rule, see
  /// muffin_tin_radii().
  [[nodiscard]] const std::vector<double>& muffin_tin_radii() const;
  [[nodiscard]] const std::vector<RadiusRule>& radius_rules() const;

  /// Spherical mean of V about scatterer a with ground-state exchange-correlation [hartree from
  /// vacuum].
  [[nodiscard]] double spherical_mean(int a, double r) const;

  /// Spherical mean about scatterer a of the density of all other atoms [electrons/bohr^3].
  [[nodiscard]] double density_of_others(int a, double r) const;

  /// The same potential with ground-state exchange-correlation at all energies, that of the
  /// occupied states, with the first n scatterers only and outside them the V0 of the points
  /// between these n, whatever the settings say: it depends on no atom added farther out. Refers to
  /// this object, which must outlive it.
  [[nodiscard]] std::unique_ptr<PotentialModel> ground_state(int n_scatterers) const;

  struct Parts;

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace kedge::potential
