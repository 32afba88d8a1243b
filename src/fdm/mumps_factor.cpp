// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/mumps_factor.hpp"

#include <dmumps_c.h>
#include <fmt/format.h>
#include <smumps_c.h>

#include <algorithm>

#include "kedge/core/error.hpp"
#include "kedge/parallel/check.hpp"
#include "kedge/parallel/communicator.hpp"

namespace kedge::fdm {
namespace {

using parallel::check_mpi;

// Values of MUMPS's JOB.
constexpr MUMPS_INT kBegin = -1;
constexpr MUMPS_INT kEnd = -2;
constexpr MUMPS_INT kAnalyse = 1;
constexpr MUMPS_INT kFactor = 2;
constexpr MUMPS_INT kSolve = 3;

// Times that a factorisation is tried with more and more work space.
constexpr int kAttempts = 3;
constexpr MUMPS_INT kMoreSpace = 3;  // times the spare space of the attempt before: 20, 60, 180 %

/// Work space or buffers that the symbolic phase foresaw are too small; MUMPS says of these: raise ICNTL(14).
bool wants_space(MUMPS_INT code) { return code == -8 || code == -9 || code == -17 || code == -20; }

/// MUMPS of one precision.
template <class Scalar>
struct Mumps;

template <>
struct Mumps<float> {
  using Structure = SMUMPS_STRUC_C;
  static constexpr auto call = smumps_c;
  static inline const MPI_Datatype type = MPI_FLOAT;
};

template <>
struct Mumps<double> {
  using Structure = DMUMPS_STRUC_C;
  static constexpr auto call = dmumps_c;
  static inline const MPI_Datatype type = MPI_DOUBLE;
};

}  // namespace

template <class Scalar>
struct MumpsFactor<Scalar>::Parts {
  MPI_Comm comm;
  typename Mumps<Scalar>::Structure mumps{};
  std::vector<MUMPS_INT> row;
  std::vector<MUMPS_INT> column;
  std::vector<Scalar> value;
  std::vector<std::size_t> diagonal;  // entry of each local row
  double kinetic_diagonal = 0.0;
  std::vector<int> count;             // rows of each rank
  std::vector<int> first;
  std::vector<Scalar> gathered;        // on rank 0: all rows of a block of columns

  /// MUMPS counts its control parameters from 1.
  MUMPS_INT& icntl(int i) { return mumps.icntl[i - 1]; }

  /// INFOG(1), the same on all ranks.
  [[nodiscard]] MUMPS_INT attempt(MUMPS_INT job) {
    mumps.job = job;
    Mumps<Scalar>::call(&mumps);
    return mumps.infog[0];
  }

  void call(MUMPS_INT job) {
    if (attempt(job) < 0) fail();
  }

