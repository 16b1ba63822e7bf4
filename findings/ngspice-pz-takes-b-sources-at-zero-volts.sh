#!/usr/bin/env bash
# ngspice 39: .pz linearises behavioural sources at 0 V, not at the operating point.
# Expected: poles are those of the circuit at its operating point, as ac finds it. Here v(x) is 1 V, the source's conductance is 2 mS
# there, with 1 mS of the resistor and 1 uF the pole is at -3000 rad/s.
# Seen: ac agrees (a gain of 1/3 at low frequency), and pz says -1000 rad/s, the pole with the source left out: its slope at 0 V is 0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > deck.cir <<'END'
poles
v1 in 0 dc 2 ac 1
r1 in x 1k
b1 x 0 i=1m*v(x)^2
c1 x 0 1u
.control
op
print v(x)
ac lin 1 1u 1u
print mag(v(x))
pz in 0 x 0 vol pol
print all
quit 0
.endc
.end
END
seen=$(ngspice -n -b deck.cir 2> /dev/null | grep -E '^(v\(x\)|mag|all)')
expected='v(x) = 1.000000e+00
mag(v(x)) = 3.333333e-01
all = -1.00000e+03,0.000000e+00'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
