// SPDX-License-Identifier: BSD-3-Clause
#include "reduced_model.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "kedge/core/units.hpp"

namespace kedge::fdm {
namespace {

// Of the norm of a new column: what is left of it beside the basis below this is rounding of the solves.
constexpr double kSameDirection = 1e-6;
// Of the largest singular value of the diagonals; below the accuracy of the potential's own tables.
constexpr double kSmallestMode = 1e-6;

// Eigen's own index lists (m(rows, all)) make this file compile ten times longer inside products.
Eigen::MatrixXd rows_of(const Eigen::MatrixXd& m, const std::vector<Eigen::Index>& rows) {
  Eigen::MatrixXd out(static_cast<Eigen::Index>(rows.size()), m.cols());
  for (Eigen::Index c = 0; c < m.cols(); ++c) {
    for (std::size_t i = 0; i < rows.size(); ++i) out(static_cast<Eigen::Index>(i), c) = m(rows[i], c);
  }
  return out;
}

template <class Matrix>
Matrix columns_of(const Matrix& m, const std::vector<Eigen::Index>& columns) {
  Matrix out(m.rows(), static_cast<Eigen::Index>(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) out.col(static_cast<Eigen::Index>(i)) = m.col(columns[i]);
  return out;
}

void sum(const GridProblem& p, Eigen::MatrixXd& m) { sum_over_ranks(p.comm, m.data(), static_cast<std::size_t>(m.size())); }

/// X_0 of the absorber as dense complex columns.
Eigen::MatrixXcd sources(const Border& border, Eigen::Index rows) {
  const Border::Atom& absorber = border.atoms[0];
  Eigen::MatrixXcd s = Eigen::MatrixXcd::Zero(rows, absorber.columns.cols());
  for (std::size_t i = 0; i < absorber.rows.size(); ++i) {
    s.row(absorber.rows[i]) = absorber.columns.row(static_cast<Eigen::Index>(i)).cast<Complex>();
  }
  return s;
}

Eigen::MatrixXd normalised(const GridProblem& p, Eigen::MatrixXd c) {
  Eigen::MatrixXd norms = c.colwise().squaredNorm();
  sum(p, norms);
  for (Eigen::Index i = 0; i < c.cols(); ++i) c.col(i) /= std::sqrt(std::max(norms(0, i), 1e-300));
  return c;
}

/// Columns made orthonormal to those of `space` and to one another. Without this the repeated solves would all turn into a resonance that
/// lies close to the energy.
Eigen::MatrixXcd orthonormal_to(const GridProblem& p, const Eigen::MatrixXcd& space, Eigen::MatrixXcd c) {
  const auto sum_complex = [&](Eigen::MatrixXcd& m) {
    sum_over_ranks(p.comm, reinterpret_cast<double*>(m.data()), 2 * static_cast<std::size_t>(m.size()));
  };
  for (int pass = 0; pass < 2 && c.cols() > 0; ++pass) {
    Eigen::MatrixXd norms = c.colwise().squaredNorm();
    sum(p, norms);
    for (Eigen::Index i = 0; i < c.cols(); ++i) c.col(i) /= std::sqrt(std::max(norms(0, i), 1e-300));
    if (space.cols() > 0) {
      Eigen::MatrixXcd overlap = space.adjoint() * c;
      sum_complex(overlap);
      c -= space * overlap;
    }
    Eigen::MatrixXcd gram = c.adjoint() * c;
    sum_complex(gram);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> eigen(gram);
    std::vector<Eigen::Index> kept;
    for (Eigen::Index i = 0; i < gram.rows(); ++i) {
      if (eigen.eigenvalues()(i) > kSameDirection * kSameDirection) kept.push_back(i);
    }
    Eigen::MatrixXcd turn = columns_of<Eigen::MatrixXcd>(eigen.eigenvectors(), kept);
    for (std::size_t i = 0; i < kept.size(); ++i) turn.col(static_cast<Eigen::Index>(i)) /= std::sqrt(eigen.eigenvalues()(kept[i]));
    c = (c * turn).eval();
  }
  return c;
}

Eigen::MatrixXd append(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  if (a.cols() == 0) return b;
  Eigen::MatrixXd out(a.rows(), a.cols() + b.cols());
  out << a, b;
  return out;
}

/// Q^T A Q of the first columns.
Eigen::MatrixXcd whole(const ProjectedOperator& projected, Eigen::Index columns) {
  Eigen::MatrixXd by(projected.y.rows(), columns);
  Eigen::Index first = 0;
  for (const Eigen::MatrixXd& b : projected.b) {
    by.middleRows(first, b.rows()) = b.partialPivLu().solve(projected.y.block(first, 0, b.rows(), columns));
    first += b.rows();
  }
  const Eigen::MatrixXd atoms = projected.y.leftCols(columns).transpose() * by;
  return projected.rest.topLeftCorner(columns, columns) + atoms.cast<Complex>();
}

}  // namespace

void ReducedModel::add_columns(Eigen::MatrixXd c) {
  c = normalised(problem_, std::move(c));
  for (int pass = 0; pass < 2; ++pass) {
    if (q_.cols() > 0) {
      Eigen::MatrixXd overlap = q_.transpose() * c;
      sum(problem_, overlap);
      c.noalias() -= q_ * overlap;
    }
    Eigen::MatrixXd gram = c.transpose() * c;
    sum(problem_, gram);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(gram);
    std::vector<Eigen::Index> kept;
    for (Eigen::Index i = 0; i < gram.rows(); ++i) {
      if (eigen.eigenvalues()(i) > kSameDirection * kSameDirection) kept.push_back(i);
    }
    if (kept.empty()) return;  // nothing new
    Eigen::MatrixXd turn = columns_of<Eigen::MatrixXd>(eigen.eigenvectors(), kept);
    for (std::size_t i = 0; i < kept.size(); ++i) turn.col(static_cast<Eigen::Index>(i)) /= std::sqrt(eigen.eigenvalues()(kept[i]));
    c = (c * turn).eval();
  }
  const Eigen::Index before = q_.cols();
  Eigen::MatrixXd image(c.rows(), c.cols());
  problem_.op.set_diagonal(std::vector<double>(static_cast<std::size_t>(c.rows()), 0.0));
  Eigen::VectorXd y;
  for (Eigen::Index i = 0; i < c.cols(); ++i) {
    problem_.op.multiply(c.col(i), y);
    image.col(i) = y;
  }
  q_ = append(q_, c);
  Eigen::MatrixXd block = q_.transpose() * image;
  sum(problem_, block);
  kinetic_.conservativeResize(q_.cols(), q_.cols());
  kinetic_.rightCols(c.cols()) = block;
  kinetic_.bottomLeftCorner(c.cols(), before) = block.topRows(before).transpose();
}

void ReducedModel::add_snapshot(double energy, int solves) {
  Eigen::MatrixXd columns;
  {
    const FactoredOperator factored(problem_, energy, outer_lmax_);
    Eigen::MatrixXcd psi = sources(factored.border(), problem_.op.last_row() - problem_.op.first_row());
    Eigen::MatrixXcd space(psi.rows(), 0);
    for (int i = 0; i < solves && psi.cols() > 0; ++i) {
      psi = orthonormal_to(problem_, space, factored.solve(psi));
      Eigen::MatrixXcd grown(psi.rows(), space.cols() + psi.cols());
      grown << space, psi;
      space = std::move(grown);
      const Eigen::MatrixXd parts = normalised(problem_, split(psi));
      if (i + 1 < solves) {
        columns = append(columns, parts);
      } else {
        last_.push_back(parts);
      }
    }
  }
  add_columns(std::move(columns));
}

void ReducedModel::finish() {
  nested_ = q_.cols();
  for (Eigen::MatrixXd& columns : last_) add_columns(std::move(columns));
  last_.clear();
}

std::vector<ProjectedOperator> ReducedModel::project(const std::vector<double>& energies) const {
  const Eigen::Index rows = q_.rows();
  const auto count = static_cast<Eigen::Index>(energies.size());
  std::vector<ProjectedOperator> all;
  Eigen::MatrixXd diagonals(rows, count);
  for (const double energy : energies) {
    const std::vector<AtomAtEnergy> at = problem_.atoms_at(energy);
    const std::vector<double> d = problem_.diagonal(energy, at);
    diagonals.col(static_cast<Eigen::Index>(all.size())) = Eigen::Map<const Eigen::VectorXd>(d.data(), rows);
    const Border border = problem_.border(energy, problem_.model.outer_level(energy), at, outer_lmax_);
    ProjectedOperator out;
    out.y.resize(border.projectors, q_.cols());
    for (std::size_t a = 0; a < at.size(); ++a) {
      const Border::Atom& atom = border.atoms[a];
      out.y.middleRows(atom.first, atom.columns.cols()) = atom.columns.transpose() * rows_of(q_, atom.rows);
      out.b.push_back(at[a].strength);
    }
    sum(problem_, out.y);
    const Eigen::MatrixXd shell = rows_of(q_, border.shell);
    Eigen::MatrixXd real = border.outer.real.transpose() * shell;
    Eigen::MatrixXd imaginary = border.outer.imaginary.transpose() * shell;
    sum(problem_, real);
    sum(problem_, imaginary);
    Eigen::MatrixXcd u = real.cast<Complex>();
    for (std::size_t i = 0; i < border.outer.imaginary_channel.size(); ++i) {
      u.row(border.outer.imaginary_channel[i]).imag() += imaginary.row(static_cast<Eigen::Index>(i));
    }
    out.rest = u.transpose() * border.outer.w.partialPivLu().solve(u);
    all.push_back(std::move(out));
  }

  Eigen::MatrixXd gram = diagonals.transpose() * diagonals;
  sum(problem_, gram);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(gram);
  for (auto& p : all) p.rest.real() += kinetic_;
  for (Eigen::Index k = 0; k < count; ++k) {
    if (eigen.eigenvalues()(k) <= kSmallestMode * kSmallestMode * eigen.eigenvalues()(count - 1)) continue;
    const Eigen::VectorXd mode = diagonals * eigen.eigenvectors().col(k);
    Eigen::MatrixXd projected = q_.transpose() * (mode.asDiagonal() * q_);
    sum(problem_, projected);
    for (Eigen::Index j = 0; j < count; ++j) all[static_cast<std::size_t>(j)].rest.real() += eigen.eigenvectors()(j, k) * projected;
  }
  return all;
}

Eigen::MatrixXd ReducedModel::absorber_overlap(const AtomAtEnergy& absorber) const {
  std::vector<Eigen::Index> here;
  std::vector<Eigen::Index> rows;
  const auto& nodes = problem_.atoms[0].nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i] < problem_.op.first_row() || nodes[i] >= problem_.op.last_row()) continue;
    here.push_back(static_cast<Eigen::Index>(i));
    rows.push_back(nodes[i] - problem_.op.first_row());
  }
  Eigen::MatrixXd y = rows_of(absorber.columns, here).transpose() * rows_of(q_, rows);
  sum(problem_, y);
  return y;
}

Eigen::MatrixXd reduced_density(const ProjectedOperator& projected, Eigen::Index columns) {
  const Eigen::MatrixXd& b0 = projected.b.front();
  const Eigen::MatrixXd y0 = projected.y.topLeftCorner(b0.rows(), columns);
  const Eigen::MatrixXcd x = whole(projected, columns).partialPivLu().solve(y0.transpose().cast<Complex>());
  const Eigen::MatrixXd im = y0 * x.imag();
  const Eigen::MatrixXd inverse = b0.inverse();
  const Eigen::MatrixXd rho = (1.0 / kPi) * inverse * im * inverse;
  return 0.5 * (rho + rho.transpose());
}

}  // namespace kedge::fdm
