// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/parallel/communicator.hpp"

#include <algorithm>
#include <cstdint>

#include "kedge/parallel/check.hpp"

namespace kedge::parallel {

Communicator::~Communicator() {
  int finalized = 0;
  (void)MPI_Finalized(&finalized);
  if (comm_ != MPI_COMM_NULL && finalized == 0) (void)MPI_Comm_free(&comm_);
}

Communicator& Communicator::operator=(Communicator&& other) noexcept {
  std::swap(comm_, other.comm_);
  return *this;
}

Communicator Communicator::duplicate(MPI_Comm comm) {
  MPI_Comm copy = MPI_COMM_NULL;
  check_mpi(MPI_Comm_dup(comm, &copy));
  return Communicator(copy);
}

Communicator Communicator::split(MPI_Comm comm, int colour, int key) {
  MPI_Comm part = MPI_COMM_NULL;
  check_mpi(MPI_Comm_split(comm, colour < 0 ? MPI_UNDEFINED : colour, key, &part));
  return Communicator(part);
}

int rank(MPI_Comm comm) {
  int value = 0;
  check_mpi(MPI_Comm_rank(comm, &value));
  return value;
}

int size(MPI_Comm comm) {
  int value = 1;
  check_mpi(MPI_Comm_size(comm, &value));
  return value;
}

std::string broadcast(MPI_Comm comm, std::string text) {
  std::uint64_t length = text.size();
  check_mpi(MPI_Bcast(&length, 1, MPI_UINT64_T, 0, comm));
  text.resize(length);
  check_mpi(MPI_Bcast(text.data(), static_cast<int>(length), MPI_CHAR, 0, comm));
  return text;
}

}  // namespace kedge::parallel
