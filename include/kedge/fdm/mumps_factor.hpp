// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "kedge/fdm/grid_operator.hpp"

namespace kedge::fdm {

/// Right-hand sides that are solved together. Fewer keep BLAS 3 less busy, more take memory: 48 in place of 96 saves 0.04 GB at
/// 36 000 unknowns for about 4 % of the time (benchmarks/solve_cost).
inline constexpr int kRightHandSides = 48;

/// Work space beyond what the symbolic phase foresees, in per cent: what MUMPS takes by itself.
inline constexpr int kSparePercent = 20;

/// What a factorisation cost or will cost, from the symbolic phase.
struct FactorCost {
  double flops = 0.0;             ///< of one numerical factorisation
  double entries = 0.0;           ///< in the factor
  double memory_per_rank_mb = 0.0;  ///< largest working memory of one rank
};

/// L D L^T of the grid's operator by MUMPS, in the order of elimination that knows the grid. Not through PETSc, which hands no order over to
/// MUMPS and knows one precision only: the order saves four tenths of the operations (benchmarks/solve_cost); single precision, for columns
/// that only span a space in which the equations are then solved in double precision, saves half of the time and memory.
/// The pattern never changes: the symbolic factorisation is done once; each energy changes the diagonal only.
/// @note Collective on the operator's communicator
template <class Scalar>
class MumpsFactor {
 public:
  using Block = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  /// Ordering and symbolic factorisation. @param op  gives the pattern and the kinetic energy
  /// @param spare_percent  work space to begin with
  explicit MumpsFactor(const GridOperator& op, int spare_percent = kSparePercent);
  ~MumpsFactor();
  MumpsFactor(const MumpsFactor&) = delete;
  MumpsFactor& operator=(const MumpsFactor&) = delete;

  /// Of K with the diagonal d of this rank's rows beside the kinetic energy's own, with pivoting. Where the work space does
  /// not suffice it is tried twice more with three times the spare space.
  /// @throws Error{numerical} if MUMPS fails, with its code and what to do
  void factor(const std::vector<double>& d);

  /// From the symbolic phase.
  [[nodiscard]] FactorCost cost() const;

  /// K X = B, rows of this rank; B is overwritten with X.
  void solve(Block& b);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kedge::fdm
