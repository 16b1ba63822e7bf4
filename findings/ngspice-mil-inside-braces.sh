#!/usr/bin/env bash
# ngspice 39: the suffix mil (a thousandth of an inch) is one number outside braces and another inside.
# Expected: 1mil is 25.4e-6 wherever a number may stand.
# Seen: 1mil as a value is 25.4e-6, and {1mil} is 1e-3: within braces the m is read as milli and "il" is dropped. A width in mils
# that is moved into a .param grows by a factor of 39.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > deck.cir <<'END'
mil
v1 plain 0 1mil
v2 braces 0 {1mil}
.control
op
print v(plain) v(braces)
quit 0
.endc
.end
END
seen=$(ngspice -n -b deck.cir 2> /dev/null | grep '^v(')
expected='v(plain) = 2.540000e-05
v(braces) = 1.000000e-03'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
