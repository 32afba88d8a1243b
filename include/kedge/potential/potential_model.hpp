// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace kedge::potential {

/// Potential at a fixed set of points, evaluated again at each energy.
class Samples {
 public:
  virtual ~Samples() = default;
  /// V(r_i; E) [hartree] into v, shape (number of points); energy [hartree] from the vacuum.
  /// @note Rank-local
  virtual void evaluate(double energy, std::span<double> v) const = 0;
  /// V with ground-state exchange-correlation, for derivatives: the energy-dependent one has a
  /// logarithmic cusp on the surface where an electron begins to emit plasmons. The same as
  /// evaluate() where V does not depend on energy. @note Rank-local
  virtual void evaluate_ground_state(std::span<double> v) const { evaluate(0.0, v); }
};

/// A nucleus of the model, where the potential goes as -Z/r.
struct Nucleus {
  Eigen::Vector3d position_cart = Eigen::Vector3d::Zero();  ///< [bohr], relative to the absorber
  int atomic_number = 0;                                    ///< 0: an empty sphere
};

/// What the engines need to know of the potential: its values at points, split so that the singular
/// part of each atom stays analytic. Everything in hartree and bohr, from the vacuum; the absorber
/// is nucleus 0.
class PotentialModel {
 public:
  virtual ~PotentialModel() = default;

  /// The scatterers: atoms that are treated exactly. Nucleus 0 is the absorber.
  [[nodiscard]] virtual const std::vector<Nucleus>& scatterers() const = 0;

  /// Spherical electrostatic part that belongs to scatterer `a` alone, -Z/r at its nucleus.
  [[nodiscard]] virtual double own(int a, double r) const = 0;

  /// V at points, without the part own(a, |r - R_a|) where own_atom[i] = a >= 0 (complete where it
  /// is -1).
  [[nodiscard]] virtual std::unique_ptr<Samples> sample(std::span<const Eigen::Vector3d> points,
                                                        std::span<const int> own_atom) const = 0;

  /// Constant level outside the computed sphere at this energy.
  [[nodiscard]] virtual double outer_level(double energy) const = 0;

  /// False if V and the level outside are the same at all energies.
  [[nodiscard]] virtual bool depends_on_energy() const { return true; }

  /// Constant value of V just outside radius r of scatterer `a`, where V steps or has reached a
  /// constant there; empty where it goes on smoothly (the usual case).
  [[nodiscard]] virtual std::optional<double> level_outside(int /*a*/, double /*r*/,
                                                            double /*energy*/) const {
    return std::nullopt;
  }
};

}  // namespace kedge::potential
