// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/parallel/collectively.hpp"

#include <string>

#include "kedge/core/error.hpp"
#include "kedge/parallel/check.hpp"

namespace kedge::parallel {

void collectively(MPI_Comm comm, std::string_view what, const std::function<void()>& step) {
  int rank = 0;
  int size = 1;
  check_mpi(MPI_Comm_rank(comm, &rank));
  check_mpi(MPI_Comm_size(comm, &size));
  std::string message;
  int kind = -1;
  try {
    step();
  } catch (const std::exception&) {
    const Error error = current_error();
    kind = static_cast<int>(error.kind());
    message = error.what();
  }
  int failing_rank = kind >= 0 ? rank : size;
  int first = size;
  check_mpi(MPI_Allreduce(&failing_rank, &first, 1, MPI_INT, MPI_MIN, comm));
  if (first == size) return;
  int length = static_cast<int>(message.size());
  check_mpi(MPI_Bcast(&kind, 1, MPI_INT, first, comm));
  check_mpi(MPI_Bcast(&length, 1, MPI_INT, first, comm));
  message.resize(static_cast<std::size_t>(length));
  check_mpi(MPI_Bcast(message.data(), length, MPI_CHAR, first, comm));
  Error error(static_cast<ErrorKind>(kind), message);
  if (!what.empty()) error.add_context(what);
  throw error;
}

}  // namespace kedge::parallel
