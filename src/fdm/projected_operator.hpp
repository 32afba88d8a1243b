// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <complex>
#include <span>
#include <vector>

#include "kedge/fdm/grid_projectors.hpp"

namespace kedge::fdm {

/// The operator at one energy between the columns of a real basis Q (Galerkin projection):
///   Q^T A Q = R + sum_a Y_a^T B_a^-1 Y_a,  Y_a = X_a^T Q,
/// R the grid's own part and the outer waves. The atoms are kept apart: R, Y and B are smooth in
/// energy, B^-1 may have poles. (X and B are P and N of GridProjectors where waves have duals.)
template <class Scalar>
struct ProjectedOperatorOf {
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  Eigen::MatrixXcd rest;  ///< R, (n, n), complex symmetric
  Matrix y;               ///< Y of all atoms below one another, the absorber's first: (waves, n)
  std::vector<Matrix> b;  ///< B of each atom

  [[nodiscard]] Eigen::Index columns() const { return rest.cols(); }
  /// Columns of the absorber's projectors, and its waves.
  [[nodiscard]] Eigen::Index projectors() const { return b.front().rows(); }
  [[nodiscard]] Eigen::Index waves() const { return waves_of(b.front().rows()); }
};
using ProjectedOperator = ProjectedOperatorOf<double>;  ///< at a real energy
using ContinuedOperator =
    ProjectedOperatorOf<std::complex<double>>;  ///< continued to a complex one

/// What the operator of one potential differs by from that of another at one energy, between the
/// same columns: the outer waves are the same for both.
struct OperatorDifference {
  Eigen::MatrixXd rest;  ///< real
  Eigen::MatrixXd y;
  std::vector<Eigen::MatrixXd> b;
};
[[nodiscard]] OperatorDifference difference(const ProjectedOperator& p,
                                            const ProjectedOperator& from);
/// p += factor d
void add(double factor, const OperatorDifference& d, ProjectedOperator& p);
/// sum += factor d; the first to an empty one.
void add(double factor, const OperatorDifference& d, OperatorDifference& sum);

/// R + sum_a Y_a^T B_a^-1 Y_a, a >= first_atom.
[[nodiscard]] Eigen::MatrixXcd assembled(const ProjectedOperator& p, std::size_t first_atom);

/// The same operator between the columns Q V, V orthonormal.
[[nodiscard]] ProjectedOperator restricted(const ProjectedOperator& p, const Eigen::MatrixXd& v);
/// Over the first n columns of Q.
[[nodiscard]] ProjectedOperator first_columns(const ProjectedOperator& p, Eigen::Index n);
[[nodiscard]] OperatorDifference first_columns(const OperatorDifference& d, Eigen::Index n);

/// sum_i c_i p_i of operators over the same columns: interpolation in energy.
[[nodiscard]] ProjectedOperator combined(std::span<const ProjectedOperator> p,
                                         const std::vector<double>& c);
[[nodiscard]] ContinuedOperator combined(std::span<const ProjectedOperator> p,
                                         const std::vector<std::complex<double>>& c);
/// All atoms but the absorber made part of R, which is smooth in energy where none of their B is
/// singular between the operators; left as they are otherwise, as far as the signs of the
/// eigenvalues of B tell.
void fold_surroundings(std::span<ProjectedOperator> all);

/// Solutions of the projected operator for the sources of the absorber's waves and again for these,
/// real and imaginary parts: (columns of the operator, 2 `solves` times the absorber's waves).
[[nodiscard]] Eigen::MatrixXd absorber_solutions(const ProjectedOperator& p, int solves);

/// Orthonormal real columns that span the same solutions, of an operator above the real axis:
/// (columns of the operator, 2 `solves` times the absorber's waves).
[[nodiscard]] Eigen::MatrixXd absorber_space(const ContinuedOperator& p, int solves);

/// (B_0 + Y_0 A'^-1 Y_0^T)^-1 of its waves with A' = Q^T A Q but for the absorber's term: the block
/// of the Green function, -pi rho its imaginary part. Regular where B_0 is singular, and analytic
/// above the real axis.
[[nodiscard]] Eigen::MatrixXcd absorber_green(const ProjectedOperator& p);
[[nodiscard]] Eigen::MatrixXcd absorber_green(const ContinuedOperator& p);

/// rho = -Im G/pi, symmetrised.
[[nodiscard]] Eigen::MatrixXd density_of(const Eigen::MatrixXcd& green);

}  // namespace kedge::fdm
