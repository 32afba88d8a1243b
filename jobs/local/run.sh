#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A campaign on a workstation:  jobs/local/run.sh INPUT... [options of kedge run]
# One rank for each core, or RANKS of them; a run that was stopped (Ctrl-C) or killed goes on where it was.
#
# Ranks: each holds a whole solve, so memory may allow fewer than there are cores; `kedge check INPUT` says how much one takes.
# Cores, not hyper-threads: two ranks on one core share its caches and are no faster than one.
# Binding: none, so that other programs of a workstation can push ranks aside.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
program=${KEDGE_PROGRAM:-$root/build/kedge}
cores=$(lscpu -p=core,socket 2> /dev/null | grep -v '^#' | sort -u | wc -l)
[ "$cores" -gt 0 ] || cores=$(nproc)
[ "$cores" -le "$(nproc)" ] || cores=$(nproc)  # a container may have fewer than the machine
ranks=${RANKS:-$cores}
[ $# -ge 1 ] || { echo "Usage: jobs/local/run.sh INPUT... [options of kedge run]" >&2; exit 2; }
[ -x "$program" ] || { echo "There is no program '$program'; build kedge, or set KEDGE_PROGRAM." >&2; exit 2; }
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
export OMPI_MCA_btl_vader_single_copy_mechanism="${OMPI_MCA_btl_vader_single_copy_mechanism:-none}"
if [ "$(id -u)" -eq 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
echo "kedge run $* on $ranks ranks"
# A process group of its own, since Ctrl-C would make mpirun end the ranks at once; USR1 lets them finish the energy they are at. It
# goes to one rank, which tells the others: mpirun may not pass it on, and a rank that gets it twice dies.
# --quiet: kedge says why it ends, mpirun need not add to it.
setsid mpirun --quiet -np "$ranks" --bind-to none "$program" run "$@" --resume &
kedge=$!
# shellcheck disable=SC2317  # called by the trap
stop() {
  rank=$(pgrep -P "$kedge" -x "$(basename "$program" | cut -c1-15)" | head -n 1)
  if [ -n "$rank" ]; then
    echo "Stopping after the present energies; once more: at once."
    kill -USR1 "$rank"
  else
    kill "$kedge"  # no rank has started yet
  fi
}
trap stop INT TERM USR1
set +e
while :; do  # a signal cuts `wait` short; then the child is still there
  wait "$kedge"
  code=$?
  kill -0 "$kedge" 2> /dev/null || break
done
[ "$code" -ne 75 ] || echo "The same command goes on with it."
exit "$code"
