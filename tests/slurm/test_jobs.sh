#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The job scripts on a real Slurm: test_jobs.sh NAME, run by slurm_localhost.sh. NAME is one of the functions test_NAME below.
# KEDGE_PROGRAM and KEDGE_SOURCE_DIR come from CTest.
set -u

jobs=$KEDGE_SOURCE_DIR/jobs/slurm
work=$(mktemp -d "${TMPDIR:-/tmp}/kedge-jobs-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
# The test machine may have fewer cores than the jobs have ranks, and others use them.
export KEDGE_MPIRUN_OPTIONS="--bind-to none --oversubscribe"
number=
small="--nodes=1 --ntasks=2 --mem-per-cpu=200M --time=5"

fail() {
  echo "FAILED: $*"
  tail -n 20 ./*.log 2> /dev/null
  exit 1
}

# Numbers of energies: `count done FILE`
count() { "$KEDGE_PROGRAM" info "$2" 2> /dev/null | sed -n "s/^Energies:.* \([0-9]*\) $1.*/\1/p"; }

# write_input NAME ENERGIES: two cases of one boron atom by multiple scattering
write_input() {
  printf '2\nBH\nB 0 0 0\nH 0 0 1.23\n' > bh.xyz
  cat > "$1.ini" << INPUT
[structure]
file = bh.xyz
absorber = B
radius = 4
[absorber]
screening = 1, 0.5
[energy]
grid = 0:$2
fermi = -5
[xrs]
q = 4.5
[engine]
kind = ms
INPUT
}

# submit sbatch arguments: prints the number of the job
submit() { sbatch --parsable "$@" || fail "sbatch $*"; }

# submit_and_wait EXPECTED_EXIT_CODE sbatch arguments
submit_and_wait() {
  local wanted=$1 code
  shift
  number=$(submit "$@") || exit 1
  wait_until 250 is_over "$number"  # sbatch --wait looks after 2, 6, 14, 30 s
  code=$(all_of "$number" ExitCode | sort -n | sed -n '$ s/:.*//p')  # the highest of an array
  [ "$code" -eq "$wanted" ] || fail "exit code $code of sbatch $*, wanted $wanted"
}

# wait_until SECONDS COMMAND...
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "waited in vain for: $*"
    sleep 0.3
  done
}

# What Slurm says of a job: `all_of NUMBER JobState`, one line for each task of an array
all_of() { scontrol -o show job "$1" | sed -n "s/.* $2=\([^ ]*\).*/\1/p"; }
state() { all_of "$1" "$2" | head -n 1; }
has_some_done() { [ "$(count done "$1")" -gt "${2:-5}" ]; }
is_over() { # all tasks
  local states
  states=$(all_of "$1" JobState)
  [ -n "$states" ] && ! grep -qvE '^(COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL)$' <<< "$states"
}

expect_complete() { # FILE ENERGIES
  [ -f "$1" ] || fail "no file $1"
  [ "$(count done "$1")" = "$2" ] || fail "$1 has $(count done "$1") energies done, wanted $2"
}

test_submit() {
  write_input job 1:20
  # shellcheck disable=SC2086
  submit_and_wait 0 $small "$jobs/single_node.sbatch" job.ini
  expect_complete job.h5 42
  # Several nodes: the same script with one node, which is all there is here.
  # shellcheck disable=SC2086
  submit_and_wait 0 $small --ntasks-per-node=2 "$jobs/several_nodes.sbatch" job.ini --output several.h5
  expect_complete several.h5 42
}

# The line that `kedge check` prints, as it is, but for the place of the scripts.
test_check_line() {
  write_input job 1:20
  local line
  line=$("$KEDGE_PROGRAM" check job.ini | sed -n 's|^  sbatch \(.*\) jobs/slurm/|\1 '"$jobs"'/|p' | head -n 1)
  [ -n "$line" ] || fail "kedge check prints no sbatch line"
  # shellcheck disable=SC2086
  submit_and_wait 0 $line
  expect_complete job.h5 42
}

test_exit_codes() {
  write_input job 1:20
  # shellcheck disable=SC2086
  submit_and_wait 2 $small "$jobs/single_node.sbatch" job.ini --set engine.kind=kkr
  # shellcheck disable=SC2086
  submit_and_wait 3 $small "$jobs/requeue.sbatch" job.ini --output no/folder.h5
  [ "$(state "$number" Restarts)" = 0 ] || fail "a job that failed went back into the queue"
  # The limit of the run is nearer than that of the job, and single_node.sbatch does not go on by itself.
  # shellcheck disable=SC2086
  submit_and_wait 75 $small "$jobs/single_node.sbatch" job.ini --set parallel.time_limit=0:00:01
}

test_array() {
  write_input job 1:10
  printf '2\nBH longer\nB 0 0 0\nH 0 0 1.30\n' > longer.xyz
  printf 'bh.xyz\nlonger.xyz\n' > structures
  # shellcheck disable=SC2086
  submit_and_wait 0 $small --array=1-2 "$jobs/array.sbatch" job.ini structures
  expect_complete job_1.h5 22
  expect_complete job_2.h5 22
  # shellcheck disable=SC2086
  submit_and_wait 2 $small --array=3 "$jobs/array.sbatch" job.ini structures
}

# The job learns its end from Slurm, stops before it and goes back into the queue; then the test ends it.
test_time_limit() {
  write_input job 0.0005:20  # more than any machine does in a minute
  # CONT, which changes nothing, in place of USR1: kedge has to see the limit by itself.
  # shellcheck disable=SC2086
  number=$(submit $small --ntasks=1 --time=1 --signal=B:CONT@1 "$jobs/requeue.sbatch" job.ini)
  wait_until 150 grep -q 'start 1' kedge_"$number".log
  grep -q 'the time limit is near' kedge_"$number".log || fail "no word of the time limit"
  grep -q 'exit code 75' kedge_"$number".log || fail "no exit code 75"
  scancel "$number"
  wait_until 60 is_over "$number"
  has_some_done job.h5.part || fail "nothing was done before the limit"
}

# USR1 from Slurm's own timer, which comes up to a minute early: stop, back into the queue, go on, end.
test_signal_and_requeue() {
  write_input job 0.02:20
  # Two minutes less 115 s: the signal is due after 5 s and comes within 30 s.
  # shellcheck disable=SC2086
  number=$(submit $small --ntasks=1 --time=2 --signal=B:USR1@115 "$jobs/requeue.sbatch" job.ini --set energy.grid=0:0.0005:20)
  wait_until 60 grep -q 'exit code 75' kedge_"$number".log
  grep -q 'the time limit is near' kedge_"$number".log && fail "the time limit came before the signal"
  scancel "$number"
  wait_until 60 is_over "$number"
  before=$(count done job.h5.part)
  [ "$before" -gt 0 ] || fail "nothing was done before the signal"
  # The same signal sent by hand, without the wait for the timer; then resume to completion.
  # shellcheck disable=SC2086
  number=$(submit $small "$jobs/requeue.sbatch" job.ini --output other.h5)
  wait_until 60 has_some_done other.h5.part
  scancel -b -s USR1 "$number"
  wait_until 120 is_over "$number"
  expect_complete other.h5 2002
  [ "$(state "$number" Restarts)" = 1 ] || fail "Restarts=$(state "$number" Restarts), wanted 1"
  [ "$(state "$number" ExitCode)" = 0:0 ] || fail "ExitCode=$(state "$number" ExitCode)"
}

# A job that the system takes off its node in the middle: TERM, then KILL, no time to say goodbye.
test_preemption() {
  write_input job 0.02:20
  # shellcheck disable=SC2086
  number=$(submit $small "$jobs/requeue.sbatch" job.ini)
  wait_until 150 has_some_done job.h5.part 50
  scontrol requeue "$number" || fail "scontrol requeue"
  wait_until 120 is_over "$number"
  expect_complete job.h5 2002
  [ "$(state "$number" Restarts)" -ge 1 ] || fail "not restarted"
}

# The campaigns of inputs/, shortened: multiple scattering, three energies, one absorber, fewer values.
test_campaigns() {
  local inputs=$KEDGE_SOURCE_DIR/inputs/nacb11h12
  local short="--set engine.kind=ms --set energy.grid=0,4,8"
  # shellcheck disable=SC2086
  submit_and_wait 0 $small "$jobs/requeue.sbatch" "$inputs/campaign_B_screening_dilatorb.ini" $short --set structure.absorber=12 \
    --set absorber.screening=1,0.1 --set absorber.dilatorb=0,1
  expect_complete campaign_B_screening_dilatorb.h5 12
  # shellcheck disable=SC2086
  submit_and_wait 0 $small "$jobs/requeue.sbatch" "$inputs/campaign_C_positions.ini" $short
  expect_complete campaign_C_positions.h5 36
  # shellcheck disable=SC2086
  submit_and_wait 0 $small "$jobs/requeue.sbatch" "$inputs/campaign_Na_displaced.ini" $short --set structure.absorber=12
  expect_complete campaign_Na_displaced.h5 27
  # One input of three parts.
  # shellcheck disable=SC2086
  submit_and_wait 0 $small "$jobs/requeue.sbatch" "$inputs/campaign_180.ini" $short --set energy.fermi=-7.2 \
    --set cases.combine=product --set absorber.screening=1 --set absorber.dilatorb=0 --set structure.swap=none
  expect_complete campaign_180_B.h5 33
  expect_complete campaign_180_C.h5 3
  expect_complete campaign_180_Na.h5 3
}

"test_$1"
echo "passed: $1"
