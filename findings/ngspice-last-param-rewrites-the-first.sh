#!/usr/bin/env bash
# ngspice 39: a parameter that is set again later changes what was computed from it before.
# Expected: lines are read from the top: b is made from the a that stands above it (1k), as in a script, or the second .param of the
# same name is an error.
# Seen: the last definition holds for the whole netlist, before it and after: b is 2k. An include at the end of a netlist can
# change every resistor above it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > deck.cir <<'END'
order
.param a=1k
.param b={a}
i1 0 early 1
r1 early 0 {b}
.param a=2k
i2 0 late 1
r2 late 0 {a}
.control
op
print v(early) v(late)
quit 0
.endc
.end
END
seen=$(ngspice -n -b deck.cir 2> /dev/null | grep '^v(')
expected='v(early) = 2.000000e+03
v(late) = 2.000000e+03'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
