// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kedge/atom/radial_function.hpp"
#include "kedge/math/quadrature.hpp"
#include "kedge/structure/structure.hpp"

namespace kedge::potential {

/// Mean over directions, about one atom of a cluster, of superposed free atoms whose cores are cut
/// off.
///
/// A neighbour at the distance d gives (1/2dr) integral_|d-r|^(d+r) f(max(s, c)) s ds, f its
/// potential or density and c the radius inside which its potential is below -1 rydberg: its core
/// would dominate the mean although no electron of the cluster is shared with it.
class SphericalMean {
 public:
  /// Both must outlive the object.
  SphericalMean(const structure::Cluster& cluster,
                std::span<const std::shared_ptr<const atom::AtomicField>> fields);

  /// At distance r > 0 [bohr] from an atom, its own part included. @note Rank-local
  [[nodiscard]] atom::AtomicField::Value operator()(std::size_t atom, double r) const;

 private:
  const structure::Cluster& cluster_;
  std::span<const std::shared_ptr<const atom::AtomicField>> fields_;
  std::vector<double> core_;  // c of each atom
  math::Rule rule_;
};

}  // namespace kedge::potential
