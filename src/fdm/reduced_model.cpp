// SPDX-License-Identifier: BSD-3-Clause
#include "reduced_model.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "factored_operator.hpp"
#include "kedge/math/complex_lu.hpp"

namespace kedge::fdm {
namespace {

// Of the norm of a new column: what is left of it beside the basis below this is rounding of the single-precision solves.
constexpr double kSameDirection = 1e-4;
// Of the largest singular value of the diagonals; below the accuracy of the potential's own tables.
constexpr double kSmallestMode = 1e-6;
// Rows that products over all nodes take at a time.
constexpr Eigen::Index kRows = 4096;

template <class Matrix>
void sum(const GridProblem& p, Matrix& m) {
  constexpr std::size_t parts = sizeof(typename Matrix::Scalar) / sizeof(double);
  sum_over_ranks(p.comm, reinterpret_cast<double*>(m.data()), parts * static_cast<std::size_t>(m.size()));
}

// Eigen's own index lists, m(rows, all), make this file compile for a minute inside products.
template <class Derived>
Eigen::MatrixXd rows_of(const Eigen::MatrixBase<Derived>& m, const std::vector<Eigen::Index>& rows) {
  Eigen::MatrixXd out(static_cast<Eigen::Index>(rows.size()), m.cols());
  for (Eigen::Index c = 0; c < m.cols(); ++c) {
    for (std::size_t i = 0; i < rows.size(); ++i) out(static_cast<Eigen::Index>(i), c) = m(rows[i], c);
  }
  return out;
}

/// X_0 of the absorber as dense complex columns.
Eigen::MatrixXcd sources(const Border& border, Eigen::Index rows) {
  const Border::Atom& absorber = border.atoms[0];
  Eigen::MatrixXcd s = Eigen::MatrixXcd::Zero(rows, absorber.columns.cols());
  for (std::size_t i = 0; i < absorber.rows.size(); ++i) {
    s.row(absorber.rows[i]) = absorber.columns.row(static_cast<Eigen::Index>(i)).cast<Complex>();
  }
  return s;
}

template <class Matrix>
void normalise(const GridProblem& p, Matrix& c) {
  Eigen::MatrixXd norms = c.colwise().squaredNorm();
  sum(p, norms);
  for (Eigen::Index i = 0; i < c.cols(); ++i) c.col(i) /= std::sqrt(std::max(norms(0, i), 1e-300));
}

/// Columns made orthonormal to one another; those that the others span already are left out.
template <class Matrix>
void orthonormalise(const GridProblem& p, Matrix& c) {
  Matrix gram = c.adjoint() * c;
  sum(p, gram);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(gram);
  const Eigen::Index left_out = (eigen.eigenvalues().array() <= kSameDirection * kSameDirection).count();  // in rising order
  Matrix turn = eigen.eigenvectors().rightCols(gram.cols() - left_out);
  for (Eigen::Index i = 0; i < turn.cols(); ++i) turn.col(i) /= std::sqrt(eigen.eigenvalues()(left_out + i));
  c = (c * turn).eval();
}

/// Columns made orthonormal to those of `space` and to one another. Without this the repeated solves would all turn into a resonance that
/// lies close to the energy.
Eigen::MatrixXcd orthonormal_to(const GridProblem& p, const Eigen::MatrixXcd& space, Eigen::MatrixXcd c) {
  for (int pass = 0; pass < 2 && c.cols() > 0; ++pass) {
    normalise(p, c);
    if (space.cols() > 0) {
      Eigen::MatrixXcd overlap = space.adjoint() * c;
      sum(p, overlap);
      c.noalias() -= space * overlap;
    }
    orthonormalise(p, c);
  }
  return c;
}

/// Q^T diag(d) Q of this rank's rows: rows of either sign as products of a matrix with itself.
Eigen::MatrixXd with_diagonal(const Eigen::Ref<const Eigen::MatrixXf>& q, const Eigen::VectorXd& d) {
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(q.cols(), q.cols());
  Eigen::MatrixXf part(q.cols(), q.cols());
  for (const float sign : {1.0F, -1.0F}) {
    std::vector<Eigen::Index> rows;
    const auto add = [&] {
      Eigen::MatrixXf scaled(static_cast<Eigen::Index>(rows.size()), q.cols());
      std::vector<float> root;
      for (const Eigen::Index i : rows) root.push_back(static_cast<float>(std::sqrt(std::abs(d(i)))));
      for (Eigen::Index c = 0; c < q.cols(); ++c) {
        for (std::size_t i = 0; i < rows.size(); ++i) scaled(static_cast<Eigen::Index>(i), c) = root[i] * q(rows[i], c);
      }
      part.setZero();
      part.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose());
      out += sign * part.cast<double>();
      rows.clear();
    };
    for (Eigen::Index i = 0; i < q.rows(); ++i) {
      if (sign * d(i) > 0.0) rows.push_back(i);
      if (static_cast<Eigen::Index>(rows.size()) == kRows) add();
    }
    if (!rows.empty()) add();
  }
  return out.selfadjointView<Eigen::Lower>();
}

}  // namespace

