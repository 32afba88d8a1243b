// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/parallel/memory.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace kedge::parallel {
namespace {

constexpr int kLargeBlock = 16 << 20;     // bytes
constexpr int kMostMappedBlocks = 65536;  // the C library's own default

/// The kernel gives large pages to those who ask.
bool large_pages_on_request() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string word;
  while (file >> word) {
    if (word == "[madvise]") return true;
  }
  return false;
}

}  // namespace

void use_large_pages(char** argv) {
  const char* now = std::getenv("GLIBC_TUNABLES");
  std::string tunables = now == nullptr ? "" : now;
  if (tunables.find("glibc.malloc.hugetlb") != std::string::npos || !large_pages_on_request()) {
    return;
  }
  if (!tunables.empty()) tunables += ':';
  tunables += "glibc.malloc.hugetlb=1";
  // By its own path: the name of the process is the one that is known, to pkill say, and not that
  // of the link.
  std::error_code failed;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failed);
  // A dynamic linker that was given the program to run would take the arguments for its own.
  const bool by_linker = program.filename().string().starts_with("ld-");
  if (!failed && !by_linker && ::setenv("GLIBC_TUNABLES", tunables.c_str(), 1) == 0) {
    (void)::execv(program.c_str(), argv);
  }
  // Not started anew: the same results from small pages.
}

void give_back_large_blocks() {
  (void)mallopt(M_MMAP_MAX, kMostMappedBlocks);
  (void)mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  (void)mallopt(M_TRIM_THRESHOLD, kLargeBlock);
}

void return_freed_memory() {
  malloc_trim(0);
}

double peak_memory_gb() {
  rusage usage{};
  (void)getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024.0 / 1e9;  // Linux counts kilobytes
}

double resident_memory_gb() {
  // /proc/self/statm: total and resident size in pages.
  std::ifstream statm("/proc/self/statm");
  double total = 0.0;
  double resident = 0.0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e9;
}

double machine_memory_gb() {
  double bytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  // Limits of control groups, version 2 and 1; the word "max" and missing files leave the number as
  // it is.
  for (const char* file :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    double limit = 0.0;
    if (std::ifstream(file) >> limit && limit > 0.0) bytes = std::min(bytes, limit);
  }
  return bytes / 1e9;
}

}  // namespace kedge::parallel
