// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <cstdint>

namespace kedge::campaign {

/// Whole numbers, zero at first, that every rank may add to and read at any time without the others
/// taking part (one-sided MPI; the numbers live on rank 0).
class SharedCounters {
 public:
  /// @note Collective on comm
  SharedCounters(MPI_Comm comm, int count);
  /// @note Collective on comm
  ~SharedCounters();
  SharedCounters(const SharedCounters&) = delete;
  SharedCounters& operator=(const SharedCounters&) = delete;

  /// Adds to a counter and returns what it was before; an addend of 0 reads. @note Rank-local
  std::int64_t add(int counter, std::int64_t addend);
  [[nodiscard]] std::int64_t read(int counter) { return add(counter, 0); }

 private:
  MPI_Win window_ = MPI_WIN_NULL;
};

}  // namespace kedge::campaign
