// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace kedge::cli {

/// The whole program: starts MPI and PETSc, does what the command line says, prints an error once.
/// @return the exit code of the process
/// @note Collective on MPI_COMM_WORLD
[[nodiscard]] int run_program(int argc, char** argv);

}  // namespace kedge::cli
