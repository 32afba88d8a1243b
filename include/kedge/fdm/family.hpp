// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "kedge/fdm/engine.hpp"

namespace kedge::fdm {

/// In what the potentials of a family differ: two numbers on which they depend smoothly, as
/// screening and dilatation of the absorber.
using Parameters = std::array<double, 2>;

/// One potential of a family.
struct FamilyMember {
  Parameters parameters{};
  std::shared_ptr<const potential::PotentialModel> model;
  std::vector<double> energies;  ///< wanted, none or at least two in rising order, all in reach of
                                 ///< a window [hartree from the vacuum]
};

/// Spectra of several potentials on the same atoms from one reduced model. Snapshots at some
/// energies and of some members make one basis. On it the operators of few members are projected as
/// they are, and at each kinetic energy outside those of the others are polynomials of fourth
/// degree in the parameters through these, but for the absorber's projectors, which each has for
/// itself at every energy. What a member gives depends on the family and not on which others were
/// solved before: where the common model does not do a member gets a model of its own operator,
/// with snapshots of its own.
///
/// Source: A. T. Patera, G. Rozza, Reduced Basis Approximation and A Posteriori Error Estimation
/// for Parametrized PDEs (2007).
class Family {
 public:
  /// @param engine  of one of the potentials; its grid, projectors and local potentials' depths
  /// serve for all. Must outlive the family.
  /// @throws Error{internal} without members that have energies
  Family(Engine& engine, std::vector<FamilyMember> members, const WindowSettings& settings);
  ~Family();
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  /// Amplitudes of a member at its energies. The first call makes the basis. Energies at which the
  /// estimated error exceeds the tolerance are solved again with one more snapshot, of this member
  /// at the worst of them, in at most six models; WindowResult::error tells those left.
  /// @param i_member  one that has energies
  /// @note Collective on the engine's communicator
  [[nodiscard]] WindowResult solve(std::size_t i_member);

  /// @param smeared  rho through the Lorentzian of WindowSettings::smearing; empty without one
  using Take = std::function<void(std::size_t i_energy, ChannelAmplitudes amplitudes,
                                  const Eigen::MatrixXd& smeared)>;
  /// The same, but the amplitudes of each energy are handed over as soon as they are there, and
  /// again where a further model is asked: their waves take half a megabyte an energy.
  /// WindowResult::amplitudes and smeared are left empty.
  [[nodiscard]] WindowResult solve(std::size_t i_member, const Take& take);

  /// The memory of the basis back; solve() makes it anew.
  void release_basis();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kedge::fdm
