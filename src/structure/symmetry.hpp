// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "kedge/structure/structure.hpp"

namespace kedge::structure {

/// x' = rotation x + translation, in fractional coordinates; the translation counts modulo 1.
struct SymmetryOperation {
  Eigen::Matrix3i rotation = Eigen::Matrix3i::Identity();
  Eigen::Vector3d translation = Eigen::Vector3d::Zero();
};

/// One site of the asymmetric unit.
struct AsymmetricSite {
  int atomic_number = 0;
  Eigen::Vector3d position_frac = Eigen::Vector3d::Zero();
  std::string label;
};

/// Checks that the operations differ from one another, form a group (identity and all products) and
/// leave the metric of the cell unchanged: R^T G R = G with G = cell^T cell, within 1e-3 of the
/// largest element of G (cells in files are rounded to about 1e-4 of their length).
/// @param where  file and line for messages   @throws Error{input} naming the operation by number
void check_operations(const std::vector<SymmetryOperation>& operations, const Eigen::Matrix3d& cell,
                      const std::string& where);

/// Number (1 to 230) of the space group that the operations form, found by spglib.
/// @throws Error{external} if spglib finds none
[[nodiscard]] int space_group_number(const std::vector<SymmetryOperation>& operations,
                                     const Eigen::Matrix3d& cell);

/// All atoms of one cell, fractional coordinates in [0, 1).
///
/// The operations that leave a site within 0.05 Angstrom of itself, modulo lattice vectors, form
/// its site symmetry group; the site is put at the mean of those images, so that coordinates
/// rounded in the file (0.3333) become exact, and then has (number of operations) / (order of the
/// site group) images.
/// @return periodic structure with cell and sites; title and source are left empty
/// @throws Error{input} naming a site whose images do not make a whole orbit (close to, but not on,
///         a special position)
[[nodiscard]] Structure expand(const Eigen::Matrix3d& cell,
                               const std::vector<SymmetryOperation>& operations,
                               const std::vector<AsymmetricSite>& sites, const std::string& where);

/// Checks with spglib that the expanded cell has every one of the operations (it may have more),
/// within 0.01 Angstrom.
/// @throws Error{input} naming the operation that is missing, Error{external} if spglib fails
void check_expanded_symmetry(const Structure& structure,
                             const std::vector<SymmetryOperation>& operations);

/// Sets the equivalence classes of a crystal from the symmetry that spglib finds within 0.01
/// Angstrom.
/// @throws Error{external} if spglib fails
void find_classes(Structure& structure);

}  // namespace kedge::structure
