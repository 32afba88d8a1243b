#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Computes what benchmarks/coverage.cpp works on: the boron K edge of the ion pair by multiple scattering for
# 5 screenings x 5 places of Na (moved along the line from the middle of the cage, Angstrom), and one truth between them.
# Absorbers 7, 9 and 12. Cluster, muffin tins, partial waves and Fermi level are held: chosen by rule they change in steps
# when Na moves, and a spectrum with steps cannot be interpolated. The level lies below the first empty state of all cases.
# Steps of 0.02 eV where resonances lie that are 0.1 eV wide: over wider steps their areas change as they move.
# About 12 minutes on one core. One absorber in a small cluster, where resonances are wide and the counted level moves evenly
# with the screening: 12 3.2 auto "-2:0.1:9, 9.5:0.5:22", 2 minutes.
#     make_cases.sh KEDGE FOLDER [ABSORBERS RADIUS FERMI GRID]
set -eu
kedge=$1
folder=$2
absorbers=${3:-7,9,12}
radius=${4:-8}
fermi=${5:--12}
grid=${6:--2:0.5:3.5, 3.8:0.02:6.8, 6.85:0.05:8, 8.1:0.1:12, 12.5:0.5:22}
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
    --set "energy.grid=$grid" --set energy.fermi="$fermi" \
    --set structure.absorber="$absorbers" --set structure.radius="$radius" --set engine.ms_lmax=3 \
    --set potential.muffin_tin_radius=B:0.85,C:0.75,H:0.33,Na:1.2 \
    --set absorber.screening="$3" --output "$folder/$1.h5" > "$folder/$1.log"
}

for distance in -0.2 -0.1 0.0 0.1 0.2; do run "na_$distance" "$distance" 0.8,0.75,0.7,0.65,0.6; done
run truth 0.06 0.68
