// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kedge/atom/atom.hpp"
#include "kedge/atom/radial_function.hpp"
#include "kedge/campaign/cases.hpp"
#include "kedge/io/input.hpp"
#include "kedge/potential/superposition.hpp"
#include "kedge/structure/cluster.hpp"

namespace kedge::campaign {

/// The atoms about one absorber, solved as free atoms.
class SiteAtoms {
 public:
  /// @param site  0-based   @note Rank-local
  SiteAtoms(const io::Input& input, const structure::Structure& structure, int site,
            const CaseParameters& parameters);
  SiteAtoms(const SiteAtoms&) = delete;
  SiteAtoms& operator=(const SiteAtoms&) = delete;

  [[nodiscard]] const structure::Cluster& cluster() const { return cluster_; }
  [[nodiscard]] const atom::Excitation& excitation() const { return excitation_; }
  /// Atom a of the cluster in the configuration of its ground state.
  [[nodiscard]] const atom::Atom& ground(int a) const {
    return *ground_[static_cast<std::size_t>(a)];
  }
  /// Atom a as it is in this case: the absorber (a = 0) excited, the others in their ground states.
  [[nodiscard]] const atom::Atom& atom(int a) const { return a == 0 ? absorber_ : ground(a); }
  /// Densities and potentials of all atoms; equal atoms share one.
  [[nodiscard]] std::vector<std::shared_ptr<const atom::AtomicField>> fields(bool excited) const;

 private:
  structure::Cluster cluster_;
  atom::Excitation excitation_;
  std::map<std::string, atom::Atom> solved_;  // by element and configuration
  std::vector<const atom::Atom*> ground_;
  atom::Atom absorber_;
};

/// What the input says of the superposition, with these fields.
[[nodiscard]] potential::SuperpositionSettings superposition_settings(
    const io::Input& input, const structure::Cluster& cluster,
    std::vector<std::shared_ptr<const atom::AtomicField>> fields);

/// Kohn-Sham energy of the core level of the unexcited absorber in the cluster [hartree from the
/// vacuum].
/// @param muffin_tin_radii  of the excited cluster [bohr]   @param mesh_radius  [bohr], far beyond
/// the core state
/// @note Rank-local
[[nodiscard]] double core_level_in_cluster(const io::Input& input, const SiteAtoms& atoms,
                                           const std::vector<double>& muffin_tin_radii,
                                           double mesh_radius);

}  // namespace kedge::campaign
