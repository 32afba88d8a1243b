// SPDX-License-Identifier: BSD-3-Clause
#include "band_nodes.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "outer_variable.hpp"

namespace kedge::fdm {
namespace {

constexpr double kSameNode = 1e-9;  // [1/bohr]

}  // namespace

BandNodes::BandNodes(const ReducedModel& basis, std::vector<const GridProblem*> potentials,
                     std::function<void()> between_steps)
    : basis_(basis), between_steps_(std::move(between_steps)) {
  for (const GridProblem* problem : potentials) of_.push_back({problem, {}, {}, {}, {}, {}});
}

void BandNodes::move_to(const InterpolationAxis& axis, const InterpolationAxis& others) {
  const bool touches = last_ && std::abs(axis.nodes().front() - *last_) <= kSameNode;
  std::vector<const GridProblem*> problems;
  std::vector<std::vector<double>> energies;  // of the nodes that are new
  for (OfPotential& of : of_) {
    if (touches) {
      of.data.erase(of.data.begin(), of.data.end() - 1);
    } else {
      of.data.clear();
      of.diagonal.resize(0, 0);
      of.at_end.reset();
    }
    of.kinetic.clear();
    const InterpolationAxis& here = &of == &of_.front() ? axis : others;
    for (const double w : here.nodes()) of.kinetic.push_back(kinetic_at(w));
    problems.push_back(of.problem);
    auto& wanted = energies.emplace_back();
    for (std::size_t i = of.data.size(); i < of.kinetic.size(); ++i) {
      const potential::PotentialModel& model = of.problem->model;
      const double level = of.level ? *of.level : model.outer_level(of.kinetic[i]);
      wanted.push_back(energy_of(model, of.kinetic[i], level));
      of.level = wanted.back() - of.kinetic[i];
    }
  }
  last_ = axis.nodes().back();
  auto found = node_data(problems, basis_.space(), energies, between_steps_);
  for (std::size_t p = 0; p < of_.size(); ++p) {
    std::ranges::move(found[p], std::back_inserter(of_[p].data));
  }
}

std::size_t BandNodes::middle_of(std::size_t potential) const {
  const std::size_t nodes = of_[potential].kinetic.size();
  if (of_.size() == 1 || potential > 0) return nodes / 2;
  return 2 * (of_[1].kinetic.size() / 2);
}

std::size_t BandNodes::middle() const {
  return middle_of(0);
}

std::array<Eigen::MatrixXd, 3> BandNodes::diagonals(std::size_t potential) {
  OfPotential& of = of_[potential];
  const auto part = [&](std::size_t node, std::size_t of_first) {
    if (between_steps_) between_steps_();
    Eigen::VectorXd d = of.data[node].diagonal;
    if (potential > 0) d -= of_.front().data[of_first].diagonal;
    return diagonal_part(of.problem->frame->comm, basis_.space(), d);
  };
  std::array<Eigen::MatrixXd, 3> out;
  out[0] = of.diagonal.size() > 0 ? std::move(of.diagonal) : part(0, 0);
  out[2] = part(of.data.size() - 1, of_.front().data.size() - 1);
  const double t = (of.kinetic[middle_of(potential)] - of.kinetic.front()) /
                   (of.kinetic.back() - of.kinetic.front());
  out[1] = (1.0 - t) * out[0] + t * out[2];
  of.diagonal = out[2];
  return out;
}

std::vector<std::array<ProjectedOperator, 3>> BandNodes::ends_and_middle(
    std::size_t potentials, const std::vector<OuterOverlap>& outer) {
  const std::array<const OuterOverlap*, 3> of_outer = {&outer.front(), &outer[middle()],
                                                       &outer.back()};
  std::vector<std::array<ProjectedOperator, 3>> out(potentials);
  for (std::size_t p = 0; p < potentials; ++p) {
    OfPotential& of = of_[p];
    const std::array<Eigen::MatrixXd, 3> diagonal = diagonals(p);
    const std::array<const NodeData*, 3> data = {&of.data.front(), &of.data[middle_of(p)],
                                                 &of.data.back()};
    for (std::size_t i = 0; i < data.size(); ++i) {
      ProjectedOperator& here = out[p][i];
      if (i == 0 && of.at_end) {
        here = std::move(*of.at_end);
      } else if (p == 0) {
        here = {rest_of(basis_.kinetic(), *of_outer[i], diagonal[i]), data[i]->y, data[i]->b};
      } else {
        here = {out[0][i].rest, data[i]->y, data[i]->b};
        here.rest.real() += diagonal[i];
      }
    }
    of.at_end = out[p].back();
  }
  return out;
}

}  // namespace kedge::fdm
