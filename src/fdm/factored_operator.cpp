// SPDX-License-Identifier: BSD-3-Clause
#include "factored_operator.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <chrono>
#include <cmath>

namespace kedge::fdm {
namespace {

using Clock = std::chrono::steady_clock;

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
  if (precision == Precision::single) {
    problem.frame->single_factor().factor(diagonal);
  } else {
    problem.frame->factor().factor(diagonal);
  }
  lap(profile_.factor);

  // T = border^T K^-1 border, block by block: K^-1 border itself is never held whole.
  Eigen::MatrixXd t(border_.size(), border_.size());
  Eigen::MatrixXd rhs;
  Eigen::MatrixXd x;
  for (Eigen::Index first = 0; first < border_.size(); first += kRightHandSides) {
    const Eigen::Index count = std::min<Eigen::Index>(kRightHandSides, border_.size() - first);
    rhs.setZero(problem.frame->rows(), count);
    border_.add_to(Eigen::MatrixXd::Identity(count, count), first, rhs);
    solve_block(rhs, x);
    border_.transpose_times(x, t.middleCols(first, count));
  }
  sum_over_ranks(problem.frame->comm, t.data(), static_cast<std::size_t>(t.size()));
  lap(profile_.solve);
  const Eigen::MatrixXcd half = border_.to_channels(t.cast<Complex>());
  const Eigen::MatrixXcd transposed = half.transpose();
  const Eigen::MatrixXcd channels_t = border_.to_channels(transposed);
  lu_ = math::ComplexLu(inner_ + 0.5 * (channels_t + channels_t.transpose()));
  lap(profile_.dense);
  profile_.border_columns = static_cast<int>(border_.size());
  profile_.outer_channels = static_cast<int>(border_.channels);
}

void FactoredOperator::solve_block(const Eigen::MatrixXd& b, Eigen::MatrixXd& x) const {
  if (precision_ == Precision::single) {
    Eigen::MatrixXf part = b.cast<float>();
    problem_.frame->single_factor().solve(part);
    x = part.cast<double>();
  } else {
    x = b;
    problem_.frame->factor().solve(x);
  }
}

Eigen::MatrixXd FactoredOperator::solve_grid(const Eigen::MatrixXd& b) const {
  Eigen::MatrixXd out(b.rows(), b.cols());
  Eigen::MatrixXd part;
  for (Eigen::Index first = 0; first < b.cols(); first += kRightHandSides) {
    const Eigen::Index count = std::min<Eigen::Index>(kRightHandSides, b.cols() - first);
    solve_block(b.middleCols(first, count), part);
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
