// SPDX-License-Identifier: BSD-3-Clause
#include <cstdio>

#include "kedge/cli/program.hpp"

int main(int argc, char** argv) {
#ifdef __AVX2__
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    std::fputs(
        "kedge: error: this build wants a processor with AVX2 and FMA; build it here, or with "
        "-DKEDGE_CPU=x86-64\n",
        stderr);
    return 2;
  }
#endif
  return kedge::cli::run_program(argc, argv);
}
