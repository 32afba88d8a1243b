// SPDX-License-Identifier: BSD-3-Clause
#include "factored_operator.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "kedge/core/error.hpp"
#include "kedge/parallel/check.hpp"
#include "kedge/parallel/memory.hpp"

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

constexpr int kMostCorrections = 14;
// Of the absorber's columns. With all 16 of them the vectors of a correction take a fifth of an
// energy's memory.
constexpr Eigen::Index kColumnsAtOnce = 8;
// Of the residual before: a correction that leaves more has not helped much.
constexpr double kSlow = 0.1;

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

FactoredOperator::FactoredOperator(GridProblem& problem, double energy, int outer_lmax, Kept kept,
                                   double shift)
    : problem_(problem), kept_(kept) {
  auto start = Clock::now();
  const auto lap = [&start](double& into) {
    into = std::chrono::duration<double>(Clock::now() - start).count();
    start = Clock::now();
  };
  BorderedFactor& factor = problem.frame->factor();
  at_ = problem.atoms_at(energy);
  outer_level_ = problem.model.outer_level(energy);
  std::vector<double> diagonal = problem.diagonal(energy, at_);
  lap(profile_.potential);
  border_ = problem.border(energy, outer_level_, at_, outer_lmax);
  inner_ = GridProblem::inner(border_, at_);
  lap(profile_.border);
  problem.frame->op.set_diagonal(diagonal);
  for (double& d : diagonal) d += shift;
  factor.factor(diagonal, border_.blocks(), border_.size(), [&] {
    if (kept_ == Kept::all) return;
    border_.drop_columns();
    at_.clear();
    parallel::return_freed_memory();
  });
  lap(profile_.factor);
  const Eigen::MatrixXcd half = border_.to_channels(factor.schur().cast<Complex>());
  lu_ = math::ComplexLu(inner_ + border_.to_channels(half.transpose()));
  lap(profile_.dense);
  profile_.border_columns = static_cast<int>(border_.size());
  profile_.outer_channels = static_cast<int>(border_.channels);
}

void FactoredOperator::need_border() const {
  if (kept_ != Kept::all) throw Error(ErrorKind::internal, "the border's columns were given back");
}

Eigen::MatrixXcd FactoredOperator::sources() const {
  const Border::Atom& absorber = border_.atoms[0];
  const std::vector<Eigen::Index> of_waves = source_columns(absorber.columns.cols());
  Eigen::MatrixXcd s =
      Eigen::MatrixXcd::Zero(problem_.frame->rows(), static_cast<Eigen::Index>(of_waves.size()));
  for (std::size_t i = 0; i < absorber.rows.size(); ++i) {
    s.row(absorber.rows[i]) =
        absorber.columns(static_cast<Eigen::Index>(i), of_waves).cast<Complex>();
  }
  return s;
}

FactoredOperator::Vectors FactoredOperator::approximate(const Eigen::MatrixXcd& s,
                                                        const Eigen::MatrixXcd& t) const {
  const Eigen::Index columns = s.cols();
  Vectors out{Eigen::MatrixXcd(s.rows(), columns), Eigen::MatrixXcd(inner_.rows(), columns)};
  for (Eigen::Index first = 0; first < columns; first += kRightHandSides / 2) {
    const auto part =
        Eigen::seqN(first, std::min<Eigen::Index>(kRightHandSides / 2, columns - first));
    Eigen::MatrixXcd z = t(Eigen::all, part);
    BorderedFactor::Block grid = split(s(Eigen::all, part)).cast<float>();
    problem_.frame->factor().solve(grid, [&](const Eigen::MatrixXd& along) {
      z = lu_.solve(border_.to_channels(joined(along)) - z);
      return split(border_.to_columns(z));
    });
    parallel::check_mpi(
        MPI_Bcast(z.data(), static_cast<int>(2 * z.size()), MPI_DOUBLE, 0, problem_.frame->comm));
    out.grid(Eigen::all, part) = joined(grid.cast<double>());
    out.border(Eigen::all, part) = z;
  }
  return out;
}

FactoredOperator::Vectors FactoredOperator::multiply(const Vectors& x) const {
  Vectors out{from_channels(problem_, border_, x.border),
              onto_channels(problem_, border_, x.grid) - inner_ * x.border};
  Eigen::VectorXd image;
  for (Eigen::Index c = 0; c < x.grid.cols(); ++c) {
    problem_.frame->op.multiply(x.grid.col(c).real(), image);
    out.grid.col(c).real() += image;
    problem_.frame->op.multiply(x.grid.col(c).imag(), image);
    out.grid.col(c).imag() += image;
  }
  return out;
}

Eigen::MatrixXcd FactoredOperator::solve(const Eigen::MatrixXcd& rhs, double small_residual) const {
  const MPI_Comm comm = problem_.frame->comm;
  const auto squares = [comm](const Eigen::MatrixXcd& m) {
    Eigen::ArrayXd sum = m.colwise().squaredNorm().transpose();
    sum_over_ranks(comm, sum.data(), static_cast<std::size_t>(sum.size()));
    return sum;
  };
  Vectors u = approximate(rhs, Eigen::MatrixXcd::Zero(inner_.rows(), rhs.cols()));
  if (small_residual >= 1.0) return std::move(u.grid);
  need_border();
  const Eigen::ArrayXd whole = squares(rhs);
  double before = std::numeric_limits<double>::infinity();
  for (int corrections = 0; corrections < kMostCorrections; ++corrections) {
    Vectors rest = multiply(u);
    rest.grid = rhs - rest.grid;
    rest.border = -rest.border;
    const Eigen::ArrayXd of_border = rest.border.colwise().squaredNorm().transpose();
    const double residual = std::sqrt(((squares(rest.grid) + of_border) / whole).maxCoeff());
    if (residual < small_residual || !(residual < before)) break;
    before = residual;
    const Vectors correction = approximate(rest.grid, rest.border);
    u.grid += correction.grid;
    u.border += correction.border;
  }
  return std::move(u.grid);
}

