// SPDX-License-Identifier: BSD-3-Clause
#include "energy_band.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kedge/core/units.hpp"
#include "kedge/math/complex_lu.hpp"
#include "kedge/math/hermitian_eigen.hpp"
#include "kedge/math/quadrature.hpp"
#include "orthonormal_columns.hpp"

namespace kedge::fdm {
namespace {

using Complex = std::complex<double>;

// Nodes at which the operator is solved, from few to most.
const std::vector<std::vector<std::size_t>> kShifts = {{1, 6}, {0, 3, 7}, {0, 1, 3, 4, 6, 7}};
// Of the density at the middle of the band: below what the window's basis lacks itself.
constexpr double kTolerance = 1e-4;
// Relative size of a column beside those before it; smaller ones are rounding.
constexpr double kSameDirection = 1e-7;
// Points of the half circle. The outermost lie 1/32 of its width from its ends: how a pole closer than that is shared between neighbours is not
// resolved.
constexpr int kPoints = 8;

/// Whether B of an atom is singular at no energy between the operators, as far as the signs of its eigenvalues tell.
bool keeps_signs(const std::vector<ProjectedOperator>& all, std::size_t atom) {
  std::vector<Eigen::Index> negative;
  for (const ProjectedOperator& p : all) {
    negative.push_back((math::hermitian_eigen(p.b[atom]).values.array() < 0.0).count());
  }
  return std::all_of(negative.begin(), negative.end(), [&](Eigen::Index n) { return n == negative.front(); });
}

/// All atoms but the absorber made part of R, which is smooth in energy where none of their B is singular.
void fold(std::vector<ProjectedOperator>& all) {
  for (std::size_t atom = 1; atom < all.front().b.size(); ++atom) {
    if (!keeps_signs(all, atom)) return;
  }
  for (ProjectedOperator& p : all) {
    p.rest = assembled(p, 1, p.rest.cols());
    p.y = p.y.topRows(p.b.front().rows()).eval();
    p.b.resize(1);
  }
}

ProjectedOperator first_columns(ProjectedOperator p, Eigen::Index columns) {
  if (p.rest.cols() == columns) return p;
  p.rest = p.rest.topLeftCorner(columns, columns).eval();
  p.y = p.y.leftCols(columns).eval();
  return p;
}

/// out += f m
void add_product(Complex f, const Eigen::MatrixXd& m, Eigen::MatrixXcd& out) {
  out.real() += f.real() * m;
  out.imag() += f.imag() * m;
}

Eigen::MatrixXd density_of(const Eigen::MatrixXcd& green) {
  const Eigen::MatrixXd im = green.imag();
  return (-0.5 / kPi) * (im + im.transpose());
}

}  // namespace

Eigen::MatrixXd absorber_solutions(const ProjectedOperator& p) {
  constexpr int kSolves = 2;
  const math::ComplexLu lu(assembled(p, 0, p.rest.cols()));
  Eigen::MatrixXcd x = p.y.topRows(p.b.front().rows()).transpose().cast<Complex>();
  Eigen::MatrixXd out(x.rows(), 2 * kSolves * x.cols());
  for (int solve = 0; solve < kSolves; ++solve) {
    x = lu.solve(std::move(x));
    for (Eigen::Index c = 0; c < x.cols(); ++c) x.col(c) /= x.col(c).norm();
    out.middleCols(2 * solve * x.cols(), x.cols()) = x.real();
    out.middleCols((2 * solve + 1) * x.cols(), x.cols()) = x.imag();
  }
  return out;
}

EnergyBand::EnergyBand(const std::function<ProjectedOperator(double)>& at, Eigen::Index columns, double zero, double lowest, double highest)
    : zero_(zero) {
  const double first = std::sqrt(2.0 * (lowest - zero));
  const double last = std::sqrt(2.0 * (highest - zero));
  // Chebyshev's nodes of the first kind.
  for (int i = 0; i < kNodes; ++i) {
    const double angle = kPi * (i + 0.5) / kNodes;
    k_.push_back(0.5 * (first + last) - 0.5 * (last - first) * std::cos(angle));
    weights_.push_back((i % 2 == 0 ? 1.0 : -1.0) * std::sin(angle));
    wide_.push_back(first_columns(at(zero + 0.5 * k_.back() * k_.back()), columns));
  }
  fold(wide_);
  const double middle = 0.5 * (lowest + highest);
  const ProjectedOperator there = first_columns(at(middle), columns);
  const double wanted = density_of(absorber_green(there, columns)).trace();
  for (std::size_t i = 0; i < kShifts.size(); ++i) {
    build(static_cast<int>(i));
    error_ = std::abs(density({middle, middle, middle}, there.y.topRows(there.b.front().rows()), there.b.front()).trace() - wanted);
    if (error_ <= kTolerance * std::abs(wanted)) break;
  }
  wide_.clear();
  wide_.shrink_to_fit();
}

void EnergyBand::build(int shifts) {
  basis_.resize(wide_.front().rest.rows(), 0);
  for (const std::size_t node : kShifts[static_cast<std::size_t>(shifts)]) append_orthonormal(basis_, absorber_solutions(wide_[node]), kSameDirection);
  nodes_.clear();
  const auto between = [this](const Eigen::MatrixXd& m) -> Eigen::MatrixXd {
    const Eigen::MatrixXd half = m * basis_;
    return basis_.transpose() * half;
  };
  for (const ProjectedOperator& p : wide_) {
    ProjectedOperator out;
    out.rest.resize(basis_.cols(), basis_.cols());
    out.rest.real() = between(p.rest.real());
    out.rest.imag() = between(p.rest.imag());
    out.y = p.y * basis_;
    out.b = p.b;
    nodes_.push_back(std::move(out));
  }
}

std::vector<Complex> EnergyBand::weights(Complex energy) const {
  const Complex k = std::sqrt(2.0 * (energy - zero_));
  std::vector<Complex> c;
  Complex total = 0.0;
  for (std::size_t i = 0; i < k_.size(); ++i) {
    const Complex distance = k - k_[i];
    // On a node the formula is 0/0; this far from it all the same digits are right.
    c.push_back(weights_[i] / (std::abs(distance) < 1e-13 ? Complex(1e-13) : distance));
    total += c.back();
  }
  for (Complex& f : c) f /= total;
  return c;
}

ContinuedOperator EnergyBand::at(Complex energy) const {
  const std::vector<Complex> c = weights(energy);
  ContinuedOperator out;
  out.rest = Eigen::MatrixXcd::Zero(basis_.cols(), basis_.cols());
  out.y = Eigen::MatrixXcd::Zero(nodes_[0].y.rows(), basis_.cols());
  for (const Eigen::MatrixXd& b : nodes_[0].b) out.b.emplace_back(Eigen::MatrixXcd::Zero(b.rows(), b.cols()));
  for (std::size_t i = 0; i < c.size(); ++i) {
    out.rest += c[i] * nodes_[i].rest;
    add_product(c[i], nodes_[i].y, out.y);
    for (std::size_t a = 0; a < out.b.size(); ++a) add_product(c[i], nodes_[i].b[a], out.b[a]);
  }
  return out;
}

ContinuedOperator EnergyBand::absorber_at(double energy) const {
  const std::vector<Complex> c = weights(energy);
  const Eigen::Index waves = nodes_[0].b.front().rows();
  ContinuedOperator out;
  out.y = Eigen::MatrixXcd::Zero(waves, basis_.cols());
  out.b.emplace_back(Eigen::MatrixXcd::Zero(waves, waves));
  for (std::size_t i = 0; i < c.size(); ++i) {
    out.y.real() += c[i].real() * nodes_[i].y.topRows(waves);
    out.b.front().real() += c[i].real() * nodes_[i].b.front();
  }
  return out;
}

Eigen::MatrixXcd EnergyBand::green(Complex energy, double exact, const Eigen::MatrixXd& overlap, const Eigen::MatrixXd& strength) const {
  const Eigen::Index waves = strength.rows();
  ContinuedOperator p = at(energy);
  if (energy == exact) {
    p.y.topRows(waves) = (overlap * basis_).cast<Complex>();
    p.b.front() = strength.cast<Complex>();
  } else {
    const ContinuedOperator there = absorber_at(exact);
    p.y.topRows(waves) += (overlap * basis_).cast<Complex>() - there.y;
    p.b.front() += strength.cast<Complex>() - there.b.front();
  }
  return absorber_green(p, basis_.cols());
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
