// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <Eigen/Core>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kedge/fdm/grid_operator.hpp"

namespace kedge::fdm {

/// Right-hand sides that are solved together. Fewer keep BLAS 3 less busy, more take memory: B12 is
/// solved as fast with 16 as with 48.
inline constexpr int kRightHandSides = 16;

/// Work space beyond what the symbolic phase foresees, in per cent. It is for pivots that have to
/// wait for a later front: none at seven energies of B12, where MUMPS's own 20 were a twentieth of
/// the memory.
inline constexpr int kSparePercent = 5;

/// What a factorisation cost or will cost, from the symbolic phase.
struct FactorCost {
  double flops = 0.0;               ///< of one numerical factorisation
  double entries = 0.0;             ///< in the factor
  double memory_per_rank_mb = 0.0;  ///< largest working memory of one rank
};

/// Columns [first, first + columns.cols()) of a border, dense on some of this rank's rows and zero
/// elsewhere.
struct BorderBlock {
  const std::vector<Eigen::Index>& rows;  ///< local
  const Eigen::MatrixXd& columns;         ///< (rows, columns)
  Eigen::Index first = 0;
};

/// L D L^T of the grid's operator K, bordered: K is eliminated from
///   ( K    B )
///   ( B^T  0 ),
/// which leaves the Schur complement -T, T = B^T K^-1 B, at the cost of the columns of B carried
/// along in the factorisation instead of being solved for with it (benchmarks/solve_cost). In
/// single precision, for half of the time and memory: what comes out is exact to some digits only
/// and is to be corrected by residuals or to span a space in which the equations are then solved.
///
/// By MUMPS in the order of elimination that knows the grid. Not through PETSc, which hands no
/// order over to MUMPS, knows one precision only and no dense border. The pattern is analysed anew
/// only where the border's shape changes.
/// @note Collective on the operator's communicator
class BorderedFactor {
 public:
  using Block = Eigen::MatrixXf;

  /// @param op  gives the pattern and the kinetic energy; must outlive this
  /// @param scratch  folder in which each rank makes one of its own for the factor's entries;
  /// empty: in memory. MUMPS writes each front once and reads it for both halves of a solve.
  /// @param spare_percent  work space to begin with
  explicit BorderedFactor(const GridOperator& op, std::filesystem::path scratch = {},
                          int spare_percent = kSparePercent);
  ~BorderedFactor();
  BorderedFactor(const BorderedFactor&) = delete;
  BorderedFactor& operator=(const BorderedFactor&) = delete;

  /// Symbolic factorisation for a border of this shape, if the last one was for another.
  void analyse(std::span<const BorderBlock> border, Eigen::Index columns);

  /// Of K with the diagonal d of this rank's rows beside the kinetic energy's own, with pivoting.
  /// Where the work space does not suffice it is tried twice more with three times the spare space.
  /// @param columns  of the border
  /// @param taken  called once the border's values have been taken over: they may go
  /// @throws Error{numerical} if MUMPS fails, with its code and what to do; Error{io} if it cannot
  /// write its files
  void factor(const std::vector<double>& d, std::span<const BorderBlock> border,
              Eigen::Index columns, const std::function<void()>& taken = {});

  /// T, the same on all ranks.
  [[nodiscard]] const Eigen::MatrixXd& schur() const;

  /// Coefficients of the border, shape (border columns, right-hand sides), from B^T K^-1 b: called
  /// on rank 0 only.
  using Coefficients = std::function<Eigen::MatrixXd(const Eigen::MatrixXd& along)>;

  /// X = K^-1 (b - B z), z = coefficients(B^T K^-1 b), rows of this rank; b is overwritten with X.
  /// Two halves of one solve: forward, then backward with the border's coefficients. @param b  at
  /// most kRightHandSides columns
  void solve(Block& b, const Coefficients& coefficients);

  /// From the symbolic phase.
  [[nodiscard]] FactorCost cost() const;

  /// Of K, from the last factorisation: its negative pivots (Sylvester's law of inertia).
  [[nodiscard]] int negative_eigenvalues() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kedge::fdm
