#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is missing, builds into build-tests and runs every test.
# Usage: tests/run.sh [arguments for ctest, such as -L unit]
# The last line is "N passed, N failed" with ", N skipped" if any; the exit code is 0 only if nothing failed.
set -u
source_folder=$(cd "$(dirname "$0")/.." && pwd)
build_folder=$source_folder/build-tests

give_up() {
  echo "$1" >&2
  echo "0 passed, 1 failed"
  exit 1
}

"$source_folder/jobs/install_packages.sh" || give_up "Packages could not be installed."
# The job scripts are tested on a Slurm of their own; without it, or where it cannot start, these tests are skipped.
"$source_folder/jobs/install_packages.sh" slurm-wlm munge procps ||
  echo "Slurm could not be installed: the tests of the job scripts will be skipped." >&2
# h5py looks at the result files; without it that test is skipped.
"$source_folder/jobs/install_packages.sh" python3-h5py ||
  echo "h5py could not be installed: the test of the NeXus files will be skipped." >&2
# The page of kedge report is tried in a browser; without it that test is skipped.
"$source_folder/jobs/install_packages.sh" chromium ||
  echo "Chromium could not be installed: the test of the report's page will be skipped." >&2
# It judges the layout of the sources; without it that test is skipped.
"$source_folder/jobs/install_packages.sh" clang-format ||
  echo "clang-format could not be installed: the test of the layout will be skipped." >&2
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
export OMPI_MCA_btl_vader_single_copy_mechanism=none
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# The presets dev and audit compile each file on its own.
cmake -S "$source_folder" -B "$build_folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DKEDGE_WERROR=ON \
  -DKEDGE_ASSERTIONS=ON -DKEDGE_UNITY=ON || give_up "Configuration failed."
cmake --build "$build_folder" -j "$(nproc)" || give_up "The build failed."

report=$build_folder/ctest.xml
rm -f "$report"
ctest --test-dir "$build_folder" -j "$(nproc)" --output-on-failure --output-junit "$report" "$@"
status=$?

# <testsuite name=... tests="21" failures="0" disabled="0" skipped="0" ...>, one attribute a line or not
count() {
  tr '\n\t' '  ' < "$report" | sed -n "s/.*<testsuite [^>]*[ ]$1=\"\([0-9]*\)\".*/\1/p" | head -n 1
}
[ -r "$report" ] || give_up "ctest wrote no report."
total=$(count tests)
failed=$(count failures)
skipped=$(( $(count skipped) + $(count disabled) ))
passed=$((total - failed - skipped))
[ "$total" -gt 0 ] || give_up "No test was found."
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || give_up "ctest failed with code $status."
summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary="$summary, $skipped skipped"
echo "$summary"
[ "$failed" -eq 0 ]
