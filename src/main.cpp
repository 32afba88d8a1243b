// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/cli/program.hpp"

int main(int argc, char** argv) {
  return kedge::cli::run_program(argc, argv);
}
