// SPDX-License-Identifier: BSD-3-Clause
#include "projection.hpp"

#include <utility>

namespace kedge::fdm {
namespace {

void sum(MPI_Comm comm, Eigen::MatrixXd& m) {
  sum_over_ranks(comm, m.data(), static_cast<std::size_t>(m.size()));
}

}  // namespace

std::vector<NodeData> node_data(const GridProblem& problem, const Columns& q,
                                const std::vector<double>& energies,
                                const std::function<void()>& between_steps) {
  Eigen::Index waves = 0;
  for (const AtomOnGrid& atom : problem.atoms) waves += projector_columns(atom.lmax());
  std::vector<NodeData> out(energies.size());
  for (NodeData& data : out) data.y.resize(waves, q.cols());

  std::vector<std::vector<AtomAtEnergy>> at(energies.size());
  Eigen::Index first = 0;
  for (std::size_t a = 0; a < problem.atoms.size(); ++a) {
    const LocalNodes local = problem.frame->local_nodes(a);
    const Columns here = q.at_rows(local.rows);
    const Eigen::Index count = projector_columns(problem.atoms[a].lmax());
    const auto nodes = static_cast<Eigen::Index>(energies.size());
    Eigen::MatrixXd x(here.rows(), nodes * count);  // one product for all energies is faster
    for (std::size_t i = 0; i < energies.size(); ++i) {
      if (between_steps) between_steps();
      AtomAtEnergy atom = problem.atoms[a].at(energies[i]);
      x.middleCols(static_cast<Eigen::Index>(i) * count, count) =
          atom.columns(local.of_atom, Eigen::all);
      out[i].b.push_back(std::move(atom.strength));
      // The diagonal needs neither these nor the waves.
      atom.columns.resize(0, 0);
      atom.waves.clear();
      at[i].push_back(std::move(atom));
    }
    const Eigen::MatrixXd y = here.transpose_times(x);
    for (Eigen::Index i = 0; i < nodes; ++i) {
      out[static_cast<std::size_t>(i)].y.middleRows(first, count) =
          y.middleCols(i * count, count).transpose();
    }
    first += count;
  }
  for (std::size_t i = 0; i < energies.size(); ++i) {
    sum(problem.frame->comm, out[i].y);
    const std::vector<double> d = problem.diagonal(energies[i], at[i]);
    out[i].diagonal =
        Eigen::Map<const Eigen::VectorXd>(d.data(), static_cast<Eigen::Index>(d.size()));
  }
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

Eigen::MatrixXd diagonal_part(MPI_Comm comm, const Columns& q, const Eigen::VectorXd& d) {
  Eigen::MatrixXd out = q.weighted_gram(d);
  sum(comm, out);
  return out;
}

std::vector<Eigen::MatrixXd> diagonal_parts(MPI_Comm comm, const Columns& q,
                                            const Eigen::MatrixXd& v,
                                            const std::vector<Eigen::VectorXd>& d) {
  std::vector<Eigen::MatrixXd> out = q.weighted_grams(v, d);
  for (Eigen::MatrixXd& m : out) sum(comm, m);
  return out;
}

Eigen::MatrixXcd rest_of(const Eigen::MatrixXd& kinetic, const OuterOverlap& outer,
                         const Eigen::MatrixXd& diagonal) {
  const Eigen::MatrixXcd waves = outer.u.transpose() * outer.wu;
  Eigen::MatrixXcd rest = 0.5 * (waves + waves.transpose());
  rest.real() += kinetic + diagonal;
  return rest;
}

}  // namespace kedge::fdm
