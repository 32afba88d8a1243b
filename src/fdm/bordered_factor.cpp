// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/bordered_factor.hpp"

#include <fmt/format.h>
#include <smumps_c.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "kedge/core/error.hpp"
#include "kedge/parallel/check.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/memory.hpp"
#include "kedge/parallel/scratch_folder.hpp"

namespace kedge::fdm {
namespace {

using parallel::check_mpi;

// Values of MUMPS's JOB.
constexpr MUMPS_INT kBegin = -1;
constexpr MUMPS_INT kEnd = -2;
constexpr MUMPS_INT kAnalyse = 1;
constexpr MUMPS_INT kFactor = 2;
constexpr MUMPS_INT kSolve = 3;

// Values of ICNTL(26): which half of a solve with Schur variables.
constexpr MUMPS_INT kCondense = 1;
constexpr MUMPS_INT kExpand = 2;

constexpr MUMPS_INT kFilesFailed = -90;  // INFOG(1)

// Times that a factorisation is tried with more and more work space.
constexpr int kAttempts = 3;
constexpr MUMPS_INT kMoreSpace = 3;   // times the spare space of the attempt before
constexpr MUMPS_INT kLeastMore = 20;  // taken for what that was, if it was less: 60, 180 %

/// Work space or buffers that the symbolic phase foresaw are too small; MUMPS says of these: raise
/// ICNTL(14).
bool wants_space(MUMPS_INT code) {
  return code == -8 || code == -9 || code == -17 || code == -20;
}

}  // namespace

struct BorderedFactor::Parts {
  const GridOperator& op;
  MPI_Comm comm;
  bool host;
  std::filesystem::path scratch;
  MUMPS_INT spare_percent;
  std::optional<parallel::ScratchFolder> files;  // of one analysis
  SMUMPS_STRUC_C mumps{};
  std::vector<MUMPS_INT> row;
  std::vector<MUMPS_INT> column;
  std::vector<float> value;
  std::vector<std::size_t> diagonal;  // entry of each local row
  std::size_t grid_entries = 0;       // the rest are the border's, there while MUMPS reads them
  std::size_t entries = 0;            // analysed, of both
  Eigen::Index border_columns = -1;   // analysed for
  std::vector<int> count;             // rows of each rank
  std::vector<int> first;
  // on rank 0: all rows of a block of columns, the border's behind them
  std::vector<float> gathered;
  Eigen::MatrixXf complement;  // on rank 0
  Eigen::MatrixXd t;

  /// MUMPS counts its control parameters from 1.
  MUMPS_INT& icntl(int i) { return mumps.icntl[i - 1]; }

  /// INFOG(1), the same on all ranks.
  [[nodiscard]] MUMPS_INT attempt(MUMPS_INT job) {
    mumps.job = job;
    smumps_c(&mumps);
    return mumps.infog[0];
  }

  void call(MUMPS_INT job) {
    if (attempt(job) < 0) fail();
  }

  [[noreturn]] void fail() const {
    if (mumps.infog[0] == kFilesFailed) {
      std::error_code error;
      const std::filesystem::space_info disk = std::filesystem::space(scratch, error);
      const std::string found = error ? error.message()
                                      : fmt::format("{:.2g} GB are free there",
                                                    1e-9 * static_cast<double>(disk.available));
      throw Error(ErrorKind::io,
                  fmt::format("cannot write or read factors in '{}' (parallel.scratch): {}, wanted "
                              "{:.2g} GB for each rank of the node; give another folder",
                              scratch.string(), found, 4e-9 * entries_of_factor()));
    }
    const bool memory = wants_space(mumps.infog[0]) || mumps.infog[0] == -13;
    throw Error(
        ErrorKind::numerical,
        fmt::format(
            "sparse factorisation of {} unknowns failed: MUMPS INFOG(1) = {}, INFOG(2) = {}; {}",
            mumps.n, mumps.infog[0], mumps.infog[1],
            memory ? "not enough memory: use more ranks per solve, a disk for the factors "
                     "(parallel.scratch), a coarser spacing or a smaller radius"
                   : "the matrix is singular at this energy: move the energy by 1e-4 eV"));
  }

  void begin() {
    mumps = {};
    mumps.sym = 2;
    mumps.par = 1;
    mumps.comm_fortran = static_cast<MUMPS_INT>(MPI_Comm_c2f(comm));
    call(kBegin);
    for (const int stream : {1, 2, 3}) icntl(stream) = -1;  // silent
    icntl(4) = 0;
    icntl(5) = 0;  // assembled
    icntl(7) = 1;  // in the order given
    icntl(8) = 0;  // rows of K are of one scale
    icntl(14) = spare_percent;
    icntl(18) = 3;  // entries where their rows are
    icntl(19) = 1;  // lower triangle of the Schur complement, by rows, on the host
    icntl(27) = kRightHandSides;
    if (!scratch.empty()) {
      files.emplace(scratch);
      std::strncpy(mumps.ooc_tmpdir, files->path().c_str(), sizeof(mumps.ooc_tmpdir) - 1);
      icntl(22) = 1;  // out of core
    }
  }

