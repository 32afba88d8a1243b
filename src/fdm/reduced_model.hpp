// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <complex>
#include <vector>

#include "factored_operator.hpp"
#include "grid_problem.hpp"
#include "kedge/fdm/engine.hpp"
#include "kedge/radial/channel_amplitudes.hpp"

namespace kedge::fdm {

/// The discrete equations of one potential over a window of energies, projected on a small basis.
///
/// Galerkin: with Q real and orthonormal, Z(E) = D(E) - p^T Q [Q^T A(E) Q]^-1 Q^T p is the absorber's Green function between its waves,
/// rho = -(1/pi) Im Z; p = X B^-1 are its projectors, D = (B + D_1)^-1... of AtomAtEnergy. A(E) is projected exactly at a few nodes and
/// interpolated between them, by polynomials in the wave number k = sqrt(2 (E - V0)) above the outer level and in kappa below it. The basis
/// grows from residuals: r(E_j) = p - A(E_j) Q y at the node where it is largest, and the correction A(E_0)^-1 r with the one
/// factorisation at the middle of the window. Since A is symmetric and both sides are the same p, the error of Z is r^T A^-1 r: quadratic
/// in the residual.
/// Source: A. Antoulas, Approximation of Large-Scale Dynamical Systems (SIAM 2005), ch. 11, for projection; the residual-driven
/// correction is a preconditioned Davidson step: E. R. Davidson, J. Comput. Phys. 17, 87 (1975).
class ReducedModel {
 public:
  /// @param energies  wanted [hartree from the vacuum], ascending
  /// @note Collective on the problem's communicator, as is solve()
  ReducedModel(GridProblem& problem, const std::vector<double>& energies, const ReductionSettings& settings);

  /// The mean of the amplitudes' rho over [energy - half_width, energy + half_width]; half_width = 0: at the energy itself. The mean is taken along
  /// a half circle in the upper half plane, where rho has no resonance: narrow and bound states count with their whole weight.
  [[nodiscard]] ChannelAmplitudes solve(double energy, double half_width) const;

  [[nodiscard]] const ReductionReport& report() const { return report_; }

 private:
  struct Node;
  struct Segment {  // on one side of the outer level
    bool above = true;
    double lowest = 0.0, highest = 0.0;  // energies
    double level = 0.0;                  // reference of the wave number
    std::vector<Node> nodes;
    std::vector<double> weights;         // barycentric
  };
  struct Node {
    double energy = 0.0;
    double variable = 0.0;
    Eigen::VectorXd diagonal;
    std::vector<Border::Atom> atoms;
    std::vector<Eigen::MatrixXd> strength;  // N_a^-1
    Eigen::MatrixXcd coefficients;          // c_lt
    Eigen::MatrixXcd outer_strength;        // W^-1
    Eigen::MatrixXd source;                 // p on the rows of atoms[0]
    Eigen::MatrixXd direct;                 // (B + D)^-1
    // projected on Q
    Eigen::MatrixXd projections;            // X^T Q
    Eigen::MatrixXcd a;
    Eigen::MatrixXd p;
    double residual = 1.0;                  // |r|/|p|
    double estimate = 0.0;                  // of the error of rho, relative to its largest trace
  };

  void make_nodes(const std::vector<double>& energies);
  Node make_node(double energy, double level) const;
  [[nodiscard]] Eigen::MatrixXcd outer_sum(const Node& node, const Eigen::MatrixXd& g) const;
  [[nodiscard]] Eigen::MatrixXd outer_projections(const Eigen::MatrixXd& v) const;
  [[nodiscard]] Eigen::MatrixXcd residual(const Node& node) const;
  Eigen::Index extend(const Eigen::MatrixXd& columns);
  [[nodiscard]] Eigen::MatrixXcd z_at(const Segment& segment, Complex energy) const;

  GridProblem& problem_;
  ReductionSettings settings_;
  int lmax_ = 0;
  std::vector<Segment> segments_;
  Eigen::MatrixXd q_;        // basis, rows of this rank
  Eigen::MatrixXd outer_q_;  // Phi^T Q, all radial terms
  ReductionReport report_;
};

}  // namespace kedge::fdm
