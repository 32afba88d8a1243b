// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace kedge::parallel {

/// Starts MPI and PETSc if nobody did, and finalises what it started. PETSc's signal handler stays
/// off: faults reach the operating system, and SIGTERM/SIGUSR1 reach the program.
class Runtime {
 public:
  Runtime(int& argc, char**& argv);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

 private:
  bool started_mpi_ = false;
  bool started_petsc_ = false;
};

}  // namespace kedge::parallel
