// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/grid_operator.hpp"

#include <algorithm>
#include <utility>

#include "kedge/grid/nested_dissection.hpp"
#include "kedge/parallel/check.hpp"
#include "kedge/parallel/communicator.hpp"

namespace kedge::fdm {
namespace {

using parallel::check_petsc;

/// Visits the strictly upper neighbours of one node: visit(column, weight).
template <class Visit>
void upper_neighbours(const grid::SphereGrid& grid, const Stencil& stencil, std::int32_t row,
                      Visit visit) {
  for (const Stencil::Neighbour& n : stencil.neighbours) {
    auto neighbour = grid.node(row);
    for (std::size_t axis = 0; axis < 3; ++axis) neighbour[axis] += n.offset[axis];
    const std::int32_t column = grid.index(neighbour);
    if (column > row) visit(column, n.weight);
  }
}

}  // namespace

GridOperator::GridOperator(MPI_Comm comm, const grid::SphereGrid& grid, Stencil stencil)
    : comm_(comm), grid_(grid), stencil_(std::move(stencil)), size_(grid.size()) {
  check_petsc(MatCreate(comm, matrix_.put()));
  const int ranks = parallel::size(comm);
  const int rank = parallel::rank(comm);
  first_ = static_cast<std::int32_t>(static_cast<std::int64_t>(size_) * rank / ranks);
  last_ = static_cast<std::int32_t>(static_cast<std::int64_t>(size_) * (rank + 1) / ranks);
  const PetscInt local = last_ - first_;
  check_petsc(MatSetSizes(matrix_.get(), local, local, size_, size_));
  check_petsc(MatSetType(matrix_.get(), ranks == 1 ? MATSEQSBAIJ : MATMPISBAIJ));
  std::vector<PetscInt> own(static_cast<std::size_t>(local), 1);
  std::vector<PetscInt> other(static_cast<std::size_t>(local), 0);
  for (std::int32_t row = first_; row < last_; ++row) {
    const auto i = static_cast<std::size_t>(row - first_);
    upper_neighbours(grid, stencil_, row,
                     [&](std::int32_t column, double) { ++(column < last_ ? own : other)[i]; });
  }
  if (ranks == 1) {
    check_petsc(MatSeqSBAIJSetPreallocation(matrix_.get(), 1, 0, own.data()));
  } else {
    check_petsc(MatMPISBAIJSetPreallocation(matrix_.get(), 1, 0, own.data(), 0, other.data()));
  }
  visit_upper([&](std::int32_t row, std::int32_t column, double value) {
    check_petsc(MatSetValue(matrix_.get(), row, column, value, INSERT_VALUES));
  });
  check_petsc(MatAssemblyBegin(matrix_.get(), MAT_FINAL_ASSEMBLY));
  check_petsc(MatAssemblyEnd(matrix_.get(), MAT_FINAL_ASSEMBLY));
  check_petsc(MatCreateVecs(matrix_.get(), x_.put(), y_.put()));
}

void GridOperator::visit_upper(
    const std::function<void(std::int32_t, std::int32_t, double)>& visit) const {
  for (std::int32_t row = first_; row < last_; ++row) {
    visit(row, row, stencil_.centre);
    upper_neighbours(grid_, stencil_, row,
                     [&](std::int32_t column, double value) { visit(row, column, value); });
  }
}

std::vector<std::int32_t> GridOperator::elimination_order() const {
  return grid::nested_dissection(grid_, stencil_.offsets());
}

void GridOperator::set_diagonal(std::span<const double> d) {
  for (std::int32_t row = first_; row < last_; ++row) {
    const double value = stencil_.centre + d[static_cast<std::size_t>(row - first_)];
    check_petsc(MatSetValue(matrix_.get(), row, row, value, INSERT_VALUES));
  }
  check_petsc(MatAssemblyBegin(matrix_.get(), MAT_FINAL_ASSEMBLY));
  check_petsc(MatAssemblyEnd(matrix_.get(), MAT_FINAL_ASSEMBLY));
}

void GridOperator::multiply(const Eigen::VectorXd& x, Eigen::VectorXd& y) {
  const auto copy_in = [&](Vec v, const double* values) {
    double* data = nullptr;
    check_petsc(VecGetArray(v, &data));
    std::copy(values, values + (last_ - first_), data);
    check_petsc(VecRestoreArray(v, &data));
  };
  copy_in(x_.get(), x.data());
  check_petsc(MatMult(matrix_.get(), x_.get(), y_.get()));
  const double* data = nullptr;
  check_petsc(VecGetArrayRead(y_.get(), &data));
  y.resize(last_ - first_);
  std::copy(data, data + (last_ - first_), y.data());
  check_petsc(VecRestoreArrayRead(y_.get(), &data));
}

}  // namespace kedge::fdm
