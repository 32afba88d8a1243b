// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "interpolation_axis.hpp"
#include "kedge/fdm/family.hpp"

namespace kedge::fdm {

/// The parameters at which operators are made, and the interpolation between them: a Lobatto grid over the box of the members, or the members
/// themselves where there are no more of them than nodes of that grid.
class ParameterPlaces {
 public:
  /// @param members  parameters of the family
  /// @param nodes    in each parameter that varies
  ParameterPlaces(const std::vector<Parameters>& members, int nodes);

  [[nodiscard]] const std::vector<Parameters>& places() const { return places_; }
  /// What the operator at each place counts at these parameters, inside the box. @throws Error{internal} if there is no grid and they are no place
  [[nodiscard]] std::vector<double> coefficients(const Parameters& at) const;
  /// The largest of |product (x - x_i)| over the parameters, x_i their nodes, in lengths of their axis: 0 at a place, most where the
  /// interpolation errs most.
  [[nodiscard]] double remoteness(const Parameters& at) const;
  /// Numbers of places that surround the others: the corners of the grid and its middle. All, without a grid.
  [[nodiscard]] std::vector<std::size_t> outermost() const;

 private:
  std::vector<Parameters> places_;
  std::vector<InterpolationAxis> axes_;  // of each parameter, empty without a grid; one node for a parameter that does not vary
};

}  // namespace kedge::fdm
