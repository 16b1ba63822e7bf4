#!/usr/bin/env bash
# netgen-lvs 1.5.133: two resistors that differ by 0.9 % are equal, and nothing says that they differ.
# Expected: a layout-versus-schematic check compares values, or prints the tolerance that it allows.
# Seen: 1k against 1.009k "match uniquely" without a word; 1.02k is a property error. The cutoff of 1 % is printed with the first error and not
# before, and a weight printed 0.9 % off is outside what a calibrated network was tuned to.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v netgen-lvs > /dev/null || (apt-get update && apt-get install -y --no-install-recommends netgen-lvs) > install.log 2>&1

netlist() { printf '.subckt net in out\nR1 in mid 1k\nR2 mid out %s\n.ends\n' "$1"; }
netlist 1k > drawn.spice
compare() {
  netlist "$1" > "other.spice"
  netgen-lvs -batch lvs "drawn.spice net" "other.spice net" nosetup "other.out" > "other.log" 2>&1
  errors=$(grep -m 1 'Property errors' other.out || echo 'no errors')
  cutoff=$(grep -q cutoff other.out other.log && echo named || echo 'not named')
  printf '%s: %s, cutoff %s\n' "$1" "$errors" "$cutoff"
}
seen=$(compare 1.009k; compare 1.02k)
expected='1.009k: no errors, cutoff not named
1.02k: Property errors were found., cutoff named'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
