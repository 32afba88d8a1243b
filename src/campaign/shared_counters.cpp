// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/shared_counters.hpp"

#include <algorithm>

#include "kedge/parallel/check.hpp"
#include "kedge/parallel/communicator.hpp"

namespace kedge::campaign {

using parallel::check_mpi;

SharedCounters::SharedCounters(MPI_Comm comm, int count) {
  const bool owner = parallel::rank(comm) == 0;
  std::int64_t* memory = nullptr;
  const auto bytes =
      static_cast<MPI_Aint>(owner ? count * static_cast<int>(sizeof(std::int64_t)) : 0);
  check_mpi(MPI_Win_allocate(bytes, sizeof(std::int64_t), MPI_INFO_NULL, comm,
                             static_cast<void*>(&memory), &window_));
  check_mpi(MPI_Win_lock_all(0, window_));
  if (owner) {
    std::fill_n(memory, count, std::int64_t{0});
    check_mpi(MPI_Win_sync(window_));
  }
  check_mpi(MPI_Barrier(comm));  // nobody adds before the zeros are there
}

SharedCounters::~SharedCounters() {
  (void)MPI_Win_unlock_all(window_);
  (void)MPI_Win_free(&window_);
}

std::int64_t SharedCounters::add(int counter, std::int64_t addend) {
  std::int64_t before = 0;
  check_mpi(MPI_Fetch_and_op(&addend, &before, MPI_INT64_T, 0, counter, MPI_SUM, window_));
  check_mpi(MPI_Win_flush(0, window_));
  return before;
}

}  // namespace kedge::campaign
