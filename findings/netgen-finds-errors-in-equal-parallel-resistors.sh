#!/usr/bin/env bash
# netgen-lvs 1.5.133: a netlist compared with a copy of itself has "Property errors" where two different resistors are in parallel.
# Expected: a file and its copy match.
# Seen: the circuits match uniquely and property errors are found, without a line that names a device or a value; with the two resistors in series
# there are none.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v netgen-lvs > /dev/null || (apt-get update && apt-get install -y --no-install-recommends netgen-lvs) > install.log 2>&1

printf '.subckt net in out\nR1 in out 1k\nR2 in out 2k\n.ends\n' > parallel.spice
printf '.subckt net in out\nR1 in mid 1k\nR2 mid out 2k\n.ends\n' > series.spice
compare() {
  cp "$1.spice" "$1-copy.spice"
  netgen-lvs -batch lvs "$1.spice net" "$1-copy.spice net" nosetup "$1.out" > "$1.log" 2>&1
  printf '%s: %s %s\n' "$1" "$(grep -m 1 'match uniquely' "$1.out")" "$(grep -m 1 'Property errors' "$1.out" || echo 'No property errors.')"
}
seen=$(compare series; compare parallel)
expected='series: Circuits match uniquely. No property errors.
parallel: Circuits match uniquely. Property errors were found.'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
