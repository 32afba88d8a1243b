// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "kedge/fdm/engine.hpp"

namespace kedge::fdm {

/// In what the potentials of a family differ: two numbers on which they depend smoothly, as screening and dilatation of the absorber.
using Parameters = std::array<double, 2>;

/// One potential of a family.
struct FamilyMember {
  Parameters parameters{};
  std::shared_ptr<const potential::PotentialModel> model;
  std::vector<double> energies;  ///< wanted, none or at least two in rising order, all in reach of a window [hartree from the vacuum]
};

/// Spectra of several potentials on the same atoms from one reduced model. Snapshots at some energies and parameters make one basis; the
/// operator between its columns is known exactly at nodes in wave number and parameters and interpolated between them, with the wave number
/// outside and the parameters as variables: the outer waves depend on nothing else. A further member costs small dense problems and the
/// radial functions of its absorber.
/// Source: A. T. Patera, G. Rozza, Reduced Basis Approximation and A Posteriori Error Estimation for Parametrized PDEs (2007).
class Family {
 public:
  /// The potential at any parameters between those of the members. @note Collective on the engine's communicator
  using ModelAt = std::function<std::shared_ptr<const potential::PotentialModel>(const Parameters&)>;

  /// @param engine  of one of the potentials; its grid, projectors and local potentials' depths serve for all. Must outlive the family.
  /// @throws Error{internal} without members
  Family(Engine& engine, std::vector<FamilyMember> members, ModelAt model_at, const WindowSettings& settings);
  ~Family();
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  /// Amplitudes of a member at its energies, to be asked for once. The first call solves all members; those whose estimated error exceeds the
  /// tolerance are solved again with a finer model. @param i_member  one that has energies
  /// @throws Error{numerical} if the fourth model is not within the tolerance either. @note Collective on the engine's communicator
  [[nodiscard]] WindowResult solve(std::size_t i_member);
  /// True if the next solve() of this member takes no time. @note Rank-local
  [[nodiscard]] bool solved(std::size_t i_member) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kedge::fdm
