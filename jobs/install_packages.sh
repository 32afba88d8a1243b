#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Installs the Debian 12 packages that kedge needs, only those that are missing. Run as root, or with sudo at hand.
# docs/dependencies.md says what each is for. Arguments: other packages to install instead.
set -eu

packages="build-essential cmake ninja-build pkg-config git ca-certificates
  openmpi-bin libopenmpi-dev petsc-dev libpetsc-real-dev libmumps-dev libscalapack-openmpi-dev
  libhdf5-openmpi-dev libboost-program-options-dev libeigen3-dev libfmt-dev libxc-dev libsymspg-dev
  gemmi-dev tao-pegtl-dev libstb-dev libopenblas0-serial libopenblas-serial-dev
  libgtest-dev libgmock-dev librsvg2-bin"

[ $# -eq 0 ] || packages=$*
command -v apt-get > /dev/null || {
  echo "No apt-get here: kedge is built on Debian 12. Packages wanted:" $packages >&2
  exit 1
}
missing=""
for package in $packages; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || { echo "All Debian packages are installed."; exit 0; }

echo "Installing (up to 300 MB to fetch, 1.4 GB on disk):$missing"
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Become root or install sudo, then run this again." >&2; exit 1; }
  as_root="sudo"
fi
# Shown only if something fails: the scripts of some packages print what reads like errors and is none.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086  # one word per package
if ! { $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 $missing; } > "$log" 2>&1; then
  cat "$log" >&2
  echo "The Debian packages could not be installed; what apt-get said stands above." >&2
  exit 1
fi
echo "All Debian packages are installed."
