// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/parallel/check.hpp"

#include <fmt/format.h>
#include <mpi.h>
#include <petscsys.h>

#include <array>

#include "kedge/core/error.hpp"

namespace kedge::parallel {

void check_petsc(int code, std::source_location where) {
  if (code == 0) return;
  const char* text = nullptr;
  char* specific = nullptr;
  (void)PetscErrorMessage(code, &text, &specific);
  throw Error(code == PETSC_ERR_MEM ? ErrorKind::numerical : ErrorKind::external,
              fmt::format("PETSc error {} ({}{}{}) in {} at {}:{}", code,
                          text != nullptr ? text : "unknown",
                          specific != nullptr && *specific != '\0' ? ": " : "",
                          specific != nullptr ? specific : "", where.function_name(),
                          where.file_name(), where.line()));
}

void check_mpi(int code, std::source_location where) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  (void)MPI_Error_string(code, text.data(), &length);
  throw Error(ErrorKind::external,
              fmt::format("MPI error {} ({}) in {} at {}:{}", code, text.data(),
                          where.function_name(), where.file_name(), where.line()));
}

}  // namespace kedge::parallel
