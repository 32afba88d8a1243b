// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "kedge/atom/atom.hpp"

namespace kedge::atom {

/// A free-atom density and electrostatic potential that can be evaluated anywhere, fast: cubic Hermite or spline
/// interpolation of r v(r) and of r^2-free n(r) on the logarithmic mesh; below the mesh the analytic behaviour
/// (-Z/r + constant; density of the first point), beyond it v = -charge/r and n = 0.
/// `cutoff` is the radius beyond which |n| < 1e-9 and |v + charge/r| < 1e-9: there evaluation is skipped.
class AtomicField {
 public:
  explicit AtomicField(const Atom& atom);

  struct Value {
    double electrostatic = 0.0;  ///< v(r) [hartree]
    double density = 0.0;        ///< n(r) [1/bohr^3]
  };
  /// @param r distance from the nucleus [bohr], >= 0 (values below 1e-8 are treated as 1e-8)
  [[nodiscard]] Value operator()(double r) const;

  /// r v(r) + Z at r: the finite part of the electrostatic potential times r.
  [[nodiscard]] double cutoff() const { return cutoff_; }
  [[nodiscard]] double charge() const { return charge_; }
  [[nodiscard]] int atomic_number() const { return atomic_number_; }

 private:
  int atomic_number_ = 0;
  double charge_ = 0.0;
  double cutoff_ = 0.0;
  double log_first_ = 0.0;
  double inverse_step_ = 0.0;
  // One record per interval: value and slope of r v + charge and of n at both ends live side by side.
  struct Node {
    double rv, rv_slope, n, n_slope;
  };
  std::vector<Node> nodes_;
};

}  // namespace kedge::atom
