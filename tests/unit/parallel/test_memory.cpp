// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "kedge/parallel/memory.hpp"

namespace {

namespace parallel = kedge::parallel;

constexpr std::size_t kBlock = 256 << 20;  // bytes
constexpr double kMostOfIt = 0.2;          // GB, of 0.268: something else may come or go meanwhile

/// Of /proc/self/smaps_rollup [GB].
double in_large_pages() {
  std::ifstream file("/proc/self/smaps_rollup");
  std::string word;
  double kilobytes = 0.0;
  while (file >> word && word != "AnonHugePages:") {
  }
  file >> kilobytes;
  return kilobytes * 1024.0 / 1e9;
}

bool machine_gives_large_pages() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string line;
  return static_cast<bool>(std::getline(file, line)) && line.find("[never]") == std::string::npos;
}

TEST(Memory, PeakIsThatOfAProcess) {
  // A process that runs MPI takes more than 1 MB and, here, less than 100 GB.
  EXPECT_GT(parallel::peak_memory_gb(), 1e-3);
  EXPECT_LT(parallel::peak_memory_gb(), 100.0);
}

TEST(Memory, LargeBlocksGoBackWhenFreed) {
  std::vector<char> block(kBlock, '1');
  const std::vector<char> above(1 << 20, '1');  // on the heap, it would hold what lies below
  const double with = parallel::resident_memory_gb();
  std::vector<char>().swap(block);
  EXPECT_LT(parallel::resident_memory_gb(), with - kMostOfIt);
}

TEST(Memory, LargeBlocksAreMadeOfLargePages) {
  if (!machine_gives_large_pages()) GTEST_SKIP() << "the machine has no transparent huge pages";
  const double before = in_large_pages();
  const std::vector<char> block(kBlock, '1');
  // Half of it: the machine may have run out of large pages.
  EXPECT_GT(in_large_pages(), before + 0.5 * static_cast<double>(kBlock) / 1e9);
}

}  // namespace
