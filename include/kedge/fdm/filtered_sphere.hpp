// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "kedge/grid/sphere_grid.hpp"

namespace kedge::fdm {

/// Indicator theta(R - |r|) averaged over the cell of each node with a linear kernel, so that a
/// potential step at R acts on smooth functions as the sharp one does to second order. Shape
/// (grid.size()). @note Rank-local
[[nodiscard]] std::vector<double> filtered_sphere(const grid::SphereGrid& grid, double radius);

}  // namespace kedge::fdm
