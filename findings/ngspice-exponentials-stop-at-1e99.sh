#!/usr/bin/env bash
# ngspice 39: exp() in a B source stops at 1e99, without a word.
# Expected: ln(1+exp(600)), the smooth ramp of many transistor laws, is 600: float64 reaches e^709, and .param and the control language agree.
# Seen: 227.96 in a B source, because exp(x) is 1e99 for every x above 227.96: the drain current of such a law is level from there on.
# max(x,0)+ln(1+exp(-abs(x))), which is the same function, is 600.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > deck.cir <<'END'
exponentials
v1 x 0 600
b1 source_exp 0 v=exp(v(x))
b2 source_ramp 0 v=ln(1+exp(v(x)))
b3 source_other 0 v=max(v(x),0)+ln(1+exp(-abs(v(x))))
.param p={ln(1+exp(600))}
v2 param_ramp 0 {p}
.control
op
print v(source_exp) v(source_ramp) v(source_other) v(param_ramp)
quit 0
.endc
.end
END
seen=$(ngspice -n -b deck.cir 2> /dev/null | grep '^v(')
expected='v(source_exp) = 1.000000e+99
v(source_ramp) = 2.279559e+02
v(source_other) = 6.000000e+02
v(param_ramp) = 6.000000e+02'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
