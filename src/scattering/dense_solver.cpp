// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/scattering/dense_solver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "kedge/core/error.hpp"
#include "kedge/math/complex_lu.hpp"
#include "kedge/parallel/check.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"

using Complex = std::complex<double>;

extern "C" {
int Csys2blacs_handle(MPI_Comm comm);
void Cfree_blacs_system_handle(int handle);
void Cblacs_gridinit(int* context, const char* order, int rows, int columns);
void Cblacs_gridinfo(int context, int* rows, int* columns, int* row, int* column);
void Cblacs_gridexit(int context);
int numroc_(const int* n, const int* block, const int* process, const int* source,
            const int* processes);
void descinit_(int* descriptor, const int* m, const int* n, const int* mb, const int* nb,
               const int* row_source, const int* column_source, const int* context, const int* lld,
               int* info);
void pzgetrf_(const int* m, const int* n, Complex* a, const int* ia, const int* ja,
              const int* descriptor, int* pivots, int* info);
void pzgetrs_(const char* trans, const int* n, const int* columns, const Complex* a, const int* ia,
              const int* ja, const int* descriptor, const int* pivots, Complex* b, const int* ib,
              const int* jb, const int* descriptor_b, int* info);
}

namespace kedge::scattering {
namespace {

constexpr int kBlock = 64;

void check_factor(int info, Eigen::Index size) {
  if (info == 0) return;
  if (info < 0) throw Error(ErrorKind::internal, fmt::format("LAPACK refuses argument {}", -info));
  throw Error(ErrorKind::numerical,
              fmt::format("the scattering matrix of order {} is singular (LAPACK code {}): the "
                          "energy lies on a bound state; move it by a small amount",
                          size, info));
}

Eigen::MatrixXcd solve_on_one_rank(const DenseSystem& system) {
  const int n = static_cast<int>(system.size);
  Eigen::MatrixXcd a(n, n);
  for (const MatrixBlock& b : system.blocks) {
    system.fill(b, a.block(b.row, b.column, b.rows, b.columns));
  }
  return math::ComplexLu(std::move(a)).solve(system.rhs);
}

/// Owner of a BLACS grid over all ranks of a communicator, as square as their number allows, more
/// columns than rows.
class ProcessGrid {
 public:
  explicit ProcessGrid(MPI_Comm comm) {
    const int ranks = parallel::size(comm);
    rows_ = static_cast<int>(std::sqrt(static_cast<double>(ranks)));
    while (ranks % rows_ != 0) --rows_;
    columns_ = ranks / rows_;
    handle_ = Csys2blacs_handle(comm);
    context_ = handle_;
    Cblacs_gridinit(&context_, "Row", rows_, columns_);
    Cblacs_gridinfo(context_, &rows_, &columns_, &row_, &column_);
  }
  ~ProcessGrid() {
    Cblacs_gridexit(context_);
    Cfree_blacs_system_handle(handle_);
  }
  ProcessGrid(const ProcessGrid&) = delete;
  ProcessGrid& operator=(const ProcessGrid&) = delete;

  [[nodiscard]] int context() const { return context_; }
  [[nodiscard]] int local_rows(int n) const { return count(n, row_, rows_); }
  [[nodiscard]] int local_columns(int n) const { return count(n, column_, columns_); }
  /// Local index of a global row or column, or -1 if another rank holds it.
  [[nodiscard]] Eigen::Index local_row(Eigen::Index i) const { return local(i, row_, rows_); }
  [[nodiscard]] Eigen::Index local_column(Eigen::Index i) const {
    return local(i, column_, columns_);
  }

 private:
  [[nodiscard]] static int count(int n, int process, int processes) {
    const int zero = 0;
    return numroc_(&n, &kBlock, &process, &zero, &processes);
  }
  [[nodiscard]] static Eigen::Index local(Eigen::Index i, int process, int processes) {
    const Eigen::Index block = i / kBlock;
    return block % processes == process ? block / processes * kBlock + i % kBlock : -1;
  }
  int handle_ = 0, context_ = 0;
  int rows_ = 1, columns_ = 1, row_ = 0, column_ = 0;
};

struct Distributed {
  Eigen::MatrixXcd values;
  int descriptor[9] = {};