  void end() {
    if (border_columns < 0) return;
    mumps.job = kEnd;
    smumps_c(&mumps);
    files.reset();
    parallel::return_freed_memory();
    border_columns = -1;
  }

  /// As the symbolic phase counts them: MUMPS gives counts above 2^31 as minus millions.
  [[nodiscard]] double entries_of_factor() const {
    const auto found = static_cast<double>(mumps.infog[2]);
    return found >= 0.0 ? found : -1e6 * found;
  }

  /// Unknowns of the grid, of all ranks.
  [[nodiscard]] MUMPS_INT unknowns() const { return first.back() + count.back(); }

  [[nodiscard]] std::size_t entries_with(std::span<const BorderBlock> border) const {
    std::size_t out = grid_entries;
    for (const BorderBlock& block : border) out += static_cast<std::size_t>(block.columns.size());
    return out;
  }

  /// The same pattern as the one that was analysed, on all ranks.
  [[nodiscard]] bool analysed_for(std::span<const BorderBlock> border, Eigen::Index columns) const {
    int same = columns == border_columns && entries_with(border) == entries ? 1 : 0;
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, &same, 1, MPI_INT, MPI_MIN, comm));
    return same == 1;
  }

  /// The border's entries behind those of the grid, in place of what was there.
  void append(std::span<const BorderBlock> border) {
    const auto make_room = [this](auto& part) {
      part.resize(grid_entries);
      part.reserve(entries);  // no growth by doubling
    };
    make_room(row);
    make_room(column);
    make_room(value);
    const MUMPS_INT first_row = op.first_row() + 1;
    const MUMPS_INT first_column = unknowns() + 1;
    for (const BorderBlock& block : border) {
      for (Eigen::Index c = 0; c < block.columns.cols(); ++c) {
        for (std::size_t r = 0; r < block.rows.size(); ++r) {
          row.push_back(first_row + static_cast<MUMPS_INT>(block.rows[r]));
          column.push_back(first_column + static_cast<MUMPS_INT>(block.first + c));
          value.push_back(static_cast<float>(block.columns(static_cast<Eigen::Index>(r), c)));
        }
      }
    }
    mumps.nnz_loc = static_cast<MUMPS_INT8>(entries);
    mumps.irn_loc = row.data();
    mumps.jcn_loc = column.data();
    mumps.a_loc = value.data();
  }

  /// A tenth of the memory, and not needed to solve.
  void drop_border() {
    for (std::vector<MUMPS_INT>* part : {&row, &column}) {
      part->resize(grid_entries);
      part->shrink_to_fit();
    }
    value.resize(grid_entries);
    value.shrink_to_fit();
    mumps.irn_loc = nullptr;
    mumps.jcn_loc = nullptr;
    mumps.a_loc = nullptr;
    parallel::return_freed_memory();
  }

  /// One half of a solve of all ranks' rows, at rank 0.
  void half_solve(MUMPS_INT half, Eigen::MatrixXf& reduced) {
    icntl(26) = half;
    mumps.rhs = gathered.data();
    mumps.redrhs = reduced.data();
    mumps.nrhs = static_cast<MUMPS_INT>(reduced.cols());
    mumps.lrhs = mumps.n;
    mumps.lredrhs = mumps.size_schur;
    call(kSolve);
  }
};

BorderedFactor::BorderedFactor(const GridOperator& op, std::filesystem::path scratch,
                               int spare_percent)
    : parts_(new Parts{op,
                       op.communicator(),
                       parallel::rank(op.communicator()) == 0,
                       std::move(scratch),
                       spare_percent,
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       0,
                       0,
                       -1,
                       {},
                       {},
                       {},
                       {},
                       {}}) {
  Parts& p = *parts_;
  op.visit_upper([&](std::int32_t row, std::int32_t column, double value) {
    if (row == column) p.diagonal.push_back(p.value.size());
    p.row.push_back(row + 1);
    p.column.push_back(column + 1);
    p.value.push_back(static_cast<float>(value));
  });
  p.grid_entries = p.row.size();
  const auto ranks = static_cast<std::size_t>(parallel::size(p.comm));
  p.count.resize(ranks);
  p.first.resize(ranks);
  const int rows = op.last_row() - op.first_row();
  const int start = op.first_row();
  check_mpi(MPI_Allgather(&rows, 1, MPI_INT, p.count.data(), 1, MPI_INT, p.comm));
  check_mpi(MPI_Allgather(&start, 1, MPI_INT, p.first.data(), 1, MPI_INT, p.comm));
}

BorderedFactor::~BorderedFactor() {
  int finalized = 0;
  (void)MPI_Finalized(&finalized);
  if (finalized == 0) parts_->end();
}

