#!/usr/bin/env bash
# ngspice 39 has three calculators, and they do not agree on a chain of powers.
# Expected: 2^3^2 is one number: 512 where powers chain from the right (as in Fortran, Python and mathematics), 64 from the left.
# Seen: 64 in .param and in a B source, 512 in the control language of the same program, in the same run.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > deck.cir <<'END'
powers
.param p={2^3^2}
v1 param 0 {p}
b1 source 0 v=2^3^2
.control
op
print v(param) v(source) 2^3^2
quit 0
.endc
.end
END
seen=$(ngspice -n -b deck.cir 2> /dev/null | grep -E '^(v\(|2\^)')
expected='v(param) = 6.400000e+01
v(source) = 6.400000e+01
2^3^2 = 5.120000e+02'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
