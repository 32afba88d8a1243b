// SPDX-License-Identifier: BSD-3-Clause
#include "projection.hpp"

#include <utility>

namespace kedge::fdm {
namespace {

void sum(MPI_Comm comm, Eigen::MatrixXd& m) {
  sum_over_ranks(comm, m.data(), static_cast<std::size_t>(m.size()));
}

}  // namespace

std::vector<std::vector<NodeData>> node_data(const std::vector<const GridProblem*>& problems,
                                             const Columns& q,
                                             const std::vector<std::vector<double>>& energies,
                                             const std::function<void()>& between_steps) {
  const GridFrame& frame = *problems.front()->frame;
  Eigen::Index waves = 0;
  for (const int lmax : frame.settings.lmax) waves += projector_columns(lmax);
  std::vector<std::vector<NodeData>> out(problems.size());
  std::vector<std::vector<std::vector<AtomAtEnergy>>> at(problems.size());
  std::size_t count = 0;
  for (std::size_t p = 0; p < problems.size(); ++p) {
    out[p].resize(energies[p].size());
    at[p].resize(energies[p].size());
    for (NodeData& data : out[p]) data.y.resize(waves, q.cols());
    count += energies[p].size();
  }

  Eigen::Index first = 0;
  for (std::size_t a = 0; a < frame.scatterers.size(); ++a) {
    const LocalNodes local = frame.local_nodes(a);
    const Columns here = q.at_rows(local.rows);
    const Eigen::Index columns = projector_columns(frame.settings.lmax[a]);
    // One product for all energies is faster than one for each.
    Eigen::MatrixXd x(here.rows(), static_cast<Eigen::Index>(count) * columns);
    Eigen::Index next = 0;
    for (std::size_t p = 0; p < problems.size(); ++p) {
      for (std::size_t i = 0; i < energies[p].size(); ++i, next += columns) {
        if (between_steps) between_steps();
        AtomAtEnergy atom = problems[p]->atoms[a].at(energies[p][i]);
        x.middleCols(next, columns) = atom.columns(local.of_atom, Eigen::all);
        out[p][i].b.push_back(std::move(atom.strength));
        // The diagonal needs neither these nor the waves.
        atom.columns.resize(0, 0);
        atom.waves.clear();
        at[p][i].push_back(std::move(atom));
      }
    }
    const Eigen::MatrixXd y = here.transpose_times(x);
    next = 0;
    for (auto& of_problem : out) {
      for (NodeData& data : of_problem) {
        data.y.middleRows(first, columns) = y.middleCols(next, columns).transpose();
        next += columns;
      }
    }
    first += columns;
  }
  for (std::size_t p = 0; p < problems.size(); ++p) {
    for (std::size_t i = 0; i < energies[p].size(); ++i) {
      NodeData& data = out[p][i];
      sum(frame.comm, data.y);
      const std::vector<double> d = problems[p]->diagonal(energies[p][i], at[p][i]);
      data.diagonal =
          Eigen::Map<const Eigen::VectorXd>(d.data(), static_cast<Eigen::Index>(d.size()));
    }
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
