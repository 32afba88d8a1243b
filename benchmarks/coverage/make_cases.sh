#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Computes what benchmarks/coverage.cpp works on: the boron K edge of the ion pair by multiple scattering for
# 5 screenings x 5 places of Na (moved along the line from the middle of the cage, Angstrom), and one truth between them.
# About 13 minutes on one core.      make_cases.sh KEDGE FOLDER
set -eu
kedge=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
inputs=$here/../../inputs/nacb11h12
mkdir -p "$folder"

# move FILE DISTANCE: Na away from the mean place of C and B
move() {
  awk -v d="$2" '
    { line[NR] = $0; name[NR] = $1; x[NR] = $2; y[NR] = $3; z[NR] = $4 }
    END {
      for (i = 3; i <= NR; ++i) {
        if (name[i] == "C" || name[i] == "B") { n++; cx += x[i]; cy += y[i]; cz += z[i] }
        if (name[i] == "Na") na = i
      }
      ux = x[na] - cx / n; uy = y[na] - cy / n; uz = z[na] - cz / n
      u = sqrt(ux * ux + uy * uy + uz * uz)
      for (i = 1; i <= NR; ++i) {
        if (i == na) printf "Na %.8f %.8f %.8f\n", x[i] + d * ux / u, y[i] + d * uy / u, z[i] + d * uz / u
        else print line[i]
      }
    }' "$inputs/NaCB11H12_molecule.xyz" > "$1"
}

run() {  # NAME DISTANCE SCREENING
  [ ! -e "$folder/$1.h5" ] || return 0
  move "$folder/$1.xyz" "$2"
  "$kedge" run "$inputs/molecule_B_K_ms.ini" --set structure.file="$folder/$1.xyz" \
    --set absorber.screening="$3" --output "$folder/$1.h5" > "$folder/$1.log"
}

for distance in -0.2 -0.1 0.0 0.1 0.2; do run "na_$distance" "$distance" 0.8,0.75,0.7,0.65,0.6; done
run truth 0.06 0.68