FactoredOperator::Corrected FactoredOperator::corrected(const Eigen::MatrixXcd& t,
                                                        double small_residual) const {
  const MPI_Comm comm = problem_.frame->comm;
  const Eigen::Index n = t.cols();
  Vectors u = approximate(Eigen::MatrixXcd::Zero(problem_.frame->rows(), n), t);

  // Of each column: products over all ranks, in which the residual on the grid counts relative to B
  // z and that of the border to t, of unit length.
  Eigen::ArrayXd weight = Eigen::ArrayXd::Ones(n);
  const auto products = [&](const Vectors& x, const Vectors& y) {
    Eigen::ArrayXcd out = (x.grid.conjugate().cwiseProduct(y.grid)).colwise().sum().transpose();
    sum_over_ranks(comm, reinterpret_cast<double*>(out.data()), 2 * static_cast<std::size_t>(n));
    return (weight * out +
            (x.border.conjugate().cwiseProduct(y.border)).colwise().sum().transpose().array())
        .eval();
  };
  const auto add = [](Vectors& to, const Vectors& x, const Eigen::ArrayXcd& factor) {
    to.grid.noalias() += x.grid * factor.matrix().asDiagonal();
    to.border.noalias() += x.border * factor.matrix().asDiagonal();
  };
  {
    const Vectors along_border{from_channels(problem_, border_, u.border),
                               Eigen::MatrixXcd::Zero(inner_.rows(), n)};
    weight = 1.0 / products(along_border, along_border).real();
  }

  const auto rest = [&] {
    Vectors out = multiply(u);
    out.grid = -out.grid;
    out.border = t - out.border;
    return out;
  };
  const auto largest = [&](const Vectors& x) { return products(x, x).real().sqrt().maxCoeff(); };
  Vectors r = rest();
  // Corrections as long as to leave the smallest residual. Where they help little, at states too
  // narrow for single precision, all that follow are kept and made independent of one another:
  // generalised conjugate residuals.
  std::vector<std::pair<Vectors, Vectors>> kept;  // directions and their images, of unit length
  bool keep = false;
  double before = 1.0;
  for (int corrections = 0;; ++corrections) {
    const double residual = largest(r);
    if (residual < small_residual || corrections == kMostCorrections || !std::isfinite(residual)) {
      r = rest();  // of the solutions themselves, not what the steps should have left
      const double left = largest(r);
      return {std::move(u), std::move(r), left, corrections};
    }
    keep = keep || residual > kSlow * before;
    before = residual;
    Vectors direction = approximate(r.grid, r.border);
    Vectors image = multiply(direction);
    for (const auto& [other, its_image] : kept) {
      const Eigen::ArrayXcd overlap = products(its_image, image);
      add(direction, other, -overlap);
      add(image, its_image, -overlap);
    }
    const Eigen::ArrayXcd length = products(image, image).real().max(1e-300).sqrt().cast<Complex>();
    for (Vectors* v : {&direction, &image}) {
      v->grid = v->grid * length.inverse().matrix().asDiagonal();
      v->border = v->border * length.inverse().matrix().asDiagonal();
    }
    const Eigen::ArrayXcd step = products(image, r);
    add(u, direction, step);
    add(r, image, -step);
    if (keep) kept.emplace_back(std::move(direction), std::move(image));
  }
}

FactoredOperator::AbsorberBlock FactoredOperator::absorber_block(double small_residual) const {
  need_border();
  const Eigen::Index n = waves_of(at_[0].strength.rows());
  const Eigen::MatrixXcd t = -Eigen::MatrixXcd::Identity(inner_.rows(), n);
  AbsorberBlock out;
  Vectors u{Eigen::MatrixXcd(problem_.frame->rows(), n), Eigen::MatrixXcd(inner_.rows(), n)};
  Vectors r = u;
  for (Eigen::Index first = 0; first < n; first += kColumnsAtOnce) {
    const auto part = Eigen::seqN(first, std::min(kColumnsAtOnce, n - first));
    Corrected of_part = corrected(t(Eigen::all, part), small_residual);
    u.grid(Eigen::all, part) = of_part.solution.grid;
    u.border(Eigen::all, part) = of_part.solution.border;
    r.grid(Eigen::all, part) = of_part.rest.grid;
    r.border(Eigen::all, part) = of_part.rest.border;
    out.residual =
        std::isfinite(out.residual) ? std::max(of_part.residual, out.residual) : out.residual;
    out.corrections = std::max(out.corrections, of_part.corrections);
  }
  Eigen::MatrixXcd along = u.grid.transpose() * r.grid;
  sum_over_ranks(problem_.frame->comm, reinterpret_cast<double*>(along.data()),
                 2 * static_cast<std::size_t>(along.size()));
  out.block = u.border.topRows(n) - along - u.border.transpose() * r.border;
  return out;
}

}  // namespace kedge::fdm