  [[noreturn]] void fail() const {
    const bool memory = wants_space(mumps.infog[0]) || mumps.infog[0] == -13;
    throw Error(ErrorKind::numerical,
                fmt::format("sparse factorisation of {} unknowns failed: MUMPS INFOG(1) = {}, INFOG(2) = {}; {}", mumps.n, mumps.infog[0],
                            mumps.infog[1],
                            memory ? "not enough memory: use more ranks per solve, a coarser spacing or a smaller radius"
                                   : "the matrix is singular at this energy: move the energy by 1e-4 eV"));
  }
};

template <class Scalar>
MumpsFactor<Scalar>::MumpsFactor(const GridOperator& op, int spare_percent) : parts_(std::make_unique<Parts>()) {
  Parts& p = *parts_;
  p.comm = op.communicator();
  p.kinetic_diagonal = op.kinetic_diagonal();
  op.visit_upper([&](std::int32_t row, std::int32_t column, double value) {
    if (row == column) p.diagonal.push_back(p.value.size());
    p.row.push_back(row + 1);
    p.column.push_back(column + 1);
    p.value.push_back(static_cast<Scalar>(value));
  });
  const auto ranks = static_cast<std::size_t>(parallel::size(p.comm));
  p.count.resize(ranks);
  p.first.resize(ranks);
  const int rows = op.last_row() - op.first_row();
  const int start = op.first_row();
  check_mpi(MPI_Allgather(&rows, 1, MPI_INT, p.count.data(), 1, MPI_INT, p.comm));
  check_mpi(MPI_Allgather(&start, 1, MPI_INT, p.first.data(), 1, MPI_INT, p.comm));

  p.mumps.sym = 2;
  p.mumps.par = 1;
  p.mumps.comm_fortran = static_cast<MUMPS_INT>(MPI_Comm_c2f(p.comm));
  p.call(kBegin);
  for (const int stream : {1, 2, 3}) p.icntl(stream) = -1;  // silent
  p.icntl(4) = 0;
  p.icntl(5) = 0;   // assembled
  p.icntl(18) = 3;  // entries where their rows are
  p.icntl(7) = 1;   // in the order given
  p.icntl(14) = spare_percent;
  p.icntl(27) = kRightHandSides;
  p.mumps.n = p.first.back() + p.count.back();
  p.mumps.nnz_loc = static_cast<MUMPS_INT8>(p.value.size());
  p.mumps.irn_loc = p.row.data();
  p.mumps.jcn_loc = p.column.data();
  p.mumps.a_loc = p.value.data();
  std::vector<MUMPS_INT> order = op.elimination_order();
  for (MUMPS_INT& position : order) ++position;
  p.mumps.perm_in = order.data();
  p.call(kAnalyse);
  p.mumps.perm_in = nullptr;
}

template <class Scalar>
MumpsFactor<Scalar>::~MumpsFactor() {
  int finalized = 0;
  (void)MPI_Finalized(&finalized);
  if (finalized != 0) return;
  parts_->mumps.job = kEnd;
  Mumps<Scalar>::call(&parts_->mumps);
}

template <class Scalar>
void MumpsFactor<Scalar>::factor(const std::vector<double>& d) {
  Parts& p = *parts_;
  for (std::size_t i = 0; i < d.size(); ++i) p.value[p.diagonal[i]] = static_cast<Scalar>(p.kinetic_diagonal + d[i]);
  // Pivots that had to wait for a later front need space that the symbolic phase cannot foresee. What was enlarged stays so: the other
  // energies have the same pattern.
  for (int attempts = 1; p.attempt(kFactor) < 0; ++attempts) {
    if (!wants_space(p.mumps.infog[0]) || attempts == kAttempts) p.fail();
    p.icntl(14) = kMoreSpace * std::max<MUMPS_INT>(p.icntl(14), kSparePercent);
  }
}

template <class Scalar>
FactorCost MumpsFactor<Scalar>::cost() const {
  const auto& m = parts_->mumps;
  FactorCost cost;
  cost.flops = static_cast<double>(m.rinfog[0]);
  // MUMPS gives counts above 2^31 as minus millions.
  cost.entries = m.infog[2] >= 0 ? static_cast<double>(m.infog[2]) : -1e6 * static_cast<double>(m.infog[2]);
  cost.memory_per_rank_mb = static_cast<double>(m.infog[15]);
  return cost;
}

template <class Scalar>
void MumpsFactor<Scalar>::solve(Block& b) {
  Parts& p = *parts_;
  const bool host = parallel::rank(p.comm) == 0;
  const bool alone = p.count.size() == 1;
  const auto n = static_cast<std::size_t>(p.mumps.n);
  // MUMPS takes right-hand sides and leaves solutions on its host.
  for (Eigen::Index from = 0; from < b.cols(); from += kRightHandSides) {
    const Eigen::Index columns = std::min<Eigen::Index>(kRightHandSides, b.cols() - from);
    Scalar* block = b.data() + from * b.rows();
    if (!alone) {
      if (host) p.gathered.resize(n * static_cast<std::size_t>(columns));
      for (Eigen::Index c = 0; c < columns; ++c) {
        check_mpi(MPI_Gatherv(block + c * b.rows(), static_cast<int>(b.rows()), Mumps<Scalar>::type, p.gathered.data() + static_cast<std::size_t>(c) * n,
                              p.count.data(), p.first.data(), Mumps<Scalar>::type, 0, p.comm));
      }
    }
    p.mumps.rhs = alone ? block : p.gathered.data();
    p.mumps.nrhs = static_cast<MUMPS_INT>(columns);
    p.mumps.lrhs = p.mumps.n;
    p.call(kSolve);
    if (!alone) {
      for (Eigen::Index c = 0; c < columns; ++c) {
        check_mpi(MPI_Scatterv(p.gathered.data() + static_cast<std::size_t>(c) * n, p.count.data(), p.first.data(), Mumps<Scalar>::type,
                               block + c * b.rows(), static_cast<int>(b.rows()), Mumps<Scalar>::type, 0, p.comm));
      }
    }
  }
}

template class MumpsFactor<float>;
template class MumpsFactor<double>;

}  // namespace kedge::fdm
