// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <vector>

#include "kedge/math/spectral_mesh.hpp"
#include "kedge/potential/potential_model.hpp"

namespace kedge::potential {

/// Polar nodes of the angular mean, near the nucleus and beyond a quarter of the radius: exact up
/// to degree 2n - 1.
struct AngularNodes {
  int near = 6;
  int far = 12;
};

/// The muffin-tin version of a potential: spherical inside the atomic spheres, constant between and
/// beyond them.
///
///   V(r; E) = (1/4pi) integral V_base(R_a + r n; E) dn  for r <= radius_a,   V0(E) = outer level
///   of the base elsewhere.
///
/// The mean is that of V itself, energy-dependent exchange-correlation included, not V of the mean
/// density. Spheres must not overlap where the model is sampled on a grid; where they do the first
/// one takes the point. Not for use by several threads: the spherical means of the last energy are
/// kept.
class MuffinTinPotential final : public PotentialModel {
 public:
  /// @param base  must outlive this   @param radii  of each scatterer of the base [bohr]
  /// @note Rank-local
  MuffinTinPotential(const PotentialModel& base, std::vector<double> radii,
                     AngularNodes nodes = {});
  ~MuffinTinPotential() override;

  [[nodiscard]] const std::vector<Nucleus>& scatterers() const override;
  [[nodiscard]] double own(int a, double r) const override;
  [[nodiscard]] std::unique_ptr<Samples> sample(std::span<const Eigen::Vector3d> points,
                                                std::span<const int> own_atom) const override;
  [[nodiscard]] double outer_level(double energy) const override;
  [[nodiscard]] std::optional<double> level_outside(int a, double r, double energy) const override;

  [[nodiscard]] const std::vector<double>& radii() const;
  /// Radial mesh of scatterer a; it ends at its radius.
  [[nodiscard]] const math::SpectralMesh& mesh(int a) const;
  /// Spherical V(r; E) of scatterer a on its mesh, own part included; at the radius the value
  /// inside [hartree].
  [[nodiscard]] const std::vector<double>& spherical(int a, double energy) const;

  struct Parts;

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace kedge::potential
