// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "kedge/grid/sphere_grid.hpp"

namespace kedge::grid {

/// Order of elimination of the nodes for an operator that couples each node with those at most `reach` steps along the axes (a star
/// stencil of order 2 reach), by geometric nested dissection: a set of nodes is cut by the `reach` lattice planes in a row that hold the
/// fewest nodes, among the normals (100), (110) and (111); the halves first, the cut last, each half in the same way.
///
/// A move of s steps along an axis passes at most s planes of each of these families, and the planes of (110) and (111) are sqrt(2) and
/// sqrt(3) times sparser than those of (100): the largest cut of a sphere has 0.58 of the nodes that a cut along the axes has.
/// Source: A. George, SIAM J. Numer. Anal. 10, 345 (1973), for the method.
/// @return  position of each node in the order, a permutation of 0 .. size - 1. @note Rank-local
[[nodiscard]] std::vector<std::int32_t> nested_dissection(const SphereGrid& grid, int reach);

}  // namespace kedge::grid
