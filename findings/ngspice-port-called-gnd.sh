#!/usr/bin/env bash
# ngspice 39: a port of a subcircuit that is called gnd is ground, whatever is connected to it.
# Expected: the formal name of a port is local. The two subcircuits below differ in nothing but the name of their second port.
# Seen: with "low" the divider hangs between 1 V and 0.5 V, and 0.25 mA flow; with "gnd" its end is tied to node 0 and 0.5 mA flow, while
# the node given in the call is left alone. No message.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > deck.cir <<'END'
ports
.subckt with_low high low
r1 high low 2k
.ends
.subckt with_gnd high gnd
r1 high gnd 2k
.ends
vhigh high 0 1
vlow low 0 0.5
va high a 0
xa a low with_low
vb high b 0
xb b low with_gnd
.control
op
print i(va) i(vb)
quit 0
.endc
.end
END
seen=$(ngspice -n -b deck.cir 2> /dev/null | grep '^i(')
expected='i(va) = 2.500000e-04
i(vb) = 5.000000e-04'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
