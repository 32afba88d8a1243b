#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The page of `kedge report` in headless Chromium, its boxes clicked by report_clicks.js: curves must vanish and come back, and
# nothing may be fetched. Exit code 77 (skipped) with the reason where Chromium is missing or cannot start.
# KEDGE_PROGRAM and KEDGE_SOURCE_DIR come from CTest.
set -u

skip() {
  echo "SKIPPED: no Chromium: $*"
  exit 77
}
fail() {
  echo "FAILED: $*"
  exit 1
}

command -v chromium > /dev/null || skip "it is not installed (apt-get install chromium)"
work=$(mktemp -d "${TMPDIR:-/tmp}/kedge-report-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# HOME, since Chromium writes more than its profile. As root it starts without its sandbox only; containers have a small /dev/shm.
browse() {
  HOME=$work timeout 60 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --disable-background-networking --disable-component-update --user-data-dir="$work/profile" --hide-scrollbars \
    --window-size=1200,2400 "$@" 2> "$work/chromium.log"
}
printf '<!DOCTYPE html><p>it starts</p>' > start.html
browse --dump-dom "file://$work/start.html" | grep -q 'it starts' || skip "it does not start: $(tail -n 1 chromium.log)"

# Two sites (the boron atoms of a row B B H) and three cases.
printf '3\nBBH\nB 0 0 0\nB 0 0 1.6\nH 0 0 2.8\n' > bbh.xyz
cat > job.ini << INPUT
[structure]
file = bbh.xyz
absorber = B
radius = 4
[absorber]
screening = 1, 0.8, 0.6
[energy]
grid = 0:0.5:20
fermi = -5
[xrs]
q = 4.5, 2
[engine]
kind = ms
INPUT
"$KEDGE_PROGRAM" run job.ini > run.log 2>&1 || fail "kedge run: $(tail -n 3 run.log)"
"$KEDGE_PROGRAM" export job.h5 --output job > export.log || fail "kedge export"
awk '!/^#/ { print $1, $4 }' job_sum.dat > measured.dat
"$KEDGE_PROGRAM" report job.h5 --data measured.dat --output page.html > report.log 2>&1 || fail "kedge report: $(cat report.log)"

# with_script FILE SCRIPT: the page with one more script at its end
with_script() {
  sed '/<\/body>/,$d' page.html
  printf '<script>\n%s\n</script>\n</body>\n</html>\n' "$1"
}
with_script "$(cat "$KEDGE_SOURCE_DIR/tests/e2e/report_clicks.js")" > clicked.html
browse --dump-dom "file://$work/clicked.html" > dom.html || fail "Chromium: $(tail -n 1 chromium.log)"
told=$(sed -n 's/.*<pre id="clicks">\(.*\)<\/pre>.*/\1/p' dom.html)
[ "$told" = "all is well" ] || fail "the page in Chromium: ${told:-no result}"

# What is seen changes as well: the same part of the page with all cases and with none.
browse --screenshot="$work/all.png" "file://$work/page.html" > /dev/null
with_script 'document.querySelector("button[name=case][value=none]").click();' > none.html
browse --screenshot="$work/none.png" "file://$work/none.html" > /dev/null
[ -s all.png ] && [ -s none.png ] || fail "no screenshot"
cmp -s all.png none.png && fail "the page looks the same with all cases and with none"
echo "passed: boxes show and hide curves, nothing is fetched"
