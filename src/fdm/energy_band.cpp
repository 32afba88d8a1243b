// SPDX-License-Identifier: BSD-3-Clause
#include "energy_band.hpp"

#include <cmath>
#include <utility>

#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"

namespace kedge::fdm {
namespace {

using Complex = std::complex<double>;

// Points of the half circle. The outermost lie 1/32 of its width from its ends: how a pole closer than that is shared between neighbours is not
// resolved.
constexpr int kPoints = 8;

}  // namespace

EnergyBand::EnergyBand(InterpolationAxis axis, std::vector<ProjectedOperator> nodes) : axis_(std::move(axis)), nodes_(std::move(nodes)) {
  fold_surroundings(nodes_);
}

Eigen::MatrixXcd EnergyBand::green(Complex energy, double exact, const Eigen::MatrixXd& overlap, const Eigen::MatrixXd& strength) const {
  ContinuedOperator p = combined(nodes_, axis_.coefficients(std::sqrt(2.0 * energy)));
  auto y = p.y.topRows(strength.rows());
  if (energy == exact) {
    y = overlap.cast<Complex>();
    p.b.front() = strength.cast<Complex>();
  } else {
    // The interpolated ones, moved by what they are off at the real energy.
    const std::vector<double> there = axis_.coefficients(std::sqrt(2.0 * exact));
    Eigen::MatrixXd off = overlap;
    Eigen::MatrixXd strength_off = strength;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      off -= there[i] * nodes_[i].y.topRows(strength.rows());
      strength_off -= there[i] * nodes_[i].b.front();
    }
    y += off.cast<Complex>();
    p.b.front() += strength_off.cast<Complex>();
  }
  return absorber_green(p);
}

Eigen::MatrixXd EnergyBand::density(const EnergyCell& cell, const Eigen::MatrixXd& overlap, const Eigen::MatrixXd& strength) const {
  const double half_width = 0.5 * (cell.high - cell.low);
  const double middle = 0.5 * (cell.low + cell.high);
  if (half_width <= 0.0) return density_of(green(cell.energy, cell.energy, overlap, strength));

  // z = middle + half_width exp(i t): the mean is -(i/2) times the integral of G exp(i t) over t from 0 to pi.
  static const math::Rule rule = math::gauss_legendre(kPoints);
  Eigen::MatrixXcd mean = Eigen::MatrixXcd::Zero(strength.rows(), strength.rows());
  for (std::size_t i = 0; i < rule.x.size(); ++i) {
    const double t = 0.5 * kPi * (1.0 + rule.x[i]);
    const Complex turn(std::cos(t), std::sin(t));
    mean += Complex(0.0, -0.5) * (0.5 * kPi * rule.w[i]) * turn * green(middle + half_width * turn, cell.energy, overlap, strength);
  }
  return density_of(mean);
}

double EnergyBand::smeared(const EnergyCell& cell, const Eigen::MatrixXd& overlap, const Eigen::MatrixXd& strength) const {
  return density_of(green(Complex(cell.energy, 0.5 * (cell.high - cell.low)), cell.energy, overlap, strength)).trace();
}

}  // namespace kedge::fdm
