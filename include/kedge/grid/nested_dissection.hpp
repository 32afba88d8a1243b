// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kedge/grid/sphere_grid.hpp"

namespace kedge::grid {

/// Order of elimination of the nodes for an operator that couples each node with those at `offsets`
/// from it, by geometric nested dissection: a set of nodes is cut by the lattice planes in a row
/// that hold the fewest nodes, among the normals (100), (110) and (111), as many of them as an
/// offset can pass; the halves first, the cut last, each half in the same way.
///
/// A move of s steps along an axis passes s planes of any of these families, and the planes of
/// (110) and (111) are sqrt(2) and sqrt(3) times sparser than those of (100): for a star the
/// largest cut of a sphere has 0.58 of the nodes that a cut along the axes has. A step along two
/// axes at once passes one plane of (100), two of the others.
///
/// Source: A. George, SIAM J. Numer. Anal. 10, 345 (1973), for the method.
/// @return  position of each node in the order, a permutation of 0 .. size - 1. @note Rank-local
[[nodiscard]] std::vector<std::int32_t> nested_dissection(
    const SphereGrid& grid, const std::vector<std::array<int, 3>>& offsets);

}  // namespace kedge::grid
