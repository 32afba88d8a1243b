// SPDX-License-Identifier: BSD-3-Clause
/// GoogleTest runner that works alone and under mpirun: starts MPI and PETSc once, lets only rank 0
/// report, the others only their failures, and after each test makes a failure on one rank a
/// failure on all, so that no rank runs ahead into another collective.
#include <gtest/gtest.h>
#include <mpi.h>

#include <iostream>

#include "kedge/parallel/memory.hpp"
#include "kedge/parallel/runtime.hpp"

namespace {

/// What went wrong on a rank whose output is otherwise silent.
class FailuresOfRank : public testing::EmptyTestEventListener {
 public:
  explicit FailuresOfRank(int rank) : rank_(rank) {}

 private:
  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (part.failed()) std::cerr << "rank " << rank_ << ": " << part << std::flush;
  }
  int rank_;
};

class AgreeOnFailure : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo& info) override {
    int failed = info.result()->Failed() ? 1 : 0;
    int any = 0;
    MPI_Allreduce(&failed, &any, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    if (any != 0 && failed == 0) {
      ADD_FAILURE() << info.test_suite_name() << "." << info.name() << " failed on another rank";
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  kedge::parallel::use_large_pages(argv);
  testing::InitGoogleTest(&argc, argv);
  const kedge::parallel::Runtime runtime(argc, argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  if (rank != 0) {
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailuresOfRank(rank));
  }
  listeners.Append(new AgreeOnFailure);
  const int failed = RUN_ALL_TESTS();
  int any = 0;
  MPI_Allreduce(&failed, &any, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return any;
}