void BorderedFactor::analyse(std::span<const BorderBlock> border, Eigen::Index columns) {
  Parts& p = *parts_;
  if (p.analysed_for(border, columns)) return;
  p.end();  // an instance that is analysed anew keeps the factors of before meanwhile
  p.begin();
  p.entries = p.entries_with(border);
  p.border_columns = columns;
  p.mumps.n = p.unknowns() + static_cast<MUMPS_INT>(columns);
  p.append(border);

  std::vector<MUMPS_INT> order;
  for (const std::int32_t position : p.op.elimination_order()) order.push_back(position + 1);
  std::vector<MUMPS_INT> kept;
  for (MUMPS_INT i = p.unknowns() + 1; i <= p.mumps.n; ++i) {
    order.push_back(i);
    kept.push_back(i);
  }
  if (p.host) p.complement.resize(columns, columns);
  p.mumps.size_schur = static_cast<MUMPS_INT>(columns);
  p.mumps.listvar_schur = kept.data();
  p.mumps.schur = p.complement.data();
  p.mumps.perm_in = order.data();
  if (p.attempt(kAnalyse) < 0) {
    p.entries = 0;  // to be analysed again: nothing has so few
    p.fail();
  }
  p.mumps.perm_in = nullptr;
  p.mumps.listvar_schur = nullptr;
  p.drop_border();  // and what the symbolic phase needed, half of what the numerical one will
}

void BorderedFactor::factor(const std::vector<double>& d, std::span<const BorderBlock> border,
                            Eigen::Index columns, const std::function<void()>& taken) {
  Parts& p = *parts_;
  analyse(border, columns);
  for (std::size_t i = 0; i < d.size(); ++i) {
    p.value[p.diagonal[i]] = static_cast<float>(p.op.kinetic_diagonal() + d[i]);
  }
  p.append(border);
  if (taken) taken();
  // Pivots that had to wait for a later front need space that the symbolic phase cannot foresee.
  // What was enlarged stays so: the other energies have the same pattern.
  for (int attempts = 1; p.attempt(kFactor) < 0; ++attempts) {
    if (!wants_space(p.mumps.infog[0]) || attempts == kAttempts) p.fail();
    p.spare_percent = kMoreSpace * std::max(p.spare_percent, kLeastMore);
    p.icntl(14) = p.spare_percent;
  }
  p.drop_border();
  p.t.resize(columns, columns);
  if (p.host) {
    // Rows of the lower triangle are columns of the upper one here.
    p.t = -p.complement.cast<double>();
    p.t.triangularView<Eigen::StrictlyLower>() = p.t.transpose();
  }
  check_mpi(MPI_Bcast(p.t.data(), static_cast<int>(p.t.size()), MPI_DOUBLE, 0, p.comm));
}

const Eigen::MatrixXd& BorderedFactor::schur() const {
  return parts_->t;
}

void BorderedFactor::solve(Block& b, const Coefficients& coefficients) {
  Parts& p = *parts_;
  // MUMPS takes right-hand sides and leaves solutions on its host.
  const auto n = static_cast<std::size_t>(p.mumps.n);
  if (p.host) p.gathered.assign(n * static_cast<std::size_t>(b.cols()), 0.0F);
  const auto rows_of = [&](Eigen::Index c) {
    return p.gathered.data() + static_cast<std::size_t>(c) * n;
  };
  for (Eigen::Index c = 0; c < b.cols(); ++c) {
    check_mpi(MPI_Gatherv(b.col(c).data(), static_cast<int>(b.rows()), MPI_FLOAT,
                          p.host ? rows_of(c) : nullptr, p.count.data(), p.first.data(), MPI_FLOAT,
                          0, p.comm));
  }
  Eigen::MatrixXf reduced = Eigen::MatrixXf::Zero(p.border_columns, b.cols());
  p.half_solve(kCondense, reduced);  // 0 - B^T K^-1 b
  if (p.host) reduced = coefficients(-reduced.cast<double>()).cast<float>();
  p.half_solve(kExpand, reduced);
  for (Eigen::Index c = 0; c < b.cols(); ++c) {
    check_mpi(MPI_Scatterv(p.host ? rows_of(c) : nullptr, p.count.data(), p.first.data(), MPI_FLOAT,
                           b.col(c).data(), static_cast<int>(b.rows()), MPI_FLOAT, 0, p.comm));
  }
}

FactorCost BorderedFactor::cost() const {
  const auto& m = parts_->mumps;
  FactorCost cost;
  cost.flops = static_cast<double>(m.rinfog[0]);
  // MUMPS gives counts above 2^31 as minus millions.
  cost.entries = parts_->entries_of_factor();
  cost.memory_per_rank_mb = static_cast<double>(m.infog[parts_->scratch.empty() ? 15 : 25]);
  return cost;
}

int BorderedFactor::negative_eigenvalues() const {
  return static_cast<int>(parts_->mumps.infog[11]);
}

}  // namespace kedge::fdm
