// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "kedge/core/error.hpp"
#include "kedge/core/version.hpp"
#include "kedge/io/libraries.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/memory.hpp"
#include "kedge/parallel/runtime.hpp"

/// What the benchmark programs share.
namespace kedge::benchmark {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Numbers between commas; an empty text gives none. @throws Error{input} for anything else
inline std::vector<double> numbers(const std::string& text) {
  std::vector<double> out;
  for (const char* at = text.c_str(); *at != '\0';) {
    char* end = nullptr;
    out.push_back(std::strtod(at, &end));
    if (end == at || (*end != ',' && *end != '\0')) {
      throw Error(ErrorKind::input,
                  fmt::format("\"{}\" is no list of numbers with commas between them", text));
    }
    at = *end == ',' ? end + 1 : end;
  }
  return out;
}

/// Version, commit, machine, ranks and libraries; from rank 0.
inline void print_heading() {
  if (parallel::rank(MPI_COMM_WORLD) != 0) return;
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  fmt::print("kedge {} {}, machine {}, {} rank(s)\n", kVersion, kGitCommit, host,
             parallel::size(MPI_COMM_WORLD));
  for (const auto& [name, version] : io::libraries()) fmt::print("  {} {}\n", name, version);
}

/// The main program: at least `arguments` of them, the heading, then run(argc, argv) and the peak
/// memory of rank 0.
template <class Run>
int run_main(int argc, char** argv, int arguments, const char* usage, Run run) {
  if (argc <= arguments) {
    (void)std::fprintf(stderr, "usage: %s\n", usage);
    return 2;
  }
  parallel::use_large_pages(argv);
  try {
    const parallel::Runtime runtime(argc, argv);
    print_heading();
    run(argc, argv);
    if (parallel::rank(MPI_COMM_WORLD) == 0) {
      fmt::print("peak memory {:.2f} GB\n", parallel::peak_memory_gb());
    }
  } catch (const Error& error) {
    (void)std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return exit_code(error.kind());
  }
  return 0;
}

}  // namespace kedge::benchmark
