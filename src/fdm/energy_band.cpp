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
// Solutions for the absorber's projectors, and for these again, in the middle of the line: their
// span holds all points of a cell (tests/physics/test_energy_window.cpp).
constexpr int kCellSolves = 2;
// Of the operator about a cell; how far they reach at least [hartree], and at most, in its distance
// from the level outside.
constexpr int kCellNodes = 4;
constexpr double kLeastReach = 0.002;
constexpr double kMostReach = 0.5;

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

EnergyBand::EnergyBand(InterpolationAxis axis, std::vector<ProjectedOperator> nodes)
    : axis_(std::move(axis)), nodes_(std::move(nodes)) {}

AbsorberOverlap EnergyBand::moved(const EnergyCell& cell, const AbsorberOverlap& exact) const {
  const std::vector<double> there = axis_.coefficients(outer_variable(cell.energy));
  AbsorberOverlap out = exact;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    out.y -= there[i] * nodes_[i].y.topRows(exact.b.rows());
    out.b -= there[i] * nodes_[i].b.front();
  }
  return out;
}

ContinuedOperator EnergyBand::at(Complex energy, const AbsorberOverlap& moved) const {
  ContinuedOperator out = combined(nodes_, axis_.coefficients(outer_variable(energy)));
  out.y.topRows(moved.b.rows()) += moved.y;
  out.b.front() += moved.b;
  return out;
}

CellBand EnergyBand::about(const EnergyCell& cell, const AbsorberOverlap& exact) const {
  const AbsorberOverlap by = moved(cell, exact);
  const Eigen::MatrixXd v =
      absorber_space(at(Complex(cell.energy, kHeight * cell.sigma()), by), kCellSolves);
  const auto between_few = [&](const ProjectedOperator& p) {
    ProjectedOperator out = restricted(p, v);
    out.y.topRows(by.b.rows()) += by.y * v;
    out.b.front() += by.b;
    return out;
  };
  std::vector<ProjectedOperator> few;
  // Where the points of the Gaussian reach over little of the band, fewer nodes do.
  const double reach = std::max(0.5 * (kPoints - 1) * kStep * cell.sigma(), kLeastReach);
  if (reach > kMostReach * std::abs(cell.energy)) {
    for (const ProjectedOperator& node : nodes_) few.push_back(between_few(node));
    return {axis_, std::move(few), cell};
  }
  InterpolationAxis here = InterpolationAxis::chebyshev(
      outer_variable(cell.energy - reach), outer_variable(cell.energy + reach), kCellNodes);
  for (const double node : here.nodes()) {
    few.push_back(between_few(combined(nodes_, axis_.coefficients(node))));
  }
  return {std::move(here), std::move(few), cell};
}

Eigen::MatrixXd EnergyBand::smeared_density(const EnergyCell& cell, const AbsorberOverlap& exact,
                                            double height) const {
  return density_of(absorber_green(at(Complex(cell.energy, height), moved(cell, exact))));
}

}  // namespace kedge::fdm
