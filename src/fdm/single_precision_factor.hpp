// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <vector>

#include "kedge/fdm/grid_operator.hpp"

namespace kedge::fdm {

/// L D L^T of the grid's operator in single precision, through MUMPS itself: PETSc knows one precision only. Half the time and memory of
/// GridOperator's. For columns that only span a space in which the equations are then solved in double precision, and for solutions that are
/// corrected in double precision.
/// @note Collective on the operator's communicator
class SinglePrecisionFactor {
 public:
  /// Ordering and symbolic factorisation. @param op  gives the pattern and the kinetic energy
  explicit SinglePrecisionFactor(const GridOperator& op);
  ~SinglePrecisionFactor();
  SinglePrecisionFactor(const SinglePrecisionFactor&) = delete;
  SinglePrecisionFactor& operator=(const SinglePrecisionFactor&) = delete;

  /// Of K with the diagonal d of this rank's rows beside the kinetic energy's own.
  /// @throws Error{numerical} if MUMPS fails, with its code and what to do
  void factor(const std::vector<double>& d);

  /// From the symbolic phase.
  [[nodiscard]] FactorCost cost() const;

  /// K X = B, rows of this rank; B is overwritten with X.
  void solve(Eigen::MatrixXf& b);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kedge::fdm
