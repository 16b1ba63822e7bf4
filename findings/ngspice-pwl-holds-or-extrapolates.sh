#!/usr/bin/env bash
# ngspice 39: a piecewise linear table ends in two ways, by where it stands.
# Expected: PWL(0 0 1 1) holds its last value beyond the last point, everywhere.
# Seen: a voltage source holds 1 V from 1 s on; the function pwl(v,0,0,1,1) of a B source goes on along its last piece and gives 3 V at
# 3 V. A saturating curve given as a table does not saturate.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > deck.cir <<'END'
tables
v1 source 0 pwl(0 0 1 1)
v2 in 0 3
b1 function 0 v=pwl(v(in),0,0,1,1)
.control
tran 0.1 3
let source_at_3 = v(source)[length(time)-1]
let function_at_3 = v(function)[length(time)-1]
print source_at_3 function_at_3
quit 0
.endc
.end
END
seen=$(ngspice -n -b deck.cir 2> /dev/null | grep '_at_3 =')
expected='source_at_3 = 1.000000e+00
function_at_3 = 3.000000e+00'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
