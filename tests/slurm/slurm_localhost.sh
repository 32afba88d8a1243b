#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A real Slurm of one node on this machine, for tests: slurm_localhost.sh COMMAND...
# Starts munged, slurmctld and slurmd with a configuration, key and state of their own in a fresh folder, runs COMMAND with the
# environment that the clients need, stops everything, and ends with the exit code of COMMAND; 77 (skipped) with the reason if
# Slurm cannot be started here. Nothing outside that folder is touched. Needs root and the packages slurm-wlm and munge.
#
# Only processes that were started here are signalled, by their process number.
set -u

skip() {
  echo "SKIPPED: no Slurm: $*"
  exit 77
}

[ "$(id -u)" -eq 0 ] || skip "slurmd wants root"
PATH=$PATH:/usr/sbin:/sbin
for program in munged slurmctld slurmd sbatch scontrol; do
  command -v "$program" > /dev/null || skip "$program is not installed (apt-get install slurm-wlm munge)"
done

folder=$(mktemp -d "${TMPDIR:-/tmp}/kedge-slurm-XXXXXX") || skip "no temporary folder"
chmod 755 "$folder"  # munged refuses a socket that others cannot reach
mkdir "$folder"/{etc,run,log,state,spool}
munged_pid='' controller_pid='' node_pid=''

# end_process PID SECONDS: TERM, and KILL if it does not end in time
end_process() {
  [ -n "$1" ] || return 0
  kill -TERM "$1" 2> /dev/null
  for _ in $(seq $(($2 * 5))); do
    [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2> /dev/null || echo Z)" != Z ] || break
    sleep 0.2
  done
  kill -KILL "$1" 2> /dev/null
  wait "$1" 2> /dev/null
}

stop() {
  trap - EXIT
  if [ -n "$node_pid" ]; then
    local jobs
    jobs=$(timeout 10 squeue -h -o %A 2> /dev/null | sort -u)
    # shellcheck disable=SC2086  # one word for each job
    [ -z "$jobs" ] || timeout 10 scancel $jobs 2> /dev/null
    for _ in $(seq 100); do
      [ -n "$(timeout 5 squeue -h -o %A 2> /dev/null)" ] || break
      sleep 0.2
    done
  fi
  end_process "$node_pid" 10
  end_process "$controller_pid" 10
  end_process "$munged_pid" 5
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# wait_for SECONDS COMMAND...
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.2
  done
}

give_up() {
  tail -n 5 "$folder"/log/* 2> /dev/null
  skip "$*"
}

host=$(hostname -s)
# Two ranks even on one core; cores are shared with whoever else is here, which tests bear.
cpus=$(nproc)
[ "$cpus" -ge 2 ] || cpus=2
memory=$(awk '/^MemTotal:/ {print int($2 / 1024 * 0.8)}' /proc/meminfo)
port=$((20000 + $$ % 10000 * 2))
cat > "$folder/etc/slurm.conf" << CONF
ClusterName=kedgetest
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# A job that goes back into the queue waits for the life of its credential, two minutes by default.
AuthInfo=socket=$folder/run/munge.socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmdPidFile=$folder/run/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_interval=5,bf_interval=5,batch_sched_delay=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MpiDefault=pmix
ReturnToService=2
KillWait=5
MinJobAge=3600
InactiveLimit=0
EnforcePartLimits=ALL
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=$memory State=UNKNOWN
PartitionName=debug Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
# slurmd loads a control-group plugin even if nothing uses one; the default is fatal in a container, v1 starts everywhere.
printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' > "$folder/etc/cgroup.conf"
(umask 077 && head -c 1024 /dev/urandom > "$folder/etc/munge.key")
chmod 755 "$folder/etc" && chmod 644 "$folder"/etc/*.conf
export SLURM_CONF=$folder/etc/slurm.conf
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

munged --foreground --num-threads=2 --key-file="$folder/etc/munge.key" --socket="$folder/run/munge.socket" \
  --pid-file="$folder/run/munged.pid" --seed-file="$folder/run/munged.seed" --log-file="$folder/log/munged.log" \
  < /dev/null > "$folder/log/munged.out" 2>&1 &
munged_pid=$!
munge_works() { munge -n -S "$folder/run/munge.socket" | unmunge -S "$folder/run/munge.socket"; }
wait_for 20 munge_works || give_up "munged did not start"
slurmctld -D -c -f "$SLURM_CONF" < /dev/null > "$folder/log/slurmctld.out" 2>&1 &
controller_pid=$!
controller_answers() { timeout 5 scontrol ping | grep -q 'is UP'; }
wait_for 40 controller_answers || give_up "slurmctld did not start"
slurmd -D -c -f "$SLURM_CONF" < /dev/null > "$folder/log/slurmd.out" 2>&1 &
node_pid=$!
node_is_idle() { [ "$(timeout 5 sinfo -h -o %T)" = idle ]; }
wait_for 60 node_is_idle || give_up "the node did not become ready"

"$@" < /dev/null &
command_pid=$!
wait "$command_pid"
exit $?
