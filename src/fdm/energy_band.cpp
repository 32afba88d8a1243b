// SPDX-License-Identifier: BSD-3-Clause
#include "energy_band.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"
#include "outer_variable.hpp"

namespace kedge::fdm {
namespace {

using Complex = std::complex<double>;

// Points of the half circle. The outermost lie 1/32 of its width from its ends: how a pole closer
// than that is shared between neighbours is not resolved.
constexpr int kPoints = 8;
// Nodes about a cell. The operator bends on the scale of an electronvolt, where an electron begins
// to emit plasmons: over a quarter of one the parabola is good to some 1e-6 hartree.
constexpr double kNarrowCell = 0.012;  // [hartree]
constexpr int kNodesOfNarrow = 3;
constexpr int kNodesOfWide = 5;
constexpr double kLeastWidth = 2e-4;  // [hartree] of their distance

}  // namespace

CellBand::CellBand(InterpolationAxis axis, std::vector<ProjectedOperator> nodes,
                   const EnergyCell& cell)
    : axis_(std::move(axis)), nodes_(std::move(nodes)), cell_(cell) {}

Eigen::MatrixXcd CellBand::green(Complex energy) const {
  return absorber_green(combined(nodes_, axis_.coefficients(outer_variable(energy))));
}

Eigen::MatrixXd CellBand::density() const {
  const double half_width = 0.5 * (cell_.high - cell_.low);
  const double middle = 0.5 * (cell_.low + cell_.high);
  if (half_width <= 0.0) return density_of(green(cell_.energy));

  // z = middle + half_width exp(i t): the mean is -(i/2) times the integral of G exp(i t) over t
  // from 0 to pi.
  static const math::Rule rule = math::gauss_legendre(kPoints);
  Eigen::MatrixXcd mean;
  for (std::size_t i = 0; i < rule.x.size(); ++i) {
    const double t = 0.5 * kPi * (1.0 + rule.x[i]);
    const Complex turn(std::cos(t), std::sin(t));
    const Eigen::MatrixXcd part =
        Complex(0.0, -0.5) * (0.5 * kPi * rule.w[i]) * turn * green(middle + half_width * turn);
    if (i == 0) {
      mean = part;
    } else {
      mean += part;
    }
  }
  return density_of(mean);
}

double CellBand::smeared(double beside) const {
  return density_of(green(Complex(cell_.energy + beside, 0.5 * (cell_.high - cell_.low)))).trace();
}

Eigen::MatrixXd CellBand::smeared_density(double height) const {
  return density_of(green(Complex(cell_.energy, height)));
}

EnergyBand::EnergyBand(InterpolationAxis axis, std::vector<ProjectedOperator> nodes)
    : axis_(std::move(axis)), nodes_(std::move(nodes)) {
  fold_surroundings(nodes_);
}

CellBand EnergyBand::about(const EnergyCell& cell, const Eigen::MatrixXd& overlap,
                           const Eigen::MatrixXd& strength) const {
  const double middle = 0.5 * (cell.low + cell.high);
  const double half_width = std::max(0.5 * (cell.high - cell.low), kLeastWidth);
  const int count = 2.0 * half_width > kNarrowCell ? kNodesOfWide : kNodesOfNarrow;
  InterpolationAxis axis = InterpolationAxis::lobatto(outer_variable(middle - half_width),
                                                      outer_variable(middle + half_width), count);

  // The absorber's projectors as interpolated, moved by what they are off at the energy of the
  // cell.
  const std::vector<double> there = axis_.coefficients(outer_variable(cell.energy));
  Eigen::MatrixXd off = overlap;
  Eigen::MatrixXd strength_off = strength;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    off -= there[i] * nodes_[i].y.topRows(strength.rows());
    strength_off -= there[i] * nodes_[i].b.front();
  }
  std::vector<ProjectedOperator> about;
  for (const double k : axis.nodes()) {
    about.push_back(combined(nodes_, axis_.coefficients(k)));
    about.back().y.topRows(strength.rows()) += off;
    about.back().b.front() += strength_off;
  }
  return {std::move(axis), std::move(about), cell};
}

}  // namespace kedge::fdm
