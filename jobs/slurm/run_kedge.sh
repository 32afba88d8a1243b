# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Runs kedge inside a Slurm job; sourced by the job scripts beside it with the arguments of `kedge run`.
#   KEDGE_PROGRAM          the executable           (default: build/kedge of the tree that holds this script)
#   KEDGE_MPIRUN_OPTIONS   options of mpirun        (default: --bind-to core --map-by core)
#   KEDGE_REQUEUE          yes: put the job back into the queue when it stops before its end   (default: no)
#   KEDGE_MAX_RESTARTS     as often as this at most (default: 20)
set -u

program=${KEDGE_PROGRAM:-$KEDGE_ROOT/build/kedge}
[ -x "$program" ] || { echo "There is no program '$program'; build kedge, or set KEDGE_PROGRAM." >&2; exit 2; }

# One rank is one process of one core: the work is many small solves, which threads of a BLAS share badly.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# Ranks of one node exchange short messages only; without this Open MPI warns in containers that forbid the kernel's copy.
export OMPI_MCA_btl_vader_single_copy_mechanism=${OMPI_MCA_btl_vader_single_copy_mechanism:-none}
# kedge stops in good order before the limit if it knows it. Early Slurm does not set this variable.
if [ -z "${SLURM_JOB_END_TIME:-}" ]; then
  end=$(squeue -h -j "$SLURM_JOB_ID" -o %e 2> /dev/null || true)
  end=$(date -d "$end" +%s 2> /dev/null || true)
  [ -z "$end" ] || export SLURM_JOB_END_TIME=$end
fi

echo "$(date '+%F %T') job $SLURM_JOB_ID, start ${SLURM_RESTART_COUNT:-0}, ${SLURM_NTASKS:-1} ranks on ${SLURM_JOB_NODELIST:-here}," \
  "ends $([ -z "${SLURM_JOB_END_TIME:-}" ] && echo "at no known time" || date -d "@$SLURM_JOB_END_TIME" '+%F %T')"
echo "kedge run $*; sources $(git -C "$KEDGE_ROOT" rev-parse --short HEAD 2> /dev/null || echo "not under git")"

# In the background with `wait`: bash runs a trap only between commands. USR1 goes to the ranks on this node, not to mpirun: it
# should pass the signal on, but does not where a plugin of hwloc (OpenCL, with LLVM) has taken the signal for itself; and a rank
# that gets it twice dies. One rank is enough, it tells the others. (TERM would leave the ranks two seconds.)
kedge_pid=
stop_ranks() {
  local ranks
  ranks=$(pgrep -P "${kedge_pid:-0}" -x "$(basename "$program" | cut -c1-15)")
  # shellcheck disable=SC2086  # one word for each rank
  [ -z "$ranks" ] || kill -USR1 $ranks 2> /dev/null
}
trap stop_ranks USR1
# --resume starts anew if there is no result file yet, so first and later starts are the same command.
# shellcheck disable=SC2086  # options are separate words
mpirun -np "${SLURM_NTASKS:-1}" ${KEDGE_MPIRUN_OPTIONS---bind-to core --map-by core} "$program" run "$@" --resume &
kedge_pid=$!
while :; do  # a signal cuts `wait` short; then the child is still there
  wait "$kedge_pid"
  code=$?
  kill -0 "$kedge_pid" 2> /dev/null || break
done
echo "$(date '+%F %T') kedge ended with exit code $code"

# 75: stopped before the end, everything done is in the file.
if [ "$code" -eq 75 ] && [ "${KEDGE_REQUEUE:-no}" = yes ]; then
  if [ "${SLURM_RESTART_COUNT:-0}" -ge "${KEDGE_MAX_RESTARTS:-20}" ]; then
    echo "Not put back into the queue: ${SLURM_RESTART_COUNT} restarts are enough (KEDGE_MAX_RESTARTS)." >&2
  else
    job=$SLURM_JOB_ID
    [ -z "${SLURM_ARRAY_TASK_ID:-}" ] || job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
    echo "Back into the queue."
    scontrol requeue "$job"
  fi
fi
exit "$code"
