#!/usr/bin/env bash
# ngspice 39: a subcircuit sees the parameters of whoever calls it.
# Expected: the resistor of "unit", which has no parameter w of its own, is 10k over the global w, 1k. Names are looked up where the
# text stands.
# Seen: it is 10k over the w of the cell that calls it, 2.5k. The same subcircuit, called from elsewhere, is another resistor; a library
# cell changes when a caller happens to name a parameter as the library names a global one.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > deck.cir <<'END'
scope
.param w=10
.subckt unit a b
r1 a b {10k/w}
.ends
.subckt cell a b w=2
x1 a b unit
.ends
i1 0 direct 1
x1 direct 0 unit
i2 0 called 1
x2 called 0 cell w=4
.control
op
print v(direct) v(called)
quit 0
.endc
.end
END
seen=$(ngspice -n -b deck.cir 2> /dev/null | grep '^v(')
expected='v(direct) = 1.000000e+03
v(called) = 2.500000e+03'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
