// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/parallel/communicator.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>

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

double peak_memory_gb() {
  rusage usage{};
  (void)getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024.0 / 1e9;  // Linux counts kilobytes
}

void return_freed_memory() { malloc_trim(0); }

double resident_memory_gb() {
  // /proc/self/statm: total and resident size in pages.
  std::ifstream statm("/proc/self/statm");
  double total = 0.0;
  double resident = 0.0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e9;
}

double machine_memory_gb() {
  double bytes = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  // Limits of control groups, version 2 and 1; the word "max" and missing files leave the number as it is.
  for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    double limit = 0.0;
    if (std::ifstream(file) >> limit && limit > 0.0) bytes = std::min(bytes, limit);
  }
  return bytes / 1e9;
}

}  // namespace kedge::parallel
