// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/parallel/runtime.hpp"

#include <mpi.h>
#include <petscsys.h>

#include <cstdlib>

#include "kedge/parallel/check.hpp"
#include "kedge/parallel/memory.hpp"

namespace kedge::parallel {

Runtime::Runtime(int& argc, char**& argv) {
  give_back_large_blocks();
  int running = 0;
  check_mpi(MPI_Initialized(&running));
  if (running == 0) {
    // MPI looks at the machine through hwloc, whose OpenCL part loads a compiler where there is
    // one: 60 MB in every rank for nothing.
    (void)::setenv("HWLOC_COMPONENTS", "-opencl", 0);
    // Started without mpirun, Open MPI starts a daemon first for processes that might be spawned,
    // which takes 0.2 s; none are.
    (void)::setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
    check_mpi(MPI_Init(&argc, &argv));
    started_mpi_ = true;
  }
  PetscBool petsc_running = PETSC_FALSE;
  check_petsc(PetscInitialized(&petsc_running));
  if (petsc_running == PETSC_FALSE) {
    // Our own command line is not PETSc's: options for it come from PETSC_OPTIONS only.
    check_petsc(PetscInitializeNoArguments());
    check_petsc(PetscPopSignalHandler());
    // Errors become return codes that check_petsc() turns into exceptions; PETSc itself prints
    // nothing.
    check_petsc(PetscPushErrorHandler(PetscReturnErrorHandler, nullptr));
    started_petsc_ = true;
  }
}

Runtime::~Runtime() {
  if (started_petsc_) (void)PetscFinalize();
  if (started_mpi_) (void)MPI_Finalize();
}

}  // namespace kedge::parallel