  Distributed(const ProcessGrid& grid, int rows, int columns) {
    const int local_rows = grid.local_rows(rows);
    values =
        Eigen::MatrixXcd::Zero(std::max(1, local_rows), std::max(1, grid.local_columns(columns)));
    const int zero = 0;
    const int leading = std::max(1, local_rows);
    const int context = grid.context();
    int info = 0;
    descinit_(descriptor, &rows, &columns, &kBlock, &kBlock, &zero, &zero, &context, &leading,
              &info);
    if (info != 0) throw Error(ErrorKind::internal, fmt::format("descinit: argument {}", -info));
  }
};

Eigen::MatrixXcd solve_distributed(MPI_Comm comm, const DenseSystem& system) {
  const ProcessGrid grid(comm);
  const int n = static_cast<int>(system.size);
  const int columns = static_cast<int>(system.rhs.cols());
  Distributed a(grid, n, n);
  Distributed x(grid, n, columns);
  Eigen::MatrixXcd block;
  for (const MatrixBlock& b : system.blocks) {
    std::vector<std::pair<Eigen::Index, Eigen::Index>> rows, cols;  // in the block, here
    for (Eigen::Index i = 0; i < b.rows; ++i) {
      if (const auto k = grid.local_row(b.row + i); k >= 0) rows.emplace_back(i, k);
    }
    for (Eigen::Index j = 0; j < b.columns; ++j) {
      if (const auto k = grid.local_column(b.column + j); k >= 0) cols.emplace_back(j, k);
    }
    if (rows.empty() || cols.empty()) continue;
    block.resize(b.rows, b.columns);
    system.fill(b, block);
    for (const auto& [j, to_column] : cols) {
      for (const auto& [i, to_row] : rows) a.values(to_row, to_column) = block(i, j);
    }
  }
  const auto for_local = [&](auto f) {
    for (Eigen::Index j = 0; j < columns; ++j) {
      const auto to_column = grid.local_column(j);
      if (to_column < 0) continue;
      for (Eigen::Index i = 0; i < n; ++i) {
        if (const auto to_row = grid.local_row(i); to_row >= 0) {
          f(i, j, x.values(to_row, to_column));
        }
      }
    }
  };
  for_local([&](Eigen::Index i, Eigen::Index j, Complex& value) { value = system.rhs(i, j); });
  std::vector<int> pivots(static_cast<std::size_t>(a.values.rows() + kBlock));
  const int one = 1;
  int info = 0;
  pzgetrf_(&n, &n, a.values.data(), &one, &one, a.descriptor, pivots.data(), &info);
  check_factor(info, n);  // the same code on all ranks
  pzgetrs_("N", &n, &columns, a.values.data(), &one, &one, a.descriptor, pivots.data(),
           x.values.data(), &one, &one, x.descriptor, &info);
  Eigen::MatrixXcd all = Eigen::MatrixXcd::Zero(n, columns);
  for_local([&](Eigen::Index i, Eigen::Index j, const Complex& value) { all(i, j) = value; });
  parallel::check_mpi(
      MPI_Allreduce(MPI_IN_PLACE, all.data(), n * columns, MPI_C_DOUBLE_COMPLEX, MPI_SUM, comm));
  return all;
}

}  // namespace

Eigen::MatrixXcd solve_dense(MPI_Comm comm, const DenseSystem& system, DenseMethod method) {
  const int ranks = parallel::size(comm);
  if (method == DenseMethod::automatic) {
    method =
        ranks > 1 && system.size >= kScalapackFrom ? DenseMethod::scalapack : DenseMethod::lapack;
  }
  if (method == DenseMethod::scalapack) return solve_distributed(comm, system);
  Eigen::MatrixXcd x = system.rhs;
  parallel::collectively(comm, "dense solve", [&] {
    if (parallel::rank(comm) == 0) x = solve_on_one_rank(system);
  });
  parallel::check_mpi(
      MPI_Bcast(x.data(), static_cast<int>(x.size()), MPI_C_DOUBLE_COMPLEX, 0, comm));
  return x;
}

double relative_residual(MPI_Comm comm, const DenseSystem& system, const Eigen::MatrixXcd& x) {
  const auto ranks = static_cast<std::size_t>(parallel::size(comm));
  Eigen::VectorXcd image = Eigen::VectorXcd::Zero(system.size);
  Eigen::MatrixXcd block;
  for (auto i = static_cast<std::size_t>(parallel::rank(comm)); i < system.blocks.size();
       i += ranks) {
    const MatrixBlock& b = system.blocks[i];
    block.resize(b.rows, b.columns);
    system.fill(b, block);
    image.segment(b.row, b.rows) += block * x.col(0).segment(b.column, b.columns);
  }
  parallel::check_mpi(MPI_Allreduce(MPI_IN_PLACE, image.data(), static_cast<int>(image.size()),
                                    MPI_C_DOUBLE_COMPLEX, MPI_SUM, comm));
  const double size = system.rhs.col(0).norm();
  return size > 0.0 ? (image - system.rhs.col(0)).norm() / size : image.norm();
}

}  // namespace kedge::scattering
