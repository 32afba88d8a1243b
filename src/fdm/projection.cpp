// SPDX-License-Identifier: BSD-3-Clause
#include "projection.hpp"

#include <algorithm>
#include <utility>

namespace kedge::fdm {
namespace {

void sum(MPI_Comm comm, Eigen::MatrixXd& m) {
  sum_over_ranks(comm, m.data(), static_cast<std::size_t>(m.size()));
}

}  // namespace

NodeData node_data(const GridProblem& problem, double energy) {
  const std::vector<AtomAtEnergy> at = problem.atoms_at(energy);
  const std::vector<double> d = problem.diagonal(energy, at);
  NodeData out;
  out.diagonal = Eigen::Map<const Eigen::VectorXd>(d.data(), static_cast<Eigen::Index>(d.size()));
  for (Border::Atom& atom : problem.projector_blocks(at)) {
    out.columns.push_back(std::move(atom.columns));
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

ProjectionColumns restricted(const ProjectionColumns& columns,
                             const std::vector<std::vector<Eigen::Index>>& atom_rows,
                             const Eigen::MatrixXd& v) {
  ProjectionColumns out{columns.q.times(v), {}, {}};
  for (const auto& rows : atom_rows) out.at_atoms.push_back(out.q.at_rows(rows));
  const Eigen::MatrixXd half = columns.kinetic * v;
  out.kinetic.noalias() = v.transpose() * half;
  return out;
}

OuterOverlap restricted(const OuterOverlap& outer, const Eigen::MatrixXd& v) {
  const auto times_v = [&v](const Eigen::MatrixXcd& m) {
    Eigen::MatrixXcd out(m.rows(), v.cols());
    out.real() = Eigen::MatrixXd(m.real()) * v;
    out.imag() = Eigen::MatrixXd(m.imag()) * v;
    return out;
  };
  return {times_v(outer.u), times_v(outer.wu)};
}

Eigen::MatrixXd diagonal_part(MPI_Comm comm, const ProjectionColumns& columns,
                              const Eigen::VectorXd& d) {
  Eigen::MatrixXd out = columns.q.weighted_gram(d);
  sum(comm, out);
  return out;
}

ProjectedOperator projected(MPI_Comm comm, const ProjectionColumns& columns,
                            const OuterOverlap& outer, const NodeData& data,
                            const Eigen::MatrixXd& diagonal) {
  const Eigen::MatrixXcd waves = outer.u.transpose() * outer.wu;
  Eigen::MatrixXcd rest = 0.5 * (waves + waves.transpose());
  rest.real() += columns.kinetic + diagonal;
  return projected_atoms(comm, columns, data, std::move(rest));
}

ProjectedOperator projected_atoms(MPI_Comm comm, const ProjectionColumns& columns,
                                  const NodeData& data, Eigen::MatrixXcd rest) {
  ProjectedOperator out;
  out.rest = std::move(rest);
  Eigen::Index waves_of_atoms = 0;
  for (const Eigen::MatrixXd& b : data.b) waves_of_atoms += b.rows();
  out.y.resize(waves_of_atoms, columns.q.cols());
  Eigen::Index first = 0;
  for (std::size_t a = 0; a < data.columns.size(); ++a) {
    const Eigen::MatrixXd y = columns.at_atoms[a].transpose_times(data.columns[a]);
    out.y.middleRows(first, y.cols()) = y.transpose();
    first += y.cols();
  }
  sum(comm, out.y);
  out.b = data.b;
  return out;
}

}  // namespace kedge::fdm
