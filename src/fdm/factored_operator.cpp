// SPDX-License-Identifier: BSD-3-Clause
#include "factored_operator.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "kedge/math/hermitian_eigen.hpp"

namespace kedge::fdm {
namespace {

using Clock = std::chrono::steady_clock;

// States near the energy: as many are sought, by inverse iteration and corrections; those closer than kNear [hartree] that have converged to
// a fraction of their distance are taken apart. Farther away single precision leaves less than 1e-3 of a solution, and its square of T.
constexpr Eigen::Index kStatesSought = 3;
constexpr int kInverseIterations = 2;
constexpr int kCorrections = 3;
constexpr double kNear = 3e-3;
constexpr int kRefinements = 2;  // of single solutions
constexpr double kConverged = 1e-3;

/// border^T x in complex channels, summed over ranks.
Eigen::MatrixXcd onto_channels(const GridProblem& p, const Border& b, const Eigen::MatrixXcd& x) {
  Eigen::MatrixXd t(b.size(), 2 * x.cols());
  b.transpose_times(split(x), t);
  sum_over_ranks(p.frame->comm, t.data(), static_cast<std::size_t>(t.size()));
  return b.to_channels(joined(t));
}

/// border z for coefficients of complex channels.
Eigen::MatrixXcd from_channels(const GridProblem& p, const Border& b, const Eigen::MatrixXcd& z) {
  Eigen::MatrixXcd columns(b.size(), z.cols());
  for (Eigen::Index c = 0; c < z.cols(); ++c) columns.col(c) = b.to_columns(z.col(c));
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(p.frame->rows(), 2 * z.cols());
  b.add_to(split(columns), 0, out);
  return joined(out);
}

}  // namespace

Eigen::MatrixXd split(const Eigen::MatrixXcd& x) {
  Eigen::MatrixXd out(x.rows(), 2 * x.cols());
  out << x.real(), x.imag();
  return out;
}

Eigen::MatrixXcd joined(const Eigen::MatrixXd& x) {
  const Eigen::Index half = x.cols() / 2;
  Eigen::MatrixXcd out(x.rows(), half);
  out.real() = x.leftCols(half);
  out.imag() = x.rightCols(half);
  return out;
}

FactoredOperator::FactoredOperator(GridProblem& problem, double energy, int outer_lmax, Precision precision)
    : problem_(problem), precision_(precision) {
  auto start = Clock::now();
  const auto lap = [&start](double& into) {
    into = std::chrono::duration<double>(Clock::now() - start).count();
    start = Clock::now();
  };
  at_ = problem.atoms_at(energy);
  outer_level_ = problem.model.outer_level(energy);
  const std::vector<double> diagonal = problem.diagonal(energy, at_);
  lap(profile_.potential);
  border_ = problem.border(energy, outer_level_, at_, outer_lmax);
  inner_ = GridProblem::inner(border_, at_);
  lap(profile_.border);
  problem.frame->op.set_diagonal(diagonal);
  if (precision == Precision::full) {
    problem.frame->op.factor();
  } else {
    problem.frame->single_factor().factor(diagonal);
  }
  if (precision == Precision::corrected) near_ = states_near();
  lap(profile_.factor);
  const Eigen::MatrixXd t = border_response();
  lap(profile_.solve);
  const Eigen::MatrixXcd half = border_.to_channels(t.cast<Complex>());
  const Eigen::MatrixXcd transposed = half.transpose();
  const Eigen::MatrixXcd channels_t = border_.to_channels(transposed);
  lu_ = math::ComplexLu(inner_ + 0.5 * (channels_t + channels_t.transpose()));
  lap(profile_.dense);
  profile_.border_columns = static_cast<int>(border_.size());
  profile_.outer_channels = static_cast<int>(border_.channels);
}

FactoredOperator::States FactoredOperator::states_near() const {
  const GridFrame& frame = *problem_.frame;
  Eigen::MatrixXd v(frame.rows(), kStatesSought);
  for (Eigen::Index c = 0; c < v.cols(); ++c) {
    // Anything that no state is orthogonal to, the same for every number of ranks.
    for (Eigen::Index i = 0; i < v.rows(); ++i) v(i, c) = std::cos(static_cast<double>((frame.op.first_row() + i + 1) * (2 * c + 1)));
  }
  const auto orthonormalise = [&] {
    v.colwise().normalize();
    Eigen::MatrixXd gram = v.transpose() * v;
    sum_over_ranks(frame.comm, gram.data(), static_cast<std::size_t>(gram.size()));
    const auto eigen = math::hermitian_eigen(std::move(gram));
    v = (v * eigen.vectors * eigen.values.cwiseMax(std::numeric_limits<double>::min()).cwiseSqrt().cwiseInverse().asDiagonal()).eval();
  };
  Eigen::MatrixXd next;
  for (int step = 0; step < kInverseIterations; ++step) {
    solve_block(v, next);
    v = next;
    orthonormalise();
  }
  // Those are the states of the operator that the rounded factor belongs to. Corrections by the residuals lead to those of K.
  Eigen::VectorXd energies;
  Eigen::VectorXd residuals;
  for (int step = 0;; ++step) {
    const Eigen::MatrixXd image = grid_multiply(v);
    Eigen::MatrixXd projected = v.transpose() * image;
    sum_over_ranks(frame.comm, projected.data(), static_cast<std::size_t>(projected.size()));
    const auto ritz = math::hermitian_eigen(std::move(projected));
    energies = ritz.values;
    v = (v * ritz.vectors).eval();
    const Eigen::MatrixXd left = image * ritz.vectors - v * energies.asDiagonal();
    residuals = left.colwise().squaredNorm();
    sum_over_ranks(frame.comm, residuals.data(), static_cast<std::size_t>(residuals.size()));
    if (step == kCorrections) break;
    solve_block(left, next);
    v -= next;
    orthonormalise();
  }
  std::vector<Eigen::Index> kept;
  for (Eigen::Index c = 0; c < v.cols(); ++c) {
    if (std::abs(energies(c)) < kNear && std::sqrt(residuals(c)) < kConverged * std::abs(energies(c))) kept.push_back(c);
  }
  return {v(Eigen::all, kept), energies(kept)};
}

Eigen::MatrixXd FactoredOperator::along_states(const Eigen::MatrixXd& b) const {
  Eigen::MatrixXd along = near_.vectors.transpose() * b;
  sum_over_ranks(problem_.frame->comm, along.data(), static_cast<std::size_t>(along.size()));
  return along;
}

Eigen::MatrixXd FactoredOperator::border_response() const {
  const Eigen::Index size = border_.size();
  const Eigen::Index rows = problem_.frame->rows();
  const bool corrected = precision_ == Precision::corrected;
  Eigen::MatrixXd t(size, size);
  Eigen::MatrixXf all(corrected ? rows : 0, corrected ? size : 0);  // X
  Eigen::MatrixXd border_along(near_.energies.size(), size);        // V^T border
  Eigen::MatrixXd residual_along(near_.energies.size(), size);      // V^T R
  Eigen::MatrixXd rhs;
  Eigen::MatrixXd x;
  for (Eigen::Index first = 0; first < size; first += kRightHandSides) {
    const Eigen::Index count = std::min<Eigen::Index>(kRightHandSides, size - first);
    rhs.setZero(rows, count);
    border_.add_to(Eigen::MatrixXd::Identity(count, count), first, rhs);
    if (corrected) {
      border_along.middleCols(first, count) = along_states(rhs);
      rhs.noalias() -= near_.vectors * border_along.middleCols(first, count);
    }
    solve_block(rhs, x);
    border_.transpose_times(x, t.middleCols(first, count));
    if (corrected) {
      rhs -= grid_multiply(x);
      residual_along.middleCols(first, count) = along_states(rhs);
      all.middleCols(first, count) = x.cast<float>();
      // On and above the diagonal; R is small, so that its products need no more than single precision.
      const Eigen::MatrixXf correction = all.leftCols(first + count).transpose() * rhs.cast<float>();
      t.block(0, first, first + count, count) += correction.cast<double>();
    }
  }
  sum_over_ranks(problem_.frame->comm, t.data(), static_cast<std::size_t>(t.size()));
  if (corrected) {
    const Eigen::MatrixXd both = border_along + residual_along;
    t.noalias() += both.transpose() * near_.energies.cwiseInverse().asDiagonal() * both;
    t.noalias() -= residual_along.transpose() * near_.energies.cwiseInverse().asDiagonal() * border_along;
    t.triangularView<Eigen::StrictlyLower>() = t.transpose();
  }
  return t;
}

Eigen::MatrixXd FactoredOperator::grid_multiply(const Eigen::MatrixXd& x) const {
  Eigen::MatrixXd out(x.rows(), x.cols());
  Eigen::VectorXd image;
  for (Eigen::Index c = 0; c < x.cols(); ++c) {
    problem_.frame->op.multiply(x.col(c), image);
    out.col(c) = image;
  }
  return out;
}

void FactoredOperator::solve_block(const Eigen::MatrixXd& b, Eigen::MatrixXd& x) const {
  if (precision_ == Precision::full) {
    problem_.frame->op.solve(b, x);
    return;
  }
  Eigen::MatrixXf part = b.cast<float>();
  problem_.frame->single_factor().solve(part);
  x = part.cast<double>();
}

void FactoredOperator::refined_solve(const Eigen::MatrixXd& b, Eigen::MatrixXd& x) const {
  x.setZero(b.rows(), b.cols());
  Eigen::MatrixXd residual = b;
  Eigen::MatrixXd change;
  for (int step = 0; step <= kRefinements; ++step) {
    // Along the states near the energy, which the factor knows least, first.
    const Eigen::MatrixXd along = along_states(residual);
    x.noalias() += near_.vectors * near_.energies.cwiseInverse().asDiagonal() * along;
    residual.noalias() -= near_.vectors * along;
    solve_block(residual, change);
    x += change;
    residual = b - grid_multiply(x);
  }
}

Eigen::MatrixXd FactoredOperator::solve_grid(const Eigen::MatrixXd& b) const {
  Eigen::MatrixXd out(b.rows(), b.cols());
  Eigen::MatrixXd part;
  for (Eigen::Index first = 0; first < b.cols(); first += kRightHandSides) {
    const Eigen::Index count = std::min<Eigen::Index>(kRightHandSides, b.cols() - first);
    const Eigen::MatrixXd of_block = b.middleCols(first, count);
    if (precision_ == Precision::corrected) {
      refined_solve(of_block, part);
    } else {
      solve_block(of_block, part);
    }
    out.middleCols(first, count) = part;
  }
  return out;
}

Eigen::MatrixXcd FactoredOperator::solve(const Eigen::MatrixXcd& rhs) const {
  const Eigen::MatrixXcd y = joined(solve_grid(split(rhs)));
  const Eigen::MatrixXcd z = lu_.solve(onto_channels(problem_, border_, y));
  return y - joined(solve_grid(split(from_channels(problem_, border_, z))));
}

Eigen::MatrixXcd FactoredOperator::absorber_block() const {
  const Eigen::Index n = at_[0].strength.rows();
  const Eigen::MatrixXcd unit = Eigen::MatrixXcd::Identity(inner_.rows(), n);
  return lu_.solve(unit).topRows(n);
}

Eigen::MatrixXcd bordered(const GridProblem& problem, const Border& border, const std::vector<AtomAtEnergy>& at,
                          const Eigen::MatrixXcd& x) {
  Eigen::MatrixXcd along = onto_channels(problem, border, x);
  // N^-1 border^T x, block by block.
  for (std::size_t a = 0; a < at.size(); ++a) {
    const auto rows = Eigen::seqN(border.atoms[a].first, at[a].strength.rows());
    const Eigen::MatrixXcd block = along(rows, Eigen::all);
    along(rows, Eigen::all) = at[a].strength.cast<Complex>().partialPivLu().solve(block);
  }
  const Eigen::MatrixXcd channels = along.bottomRows(border.channels);
  along.bottomRows(border.channels) = border.outer.w.partialPivLu().solve(channels);
  return from_channels(problem, border, along);
}

Eigen::MatrixXcd FactoredOperator::multiply(const Eigen::MatrixXcd& x) const {
  Eigen::MatrixXcd out = bordered(problem_, border_, at_, x);
  Eigen::VectorXd image;
  for (Eigen::Index c = 0; c < x.cols(); ++c) {
    problem_.frame->op.multiply(x.col(c).real(), image);
    out.col(c).real() += image;
    problem_.frame->op.multiply(x.col(c).imag(), image);
    out.col(c).imag() += image;
  }
  return out;
}

double FactoredOperator::residual() const {
  Eigen::MatrixXcd source = Eigen::MatrixXcd::Zero(problem_.frame->rows(), 1);
  const Border::Atom& absorber = border_.atoms[0];
  for (std::size_t i = 0; i < absorber.rows.size(); ++i) {
    source(absorber.rows[i], 0) = absorber.columns(static_cast<Eigen::Index>(i), 0);
  }
  const Eigen::MatrixXcd left = multiply(solve(source)) - source;
  double norms[2] = {left.squaredNorm(), source.squaredNorm()};
  sum_over_ranks(problem_.frame->comm, norms, 2);
  return std::sqrt(norms[0] / norms[1]);
}

}  // namespace kedge::fdm
