// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/atom/radial_function.hpp"

#include <cmath>

#include "log_mesh.hpp"

namespace kedge::atom {
namespace {

constexpr double kNegligible = 1e-9;
constexpr double kSmallestRadius = 1e-8;

/// First mesh radius from which on r v + charge and n are negligible.
double find_cutoff(const Atom& atom) {
  const std::vector<double>& r = atom.mesh.r;
  std::size_t i = r.size() - 1;
  const auto negligible = [&](std::size_t k) {
    return std::abs(atom.electrostatic[k] + atom.charge / r[k]) < kNegligible &&
           std::abs(atom.density[k]) < kNegligible;
  };
  while (i > 0 && negligible(i - 1)) --i;
  return r[i];
}

OctaveCells<6> cells_of(const Atom& atom, double cutoff) {
  return {std::ilogb(atom.mesh.first) + 1, std::ilogb(cutoff) + 1};
}

/// Coefficients of the cubic through f at the positions 0, 1/4, 3/4, 1.
std::array<double, 4> cubic_through(const std::array<double, 4>& f) {
  const double end = f[3] - f[0];
  // with q(t) = (p(t) - f0)/t: quadratic through q(1/4), q(3/4), q(1)
  const double q1 = 4.0 * (f[1] - f[0]), q3 = (f[2] - f[0]) * 4.0 / 3.0;
  const double slope = 2.0 * (q3 - q1);
  const double curvature = (4.0 * (end - q3) - slope) * 4.0 / 3.0;
  return {f[0], q1 - 0.25 * slope + 0.1875 * curvature, slope - curvature, curvature};
}

}  // namespace

AtomicField::AtomicField(const Atom& atom)
    : atomic_number_(atom.atomic_number),
      charge_(atom.charge),
      cutoff_(find_cutoff(atom)),
      first_(std::ldexp(1.0, std::ilogb(atom.mesh.first) + 1)),
      cells_(cells_of(atom, cutoff_)),
      polynomials_(cells_.locate(cutoff_).cell + 1) {
  std::vector<double> rv(atom.mesh.r.size());
  for (std::size_t i = 0; i < rv.size(); ++i) rv[i] = atom.mesh.r[i] * atom.electrostatic[i];
  for (std::size_t cell = 0; cell < polynomials_.size(); ++cell) {
    const double lower = cells_.edge(cell), width = cells_.edge(cell + 1) - lower;
    std::array<double, 4> v{}, n{};
    for (std::size_t k = 0; k < 4; ++k) {
      const double r = lower + std::array{0.0, 0.25, 0.75, 1.0}[k] * width;
      v[k] = interpolate(atom.mesh, rv, r, 0);
      n[k] = interpolate(atom.mesh, atom.density, r, 0);
    }
    v = cubic_through(v);
    n = cubic_through(n);
    polynomials_[cell] = {v[0], v[1], v[2], v[3], n[0], n[1], n[2], n[3]};
  }
}

AtomicField::Value AtomicField::near_nucleus(double r) const {
  const double z = atomic_number_;
  const double constant = (polynomials_[0][0] + z) / first_;
  return {-z / std::max(r, kSmallestRadius) + constant, polynomials_[0][4]};
}

}  // namespace kedge::atom
