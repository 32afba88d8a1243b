// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "kedge/fdm/grid_projectors.hpp"
#include "kedge/fdm/pseudo_atom.hpp"
#include "kedge/math/spherical_harmonics.hpp"
#include "kedge/potential/potential_model.hpp"

namespace kedge::fdm {

/// B of all waves of one l of an atom [hartree].
struct ChannelStrength {
  double free = 0.0;   ///< without a lattice, PseudoChannel::b
  double least = 0.0;  ///< eigenvalues of its block on the lattice, from
  double most = 0.0;   ///< to
};

/// One scatterer at one energy, ready for the operator.
struct AtomAtEnergy {
  PseudoAtom local;
  /// Spherical mean W_0(r) of the potential without the atom's own electrostatic part, on the mesh
  /// [hartree].
  std::vector<double> spherical_rest;
  Eigen::MatrixXd columns;   ///< P of GridProjectors on the nodes: shape (nodes, columns)
  Eigen::MatrixXd strength;  ///< N of GridProjectors: the atom is P N^-1 P^T; (columns, columns)
  /// Of the absorber, which is the first scatterer: P_Li on its mesh for each i, see
  /// radial::CoupledWaves.
  std::vector<Eigen::MatrixXd> waves;
  std::vector<ChannelStrength> channels;  ///< of each l < kFirstDual
};

/// One scatterer: its radial mesh, potential samples about it and projector basis; all that does
/// not change with energy.
class AtomOnGrid {
 public:
  struct Parameters {
    int scatterer = 0;
    double sphere_radius = 0.0;  ///< r_c [bohr]
    double mesh_radius = 0.0;    ///< radial functions reach to here, >= r_c
    int lmax = 2;
    bool relativistic = true;
    /// Of the local potential at the nucleus, from its value at r_c [hartree]; empty: chosen for
    /// the window. Potentials between which the operator is interpolated must have one depth.
    std::optional<double> depth;
  };
  AtomOnGrid(const potential::PotentialModel& model,
             std::shared_ptr<const GridProjectors> projectors, const Parameters& parameters,
             std::span<const double> window);

  /// @param energy  [hartree] from the vacuum  @note Rank-local
  [[nodiscard]] AtomAtEnergy at(double energy) const;

  [[nodiscard]] const std::vector<std::int32_t>& nodes() const { return projectors_->nodes(); }
  [[nodiscard]] const math::SpectralMesh& mesh() const { return mesh_; }
  [[nodiscard]] int lmax() const { return parameters_.lmax; }
  [[nodiscard]] int harmonics() const { return math::harmonic_count(parameters_.lmax); }
  [[nodiscard]] const DepthChoice& depth() const { return depth_; }

 private:
  /// Multipoles W_LM(r_i) of the potential without its own part: shape (mesh nodes, LM), LM = 0
  /// divided by Y_00.
  [[nodiscard]] Eigen::MatrixXd multipoles(double energy) const;
  [[nodiscard]] Eigen::MatrixXd multipoles_of(const std::vector<double>& v) const;
  /// V_0 with the own part, on the mesh.
  [[nodiscard]] std::vector<double> spherical(const Eigen::MatrixXd& multipoles) const;
  /// What Vt is joined to: V just outside the sphere where the model has a step there.
  [[nodiscard]] JoinedPotential joined(double energy, const std::vector<double>& spherical) const;

  const potential::PotentialModel& model_;
  Parameters parameters_;
  double nuclear_charge_ = 0.0;
  math::SpectralMesh mesh_;
  std::vector<double> own_;  // own electrostatic part on the mesh
  std::unique_ptr<potential::Samples> samples_;
  std::vector<std::size_t> first_sample_;  // of each mesh node
  // of the coarse and the fine angular rule: (directions, LM)
  std::vector<Eigen::MatrixXd> weighted_harmonics_;
  std::vector<int> rule_of_node_;
  math::Gaunt gaunt_;
  std::shared_ptr<const GridProjectors> projectors_;
  // First and second derivatives of w_M at r_c, M = 0 of V_0 with the own part, and the third of
  // that; ground-state exchange-correlation.
  Eigen::VectorXd slope_, curvature_;
  double third_ = 0.0;
  DepthChoice depth_;
};

}  // namespace kedge::fdm
