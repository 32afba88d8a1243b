// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <complex>
#include <vector>

namespace kedge::fdm {

/// The operator at one energy between the columns of a real basis Q (Galerkin projection):
///   Q^T A Q = R + sum_a Y_a^T B_a^-1 Y_a,  Y_a = X_a^T Q,
/// R the grid's own part and the outer waves. The atoms are kept apart: R, Y and B are smooth in energy, B^-1 may have poles.
template <class Scalar>
struct ProjectedOperatorOf {
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  Eigen::MatrixXcd rest;  ///< R, (n, n), complex symmetric
  Matrix y;               ///< Y of all atoms below one another, the absorber's first: (waves, n)
  std::vector<Matrix> b;  ///< B of each atom
};
using ProjectedOperator = ProjectedOperatorOf<double>;                          ///< at a real energy
using ContinuedOperator = ProjectedOperatorOf<std::complex<double>>;            ///< continued to a complex one

/// R + sum_a Y_a^T B_a^-1 Y_a over the first `columns` columns of the basis, a >= first_atom.
[[nodiscard]] Eigen::MatrixXcd assembled(const ProjectedOperator& p, std::size_t first_atom, Eigen::Index columns);

/// (B_0 + Y_0 A'^-1 Y_0^T)^-1 with A' = Q^T A Q but for the absorber's term: the absorber's block of the Green function, -pi rho its imaginary
/// part. Regular where B_0 is singular, and analytic above the real axis.
[[nodiscard]] Eigen::MatrixXcd absorber_green(const ProjectedOperator& p, Eigen::Index columns);
[[nodiscard]] Eigen::MatrixXcd absorber_green(const ContinuedOperator& p, Eigen::Index columns);

}  // namespace kedge::fdm
