// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

namespace kedge::structure {

/// One atom of a molecule or of a crystal cell.
struct Site {
  int atomic_number = 0;  ///< 0: vacant (see edit.hpp); such a site keeps its number but is no atom
  Eigen::Vector3d position_cart = Eigen::Vector3d::Zero();  ///< [bohr]
  std::string label;          ///< name in the file ("B12"), or symbol + number
  int equivalence_class = 0;  ///< 0-based number of the first site symmetry-equivalent to this one
};

/// A molecule (not periodic) or one cell of a crystal. Sites are numbered from 1 towards the user,
/// from 0 inside.
struct Structure {
  std::string title;
  std::string source;  ///< path of the file it came from
  bool periodic = false;
  Eigen::Matrix3d cell = Eigen::Matrix3d::Zero();  ///< columns a, b, c [bohr]; used if periodic
  std::vector<Site> sites;
};

/// One atom of a cluster; positions are relative to the absorber, so that it sits at the origin.
struct ClusterAtom {
  int atomic_number = 0;
  Eigen::Vector3d position_cart = Eigen::Vector3d::Zero();  ///< [bohr], relative to the absorber
  int site = 0;                                             ///< index into Structure::sites
};

/// Atoms about one absorber, sorted by distance (ties by site index): atom 0 is the absorber.
struct Cluster {
  std::vector<ClusterAtom> atoms;
  /// The first n_scatterers atoms lie within the cluster radius; the rest only add to the
  /// superposed potential.
  int n_scatterers = 0;
};

}  // namespace kedge::structure
