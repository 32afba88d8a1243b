// SPDX-License-Identifier: BSD-3-Clause
#include "projection.hpp"

#include <algorithm>
#include <utility>

namespace kedge::fdm {
namespace {

/// Q^T diag(d) Q of this rank's rows, in single-precision products of some thousand rows, summed in
/// double. Of the symmetric matrix the blocks on and below the diagonal.
Eigen::MatrixXd weighted_gram(const Eigen::MatrixXf& q, const Eigen::VectorXf& d) {
  constexpr Eigen::Index kRows = 4096;
  constexpr Eigen::Index kColumns = 128;
  const Eigen::Index n = q.cols();
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(n, n);
  Eigen::MatrixXf scaled;
  Eigen::MatrixXf part;
  for (Eigen::Index first = 0; first < q.rows(); first += kRows) {
    const Eigen::Index rows = std::min(kRows, q.rows() - first);
    for (Eigen::Index c = 0; c < n; c += kColumns) {
      const Eigen::Index width = std::min(kColumns, n - c);
      scaled = d.segment(first, rows).asDiagonal() * q.block(first, c, rows, width);
      part.noalias() = q.block(first, c, rows, n - c).transpose() * scaled;
      out.block(c, c, n - c, width) += part.cast<double>();
    }
  }
  return out.selfadjointView<Eigen::Lower>();
}

void sum(MPI_Comm comm, Eigen::MatrixXd& m) {
  sum_over_ranks(comm, m.data(), static_cast<std::size_t>(m.size()));
}

}  // namespace

NodeData node_data(const GridProblem& problem, double energy) {
  const std::vector<AtomAtEnergy> at = problem.atoms_at(energy);
  const std::vector<double> d = problem.diagonal(energy, at);
  NodeData out;
  out.diagonal = Eigen::Map<const Eigen::VectorXd>(d.data(), static_cast<Eigen::Index>(d.size()))
                     .cast<float>();
  for (const Border::Atom& atom : problem.projector_blocks(at)) {
    out.columns.push_back(atom.columns.cast<float>());
  }
  for (const AtomAtEnergy& atom : at) out.b.push_back(atom.strength);
  return out;
}

std::vector<std::vector<Eigen::Index>> atom_rows(const GridFrame& frame) {
  std::vector<std::vector<Eigen::Index>> out;
  for (const auto& projectors : frame.projectors) {
    out.emplace_back();
    for (const std::int32_t node : projectors->nodes()) {
      if (node >= frame.op.first_row() && node < frame.op.last_row()) {
        out.back().push_back(node - frame.op.first_row());
      }
    }
  }
  return out;
}

Eigen::MatrixXf rows_of(const Eigen::MatrixXf& q, const std::vector<Eigen::Index>& rows) {
  return q(rows, Eigen::all);
}

ProjectionColumns restricted(const ProjectionColumns& columns,
                             const std::vector<std::vector<Eigen::Index>>& atom_rows,
                             const Eigen::MatrixXd& v) {
  ProjectionColumns out;
  const Eigen::MatrixXf turn = v.cast<float>();
  out.q.noalias() = columns.q * turn;
  for (const auto& rows : atom_rows) out.at_atoms.push_back(rows_of(out.q, rows));
  const Eigen::MatrixXd half = columns.kinetic * v;
  out.kinetic.noalias() = v.transpose() * half;
  return out;
}

OuterOverlap restricted(const OuterOverlap& outer, const Eigen::MatrixXd& v) {
  const Eigen::MatrixXcf turn = v.cast<std::complex<float>>();
  return {outer.u * turn, outer.wu * turn};
}

Eigen::MatrixXd diagonal_part(MPI_Comm comm, const ProjectionColumns& columns,
                              const NodeData& data) {
  Eigen::MatrixXd out = weighted_gram(columns.q, data.diagonal);
  sum(comm, out);
  return out;
}

ProjectedOperator projected(MPI_Comm comm, const ProjectionColumns& columns,
                            const OuterOverlap& outer, const NodeData& data,
                            const Eigen::MatrixXd& diagonal) {
  const Eigen::Index n = columns.q.cols();
  ProjectedOperator out;
  const Eigen::MatrixXcf waves = outer.u.transpose() * outer.wu;
  out.rest = (0.5F * (waves + waves.transpose())).cast<std::complex<double>>();
  out.rest.real() += columns.kinetic + diagonal;
  Eigen::Index waves_of_atoms = 0;
  for (const Eigen::MatrixXd& b : data.b) waves_of_atoms += b.rows();
  out.y.resize(waves_of_atoms, n);
  Eigen::Index first = 0;
  for (std::size_t a = 0; a < data.columns.size(); ++a) {
    const Eigen::MatrixXf y = data.columns[a].transpose() * columns.at_atoms[a];
    out.y.middleRows(first, y.rows()) = y.cast<double>();
    first += y.rows();
  }
  sum(comm, out.y);
  out.b = data.b;
  return out;
}

}  // namespace kedge::fdm