ReducedModel::ReducedModel(GridProblem& problem, int outer_lmax, int snapshots, int solves)
    : problem_(problem), outer_lmax_(outer_lmax), solves_(solves), factor_(std::make_unique<SinglePrecisionFactor>(problem.op)) {
  q_.resize(problem.op.last_row() - problem.op.first_row(), Eigen::Index{2} * problem.atoms[0].harmonics() * snapshots * solves);
}

void ReducedModel::add_columns(Eigen::MatrixXd c) {
  normalise(problem_, c);
  for (int pass = 0; pass < 2; ++pass) {
    if (columns_ > 0) {
      Eigen::MatrixXd overlap = (basis().transpose() * c.cast<float>()).cast<double>();
      sum(problem_, overlap);
      c -= (basis() * overlap.cast<float>()).cast<double>();
    }
    orthonormalise(problem_, c);
    if (c.cols() == 0) return;  // nothing new
  }
  const Eigen::Index before = columns_;
  q_.middleCols(before, c.cols()) = c.cast<float>();
  columns_ += c.cols();

  Eigen::MatrixXd image(c.rows(), c.cols());
  problem_.op.set_diagonal(std::vector<double>(static_cast<std::size_t>(c.rows()), 0.0));
  Eigen::VectorXd y;
  for (Eigen::Index i = 0; i < c.cols(); ++i) {
    problem_.op.multiply(q_.col(before + i).cast<double>(), y);
    image.col(i) = y;
  }
  Eigen::MatrixXd block = Eigen::MatrixXd::Zero(columns_, c.cols());
  for (Eigen::Index first = 0; first < c.rows(); first += kRows) {
    const Eigen::Index rows = std::min(kRows, c.rows() - first);
    const Eigen::MatrixXd part = basis().middleRows(first, rows).cast<double>();
    block.noalias() += part.transpose() * image.middleRows(first, rows);
  }
  sum(problem_, block);
  kinetic_.conservativeResize(columns_, columns_);
  kinetic_.rightCols(c.cols()) = block;
  kinetic_.bottomLeftCorner(c.cols(), before) = block.topRows(before).transpose();
}

void ReducedModel::add_snapshot(double energy) {
  std::vector<Eigen::MatrixXd> columns;
  {
    const FactoredOperator factored(problem_, energy, outer_lmax_, factor_.get());
    Eigen::MatrixXcd psi = sources(factored.border(), problem_.op.last_row() - problem_.op.first_row());
    Eigen::MatrixXcd space(psi.rows(), psi.cols() * (solves_ - 1));
    Eigen::Index filled = 0;
    for (int i = 0; i < solves_ && psi.cols() > 0; ++i) {
      psi = orthonormal_to(problem_, space.leftCols(filled), factored.solve(psi));
      Eigen::MatrixXd parts = split(psi);
      normalise(problem_, parts);
      if (i + 1 < solves_) {
        space.middleCols(filled, psi.cols()) = psi;
        filled += psi.cols();
        columns.push_back(std::move(parts));
      } else {
        last_.push_back(parts.cast<float>());
      }
    }
  }
  for (Eigen::MatrixXd& c : columns) add_columns(std::move(c));
}

