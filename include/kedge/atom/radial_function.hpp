// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <vector>

#include "kedge/atom/atom.hpp"
#include "kedge/atom/octave_cells.hpp"

namespace kedge::atom {

/// A free-atom density and electrostatic potential that can be evaluated anywhere, fast (two cubics
/// and a division).
///
/// r v + charge and n are interpolated by continuous cubics in cells of 0.8 to 1.6 % of r;
/// interpolation errors are below 1e-8 of the largest value nearby. Below the mesh of the atom v =
/// -Z/r + constant and n is that of the first point. `cutoff` is the radius beyond which |n| < 1e-9
/// and |v + charge/r| < 1e-9: there v = -charge/r and n = 0.
class AtomicField {
 public:
  explicit AtomicField(const Atom& atom);

  struct Value {
    double electrostatic = 0.0;  ///< v(r) [hartree]
    double density = 0.0;        ///< n(r) [1/bohr^3]
  };
  /// @param r distance from the nucleus [bohr], >= 0 (values below 1e-8 are treated as 1e-8)
  [[nodiscard]] Value operator()(double r) const {
    if (r >= cutoff_) return {-charge_ / r, 0.0};
    if (r < first_) return near_nucleus(r);
    const auto [i, t] = cells_.locate(r);
    const auto& c = polynomials_[i];
    const double rv = c[0] + t * (c[1] + t * (c[2] + t * c[3]));
    const double n = c[4] + t * (c[5] + t * (c[6] + t * c[7]));
    return {rv / r, n};
  }

  [[nodiscard]] double cutoff() const { return cutoff_; }  ///< [bohr]
  [[nodiscard]] double charge() const { return charge_; }
  [[nodiscard]] int atomic_number() const { return atomic_number_; }

 private:
  [[nodiscard]] Value near_nucleus(double r) const;

  int atomic_number_ = 0;
  double charge_ = 0.0;
  double cutoff_ = 0.0;
  double first_ = 0.0;  ///< lower end of the cells
  OctaveCells<6> cells_;
  /// For each cell the coefficients of the powers of the position: four of r v, four of n (one
  /// cache line).
  std::vector<std::array<double, 8>> polynomials_;
};

}  // namespace kedge::atom
