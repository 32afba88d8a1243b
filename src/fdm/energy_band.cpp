// SPDX-License-Identifier: BSD-3-Clause
#include "energy_band.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "kedge/core/units.hpp"
#include "outer_variable.hpp"

namespace kedge::fdm {
namespace {

using Complex = std::complex<double>;

// Points of the line, their distance and its height in standard deviations of the Gaussian: a pole
// on the real axis counts to exp(-2 pi kHeight/kStep) = 6e-4, and what lies beyond the last points
// to 7e-4.
constexpr int kPoints = 8;
constexpr double kStep = 0.85;
constexpr double kHeight = 1.0;
// Nodes about a cell, from one neighbour to the other. The operator bends on the scale of an
// electronvolt, where an electron begins to emit plasmons: over half of one the parabola is good to
// some 1e-5 hartree.
constexpr double kNarrowCell = 0.01;  // [hartree] of the width
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
  if (cell_.width <= 0.0) return density_of(green(cell_.energy));
  std::array<Complex, kPoints> z;  // from the energy, in standard deviations
  std::array<Complex, kPoints> weight;
  Complex sum = 0.0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    z[i] = {kStep * (static_cast<double>(i) - 0.5 * (kPoints - 1)), kHeight};
    weight[i] = std::exp(-0.5 * z[i] * z[i]);
    sum += weight[i];
  }
  Eigen::MatrixXcd mean = Eigen::MatrixXcd::Zero(nodes_[0].waves(), nodes_[0].waves());
  for (std::size_t i = 0; i < z.size(); ++i) {
    mean += weight[i] / sum * green(cell_.energy + cell_.sigma() * z[i]);
  }
  return density_of(mean);
}

double CellBand::smeared(double beside) const {
  return density_of(green(Complex(cell_.energy + beside, 0.5 * cell_.width))).trace();
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
  // Most of the Gaussian, on one side of the level outside.
  const double reach =
      std::min(std::max(cell.width, 0.5 * kLeastWidth), kMostOfDistance * std::abs(cell.energy));
  const int count = reach > kNarrowCell ? kNodesOfWide : kNodesOfNarrow;
  InterpolationAxis axis = InterpolationAxis::lobatto(outer_variable(cell.energy - reach),
                                                      outer_variable(cell.energy + reach), count);

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
