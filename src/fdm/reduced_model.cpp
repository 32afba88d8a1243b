// SPDX-License-Identifier: BSD-3-Clause
#include "reduced_model.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "factored_operator.hpp"
#include "kedge/math/hermitian_eigen.hpp"
#include "kedge/parallel/memory.hpp"
#include "shell_waves.hpp"

namespace kedge::fdm {
namespace {

// Of the norm of a new column: what is left of it beside the basis below this is rounding of the
// single-precision solves.
constexpr double kSameDirection = 1e-4;
// Residuals of the snapshots. A solution once corrected five times has 1e-13.
constexpr double kCorrected = 1e-11;
constexpr double kUncorrected = 1e300;
// Solves of a snapshot for each of the last that the smaller model lacks.
constexpr double kForEachLast = 6.0;
// Rows that products over all nodes take at a time.
constexpr Eigen::Index kRows = 4096;

template <class Matrix>
void sum(const GridFrame& p, Matrix& m) {
  constexpr std::size_t parts = sizeof(typename Matrix::Scalar) / sizeof(double);
  sum_over_ranks(p.comm, reinterpret_cast<double*>(m.data()),
                 parts * static_cast<std::size_t>(m.size()));
}

template <class Matrix>
void normalise(const GridFrame& p, Matrix& c) {
  Eigen::MatrixXd norms = c.colwise().squaredNorm();
  sum(p, norms);
  for (Eigen::Index i = 0; i < c.cols(); ++i) c.col(i) /= std::sqrt(std::max(norms(0, i), 1e-300));
}

/// Columns made orthonormal to one another; those that the others span already are left out.
template <class Matrix>
void orthonormalise(const GridFrame& p, Matrix& c) {
  Matrix gram = c.adjoint() * c;
  sum(p, gram);
  const math::Eigensystem<Matrix> eigen = math::hermitian_eigen(std::move(gram));
  const Eigen::Index left_out =
      (eigen.values.array() <= kSameDirection * kSameDirection).count();  // in rising order
  Matrix turn = eigen.vectors.rightCols(eigen.vectors.cols() - left_out);
  for (Eigen::Index i = 0; i < turn.cols(); ++i) {
    turn.col(i) /= std::sqrt(eigen.values(left_out + i));
  }
  c = (c * turn).eval();
}

/// C less S S^H C, for columns S kept as real and imaginary parts side by side.
void subtract_along(const GridFrame& p, const Columns& s, Eigen::MatrixXcd& c) {
  Eigen::MatrixXd m = s.transpose_times_parts(c);
  sum(p, m);
  const Eigen::Index rows = m.rows() / 2;
  const Eigen::MatrixXd real =
      m.topLeftCorner(rows, c.cols()) + m.bottomRightCorner(rows, c.cols());
  const Eigen::MatrixXd imag =
      m.topRightCorner(rows, c.cols()) - m.bottomLeftCorner(rows, c.cols());
  m << real, imag, -imag, real;
  s.subtract_from_parts(c, m);
}

/// Columns made orthonormal to those of `steps`, kept likewise, and to one another. Without this
/// the repeated solves would all turn into a resonance that lies close to the energy.
void make_orthonormal_to(const GridFrame& p, const std::vector<Columns>& steps,
                         Eigen::MatrixXcd& c) {
  for (int pass = 0; pass < 2 && c.cols() > 0; ++pass) {
    normalise(p, c);
    for (const Columns& s : steps) subtract_along(p, s, c);
    orthonormalise(p, c);
  }
}

/// psi = A^-1 X_0, A^-1 psi, ..., all orthonormal to one another: of each solve the real and
/// imaginary parts side by side, in the precision of the basis.
std::vector<Columns> krylov_steps(GridProblem& problem, double energy, int solves) {
  const GridFrame& frame = *problem.frame;
  const Precision precision = frame.settings.precision;
  // All orders of the outer sphere: with those only that an energy near the level outside needs by
  // itself the crystal's S at 6 Angstrom errs there by 8e-3 of its largest, unseen, with all of
  // them by 8e-4.
  const bool corrected = precision == Precision::fp64;
  using Kept = FactoredOperator::Kept;
  const FactoredOperator factored(problem, energy, frame.outer->lmax(),
                                  corrected ? Kept::all : Kept::factor);
  const double small_residual = corrected ? kCorrected : kUncorrected;
  std::vector<Columns> steps;
  Eigen::MatrixXcd psi = factored.sources();
  for (int i = 0; i < solves && psi.cols() > 0; ++i) {
    psi = factored.solve(psi, small_residual);
    make_orthonormal_to(frame, steps, psi);
    steps.emplace_back(precision, split(psi));
    parallel::return_freed_memory();  // of vectors as large as the step, among blocks that stay
  }
  return steps;
}

}  // namespace

ReducedModel::ReducedModel(std::shared_ptr<GridFrame> frame)
    : frame_(std::move(frame)), q_(frame_->settings.precision, frame_->rows()) {}

void ReducedModel::add_columns(Eigen::MatrixXd c) {
  const Eigen::Index before = q_.cols();
  normalise(*frame_, c);
  for (int pass = 0; pass < 2; ++pass) {
    if (before > 0) {
      Eigen::MatrixXd overlap = q_.transpose_times(c);
      sum(*frame_, overlap);
      c -= q_.times(overlap).dense();
    }
    orthonormalise(*frame_, c);
    if (c.cols() == 0) return;  // nothing new
  }
  q_.append(c);

  Eigen::MatrixXd image(c.rows(), c.cols());
  frame_->op.set_diagonal(std::vector<double>(static_cast<std::size_t>(c.rows()), 0.0));
  Eigen::VectorXd y;
  for (Eigen::Index i = 0; i < c.cols(); ++i) {
    frame_->op.multiply(q_.column(before + i), y);
    image.col(i) = y;
  }
  Eigen::MatrixXd block = Eigen::MatrixXd::Zero(q_.cols(), c.cols());
  for (Eigen::Index first = 0; first < c.rows(); first += kRows) {
    const Eigen::Index rows = std::min(kRows, c.rows() - first);
    const Eigen::MatrixXd part = q_.row_block(first, rows);
    block.noalias() += part.transpose() * image.middleRows(first, rows);
  }
  sum(*frame_, block);
  kinetic_.conservativeResize(q_.cols(), q_.cols());
  kinetic_.rightCols(c.cols()) = block;
  kinetic_.bottomLeftCorner(c.cols(), before) = block.topRows(before).transpose();
}

void ReducedModel::reserve(Eigen::Index solves) {
  const Eigen::Index sources = math::harmonic_count(frame_->settings.lmax[0]);
  q_.reserve(q_.cols() + 2 * sources * solves);
}

void ReducedModel::add_snapshot(GridProblem& problem, double energy, int solves) {
  reserve(solves);
  std::vector<Columns> steps = krylov_steps(problem, energy, solves);
  const auto first_of_last =
      static_cast<std::size_t>(solves) -
      std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(solves / kForEachLast)));
  while (steps.size() > first_of_last) {
    last_.push_back(std::move(steps.back()));
    steps.pop_back();
  }
  // The last columns of an earlier finish() come last again.
  const Eigen::Index later = q_.cols() - nested_;
  if (later > 0) {
    last_.insert(last_.begin(), q_.last(later));
    q_.keep(nested_);
    kinetic_.conservativeResize(nested_, nested_);
  }
  for (Columns& c : steps) {
    const Columns used = std::move(c);  // given back at once: they are as large as what they add
    add_columns(used.dense());
  }
  nested_ = q_.cols();
}

void ReducedModel::finish() {
  for (const Columns& columns : last_) add_columns(columns.dense());
  last_.clear();
  LocalNodes local = frame_->local_nodes(0);
  at_absorber_ = q_.at_rows(local.rows).dense();
  absorber_nodes_ = std::move(local.of_atom);
  std::vector<Eigen::Index> shell;
  for (const std::int32_t n : frame_->outer->shell()) shell.push_back(n - frame_->op.first_row());
  at_shell_ = frame_->shell_waves().overlaps(q_.at_rows(shell).dense());
}

OuterOverlap ReducedModel::outer(Complex k) const {
  return frame_->shell_waves().at(k, at_shell_);
}

Eigen::MatrixXd ReducedModel::absorber_overlap(const AtomAtEnergy& absorber) const {
  const Eigen::MatrixXd columns = absorber.columns(absorber_nodes_, Eigen::all);
  Eigen::MatrixXd y = columns.transpose() * at_absorber_;
  sum(*frame_, y);
  return y;
}

}  // namespace kedge::fdm
