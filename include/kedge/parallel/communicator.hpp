// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <string>
#include <utility>

namespace kedge::parallel {

/// Owner of a communicator that kedge made; below it everyone takes MPI_Comm, not owned.
class Communicator {
 public:
  Communicator() = default;
  ~Communicator();
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  Communicator(Communicator&& other) noexcept : comm_(std::exchange(other.comm_, MPI_COMM_NULL)) {}
  Communicator& operator=(Communicator&& other) noexcept;

  /// @note Collective on comm
  [[nodiscard]] static Communicator duplicate(MPI_Comm comm);
  /// MPI_Comm_split; a negative colour gives an empty owner. @note Collective on comm
  [[nodiscard]] static Communicator split(MPI_Comm comm, int colour, int key);

  [[nodiscard]] MPI_Comm get() const { return comm_; }
  [[nodiscard]] explicit operator bool() const { return comm_ != MPI_COMM_NULL; }

 private:
  explicit Communicator(MPI_Comm comm) : comm_(comm) {}
  MPI_Comm comm_ = MPI_COMM_NULL;
};

[[nodiscard]] int rank(MPI_Comm comm);
[[nodiscard]] int size(MPI_Comm comm);

/// Text of rank 0 on all ranks. @note Collective on comm
[[nodiscard]] std::string broadcast(MPI_Comm comm, std::string text);

}  // namespace kedge::parallel
