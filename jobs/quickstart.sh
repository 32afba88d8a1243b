#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is missing, builds kedge, and computes a first boron K-edge x-ray Raman spectrum.
# Usage: jobs/quickstart.sh [BUILD_FOLDER]     results: quickstart.h5 and figures in the build folder
set -eu
source_folder=$(cd "$(dirname "$0")/.." && pwd)
build_folder=${1:-$source_folder/build}

"$source_folder/jobs/install_packages.sh"

cores=$(nproc)
cmake -S "$source_folder" -B "$build_folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DKEDGE_TESTS=OFF \
  -DKEDGE_BENCHMARKS=OFF
build_folder=$(cd "$build_folder" && pwd)
cmake --build "$build_folder" -j "$cores" --target kedge_program

# One thread for each rank: the ranks share the cores.
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
# Many containers forbid the copy between processes that Open MPI would use.
export OMPI_MCA_btl_vader_single_copy_mechanism=none
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

cd "$build_folder"
kedge=$build_folder/kedge
input=$source_folder/inputs/nacb11h12/quickstart.ini
echo "Commit: $("$kedge" --version | head -n 1)"
# One spectrum is one piece of work, whatever its number of energies: a second rank would wait.
mpirun -np 1 "$kedge" run "$input" --overwrite
"$kedge" plot quickstart.h5
if command -v rsvg-convert >/dev/null; then
  for figure in quickstart_sum quickstart_sites quickstart_l; do
    rsvg-convert "$figure.svg" -o "$figure.png"
  done
fi
echo "Figures and quickstart.h5 are in $build_folder"
