// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "interpolation_axis.hpp"
#include "projection.hpp"
#include "reduced_model.hpp"

namespace kedge::fdm {

/// What the operators of some potentials at the nodes of bands are made of, the bands gone through
/// in rising order: where two touch, the last node of one is the first of the next. The first
/// potential has all nodes of a band, the others every second.
/// @note Collective on the frame's communicator: move_to() and ends_and_middle()
class BandNodes {
 public:
  /// @param basis          must outlive this and stay as it is
  /// @param between_steps  called now and then, may be empty
  BandNodes(const ReducedModel& basis, std::vector<const GridProblem*> potentials,
            std::function<void()> between_steps);

  /// Goes on to one band. @param axis, others  nodes of the first potential and of the others
  void move_to(const InterpolationAxis& axis, const InterpolationAxis& others);

  [[nodiscard]] std::size_t potentials() const { return of_.size(); }
  /// Of one potential at its nodes.
  [[nodiscard]] const std::vector<NodeData>& at(std::size_t potential) const {
    return of_[potential].data;
  }
  /// The one of the first potential's nodes next to the middle that all potentials have.
  [[nodiscard]] std::size_t middle() const;

  /// Operators between all columns of the basis at both ends and in the middle() of the band, of
  /// the first potentials. The diagonal of the grid is linear in energy between the ends there:
  /// near enough to choose columns by.
  /// @param outer  waves at the first potential's nodes
  [[nodiscard]] std::vector<std::array<ProjectedOperator, 3>> ends_and_middle(
      std::size_t potentials, const std::vector<OuterOverlap>& outer);

 private:
  struct OfPotential {
    const GridProblem* problem;
    std::vector<NodeData> data;
    std::vector<double> kinetic;  // energies of the nodes
    std::optional<double> level;  // outside, where it was last asked for
    // Over the whole basis at the last node, the first of the next band: the diagonal of the grid,
    // less that of the first potential, and the operator.
    Eigen::MatrixXd diagonal;
    std::optional<ProjectedOperator> at_end;
  };
  [[nodiscard]] std::array<Eigen::MatrixXd, 3> diagonals(std::size_t potential);
  [[nodiscard]] std::size_t middle_of(std::size_t potential) const;

  const ReducedModel& basis_;
  std::function<void()> between_steps_;
  std::vector<OfPotential> of_;
  std::optional<double> last_;  // node of the band before, the variable of its axis
};

}  // namespace kedge::fdm