void ReducedModel::finish() {
  factor_.reset();
  nested_ = columns_;
  for (Eigen::MatrixXf& columns : last_) add_columns(columns.cast<double>());
  last_.clear();
  const auto& nodes = problem_.atoms[0].nodes();
  std::vector<Eigen::Index> rows;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i] < problem_.op.first_row() || nodes[i] >= problem_.op.last_row()) continue;
    absorber_nodes_.push_back(static_cast<Eigen::Index>(i));
    rows.push_back(nodes[i] - problem_.op.first_row());
  }
  at_absorber_ = rows_of(basis(), rows);
}

std::vector<ProjectedOperator> ReducedModel::project(const std::vector<double>& energies) const {
  const auto count = static_cast<Eigen::Index>(energies.size());
  std::vector<ProjectedOperator> all(energies.size());
  Eigen::MatrixXd diagonals(q_.rows(), count);
  std::vector<std::vector<Eigen::MatrixXf>> columns;  // projectors, by energy and atom
  std::vector<Border::Atom> blocks;
  {
    Eigen::MatrixXf shell;
    for (std::size_t i = 0; i < energies.size(); ++i) {
      const std::vector<AtomAtEnergy> at = problem_.atoms_at(energies[i]);
      const std::vector<double> d = problem_.diagonal(energies[i], at);
      diagonals.col(static_cast<Eigen::Index>(i)) = Eigen::Map<const Eigen::VectorXd>(d.data(), diagonals.rows());
      Border border = problem_.border(energies[i], problem_.model.outer_level(energies[i]), at, outer_lmax_);
      for (const AtomAtEnergy& atom : at) all[i].b.push_back(atom.strength);
      columns.emplace_back();
      for (const Border::Atom& atom : border.atoms) columns.back().push_back(atom.columns.cast<float>());

      if (shell.size() == 0) shell = rows_of(basis(), border.shell).cast<float>();
      Eigen::MatrixXd real = (border.outer.real.cast<float>().transpose() * shell).cast<double>();
      Eigen::MatrixXd imaginary = (border.outer.imaginary.cast<float>().transpose() * shell).cast<double>();
      sum(problem_, real);
      sum(problem_, imaginary);
      Eigen::MatrixXcd u = real.cast<Complex>();
      for (std::size_t c = 0; c < border.outer.imaginary_channel.size(); ++c) {
        u.row(border.outer.imaginary_channel[c]).imag() += imaginary.row(static_cast<Eigen::Index>(c));
      }
      const Eigen::MatrixXcd wu = math::ComplexLu(border.outer.w).solve(u);
      all[i].rest.noalias() = u.transpose() * wu;
      all[i].rest.real() += kinetic_;
      all[i].y.resize(border.projectors, columns_);
      blocks = std::move(border.atoms);
    }
  }

  for (std::size_t a = 0; a < blocks.size(); ++a) {
    const Eigen::MatrixXf here = rows_of(basis(), blocks[a].rows).cast<float>();
    for (std::size_t i = 0; i < energies.size(); ++i) {
      const Eigen::MatrixXf product = columns[i][a].transpose() * here;
      all[i].y.middleRows(blocks[a].first, product.rows()) = product.cast<double>();
    }
  }
  for (ProjectedOperator& p : all) sum(problem_, p.y);

  Eigen::MatrixXd gram = diagonals.transpose() * diagonals;
  sum(problem_, gram);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(gram);
  for (Eigen::Index k = 0; k < count; ++k) {
    if (eigen.eigenvalues()(k) <= kSmallestMode * kSmallestMode * eigen.eigenvalues()(count - 1)) continue;
    const Eigen::VectorXd mode = diagonals * eigen.eigenvectors().col(k);
    Eigen::MatrixXd projected = with_diagonal(basis(), mode);
    sum(problem_, projected);
    for (Eigen::Index j = 0; j < count; ++j) all[static_cast<std::size_t>(j)].rest.real() += eigen.eigenvectors()(j, k) * projected;
  }
  return all;
}

Eigen::MatrixXd ReducedModel::absorber_overlap(const AtomAtEnergy& absorber) const {
  Eigen::MatrixXd y = rows_of(absorber.columns, absorber_nodes_).transpose() * at_absorber_;
  sum(problem_, y);
  return y;
}

}  // namespace kedge::fdm
