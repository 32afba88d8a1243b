// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

namespace kedge::test {

struct Outcome {
  int code = -1;
  std::string out;  ///< of stdout and stderr together
  double seconds = 0.0;
};

inline Outcome run(const std::string& command) {
  // This test is an MPI process itself; the program must start as one of its own.
  const std::string clean =
      "for name in $(env | grep -oE "
      "'^(OMPI_COMM_WORLD|OMPI_MCA_(orte|ess|pmix|initial)|PMIX)[A-Za-z0-9_]*'); do "
      "unset $name; done; "
      // Nor does a program alone want the helper process that would let it start others: 0.3 s.
      "export OMPI_MCA_ess_singleton_isolated=1; ";
  const auto start = std::chrono::steady_clock::now();
  Outcome outcome;
  std::FILE* pipe = popen((clean + "( " + command + " ) 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    outcome.out.append(buffer.data(), n);
  }
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

}  // namespace kedge::test
