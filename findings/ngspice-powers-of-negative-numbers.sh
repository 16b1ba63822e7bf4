#!/usr/bin/env bash
# ngspice 39: the cube of -2 depends on the function's name and on where it stands.
# Expected: pwr keeps the sign or drops it, but the same everywhere, and pow is the power function.
# Seen: pwr(-2,3) is 8 in .param and -8 in a B source; pow(-2,3) is 8 in a B source; and (-2)**0.5, which has no real value,
# is 1.414 in .param, without a word: the magnitude is taken.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > deck.cir <<'END'
powers
.param p={pwr(-2,3)} h={(-2)**0.5}
v1 param_pwr 0 {p}
v2 param_half 0 {h}
b1 source_pwr 0 v=pwr(-2,3)
b2 source_pow 0 v=pow(-2,3)
.control
op
print v(param_pwr) v(source_pwr) v(source_pow) v(param_half)
quit 0
.endc
.end
END
seen=$(ngspice -n -b deck.cir 2> /dev/null | grep '^v(')
expected='v(param_pwr) = 8.000000e+00
v(source_pwr) = -8.00000e+00
v(source_pow) = 8.000000e+00
v(param_half) = 1.414214e+00'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
