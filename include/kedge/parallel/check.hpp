// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <source_location>

namespace kedge::parallel {

/// Throws Error{external} with the library's own text if a PETSc call failed. @note Rank-local
void check_petsc(int code, std::source_location where = std::source_location::current());

/// The same for an MPI call.
void check_mpi(int code, std::source_location where = std::source_location::current());

}  // namespace kedge::parallel
