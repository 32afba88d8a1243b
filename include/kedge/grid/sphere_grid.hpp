// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <vector>

namespace kedge::grid {

/// Nodes of a uniform cubic lattice inside a sphere about the origin (the absorber).
///
/// Node (i, j, k) lies at spacing (i, j, k) + shift. Interior nodes are the unknowns, numbered in
/// lexicographic order, so that a contiguous range of numbers is a slab.
class SphereGrid {
 public:
  /// @param spacing  lattice step h [bohr]
  /// @param radius  nodes with |r| < radius are unknowns [bohr]
  /// @param shift  position of node (0, 0, 0) [bohr]
  SphereGrid(double spacing, double radius, const Eigen::Vector3d& shift);

  [[nodiscard]] double spacing() const { return spacing_; }
  [[nodiscard]] double radius() const { return radius_; }
  [[nodiscard]] const Eigen::Vector3d& shift() const { return shift_; }
  [[nodiscard]] std::int32_t size() const { return static_cast<std::int32_t>(nodes_.size()); }
  [[nodiscard]] const std::array<std::int32_t, 3>& node(std::int32_t n) const {
    return nodes_[static_cast<std::size_t>(n)];
  }
  [[nodiscard]] Eigen::Vector3d position(const std::array<std::int32_t, 3>& node) const {
    return spacing_ * Eigen::Vector3d(node[0], node[1], node[2]) + shift_;
  }
  [[nodiscard]] Eigen::Vector3d position(std::int32_t n) const { return position(node(n)); }
  /// Number of the unknown at a lattice point, -1 if the point is outside the sphere.
  [[nodiscard]] std::int32_t index(const std::array<std::int32_t, 3>& node) const;

 private:
  double spacing_;
  double radius_;
  Eigen::Vector3d shift_;
  std::int32_t half_ = 0;  // the look-up cube covers -half .. half
  std::vector<std::array<std::int32_t, 3>> nodes_;
  std::vector<std::int32_t> lookup_;
};

}  // namespace kedge::grid
