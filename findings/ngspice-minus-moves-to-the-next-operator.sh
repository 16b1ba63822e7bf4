#!/usr/bin/env bash
# ngspice 39: in .param and braces, a minus between an operator and a name is applied to the operator behind the name.
# Expected: with k=7, 20*-k+500 is 20*(-7)+500 = 360, as it is with the digit in place of the name and with brackets.
# Seen: -360, that is 20*7-500, without a warning. 20*(-k)+500 and 20*-7+500 are 360.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > deck.cir <<'END'
minus
.param k=7
v1 bare 0 {20*-k+500}
v2 digit 0 {20*-7+500}
v3 brackets 0 {20*(-k)+500}
.control
op
print v(bare) v(digit) v(brackets)
quit 0
.endc
.end
END
seen=$(ngspice -n -b deck.cir 2> /dev/null | grep '^v(')
expected='v(bare) = -3.60000e+02
v(digit) = 3.600000e+02
v(brackets) = 3.600000e+02'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
