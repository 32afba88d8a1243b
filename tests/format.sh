#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The layout of all C++ files is what .clang-format makes of them. Skipped (77) without clang-format 14, that of Debian 12: other
# versions lay out a little differently.
set -u
cd "$(dirname "$0")/.." || exit 1
command -v clang-format > /dev/null || { echo "SKIPPED: no clang-format (apt-get install clang-format)"; exit 77; }
clang-format --version | grep -q 'version 14\.' || { echo "SKIPPED: $(clang-format --version) is not version 14"; exit 77; }
find src include tests benchmarks -name '*.[ch]pp' -print0 | xargs -0 clang-format --dry-run -Werror 2>&1 | grep 'error: ' && {
  echo "clang-format -i puts this right."
  exit 1
}
exit 0
