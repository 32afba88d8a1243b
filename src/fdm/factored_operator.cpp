// SPDX-License-Identifier: BSD-3-Clause
#include "factored_operator.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "kedge/parallel/check.hpp"

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
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(p.frame->rows(), 2 * z.cols());
  b.add_to(split(b.to_columns(z)), 0, out);
  return joined(out);
}

constexpr int kMostCorrections = 10;

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

FactoredOperator::FactoredOperator(GridProblem& problem, double energy, int outer_lmax, double shift) : problem_(problem) {
  auto start = Clock::now();
  const auto lap = [&start](double& into) {
    into = std::chrono::duration<double>(Clock::now() - start).count();
    start = Clock::now();
  };
  at_ = problem.atoms_at(energy);
  outer_level_ = problem.model.outer_level(energy);
  std::vector<double> diagonal = problem.diagonal(energy, at_);
  lap(profile_.potential);
  border_ = problem.border(energy, outer_level_, at_, outer_lmax);
  inner_ = GridProblem::inner(border_, at_);
  lap(profile_.border);
  problem.frame->op.set_diagonal(diagonal);
  BorderedFactor& factor = problem.frame->factor();
  for (double& d : diagonal) d += shift;
  factor.factor(diagonal, border_.blocks(), border_.size());
  lap(profile_.factor);
  const Eigen::MatrixXcd half = border_.to_channels(factor.schur().cast<Complex>());
  lu_ = math::ComplexLu(inner_ + border_.to_channels(half.transpose()));
  lap(profile_.dense);
  profile_.border_columns = static_cast<int>(border_.size());
  profile_.outer_channels = static_cast<int>(border_.channels);
}

FactoredOperator::Vectors FactoredOperator::approximate(const Vectors& rhs) const {
  const Eigen::Index columns = rhs.grid.cols();
  Vectors out{Eigen::MatrixXcd(rhs.grid.rows(), columns), Eigen::MatrixXcd(inner_.rows(), columns)};
  for (Eigen::Index first = 0; first < columns; first += kRightHandSides / 2) {
    const auto part = Eigen::seqN(first, std::min<Eigen::Index>(kRightHandSides / 2, columns - first));
    Eigen::MatrixXcd z = rhs.border(Eigen::all, part);
    BorderedFactor::Block grid = split(rhs.grid(Eigen::all, part)).cast<float>();
    problem_.frame->factor().solve(grid, [&](const Eigen::MatrixXd& along) {
      z = lu_.solve(border_.to_channels(joined(along)) - z);
      return split(border_.to_columns(z));
    });
    parallel::check_mpi(MPI_Bcast(z.data(), static_cast<int>(2 * z.size()), MPI_DOUBLE, 0, problem_.frame->comm));
    out.grid(Eigen::all, part) = joined(grid.cast<double>());
    out.border(Eigen::all, part) = z;
  }
  return out;
}

FactoredOperator::Vectors FactoredOperator::multiply(const Vectors& x) const {
  Vectors out{from_channels(problem_, border_, x.border), onto_channels(problem_, border_, x.grid) - inner_ * x.border};
  Eigen::VectorXd image;
  for (Eigen::Index c = 0; c < x.grid.cols(); ++c) {
    problem_.frame->op.multiply(x.grid.col(c).real(), image);
    out.grid.col(c).real() += image;
    problem_.frame->op.multiply(x.grid.col(c).imag(), image);
    out.grid.col(c).imag() += image;
  }
  return out;
}

Eigen::MatrixXcd FactoredOperator::solve(const Eigen::MatrixXcd& rhs) const {
  return approximate({rhs, Eigen::MatrixXcd::Zero(inner_.rows(), rhs.cols())}).grid;
}

FactoredOperator::AbsorberBlock FactoredOperator::absorber_block(double small_residual) const {
  const MPI_Comm comm = problem_.frame->comm;
  const Eigen::Index n = at_[0].strength.rows();
  const auto norms = [&](const Eigen::MatrixXcd& grid) {
    Eigen::MatrixXd out = grid.colwise().squaredNorm();
    sum_over_ranks(comm, out.data(), static_cast<std::size_t>(n));
    return out.array().sqrt().eval();
  };
  const Eigen::MatrixXcd t = -Eigen::MatrixXcd::Identity(inner_.rows(), n);
  Vectors u = approximate({Eigen::MatrixXcd::Zero(problem_.frame->rows(), n), t});
  const auto scale = norms(from_channels(problem_, border_, u.border));
  double before = 1.0;
  for (int corrections = 0;; ++corrections) {
    Vectors r = multiply(u);
    r.grid = -r.grid;
    r.border = t - r.border;
    const double residual = (norms(r.grid) / scale + r.border.colwise().norm().array()).maxCoeff();
    if (residual < small_residual || !(residual < before) || corrections == kMostCorrections) {
      Eigen::MatrixXcd along = u.grid.transpose() * r.grid;
      sum_over_ranks(comm, reinterpret_cast<double*>(along.data()), 2 * static_cast<std::size_t>(along.size()));
      return {u.border.topRows(n) - along - u.border.transpose() * r.border, residual, corrections};
    }
    before = residual;
    r = approximate(r);
    u.grid += r.grid;
    u.border += r.border;
  }
}

}  // namespace kedge::fdm
