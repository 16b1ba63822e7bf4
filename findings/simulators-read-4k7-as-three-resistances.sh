#!/usr/bin/env bash
# 4k7, as printed on drawings and exported by schematic editors, is another resistance in each of three simulators.
# Expected: 4.7 kohm, or an error.
# Seen: ngspice 39 reads 4k and drops the 7 without a word; gnucap (0.36, 20171003) asks "what's this?" and goes on with 7 ohms;
# @spice-ts/core 0.3.0 reads 4.7k.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1
dpkg -s gnucap-default-plugins0 > /dev/null 2>&1 || (apt-get update && apt-get install -y --no-install-recommends gnucap gnucap-default-plugins0) > install.log 2>&1
npm install --silent --no-audit --no-fund --ignore-scripts @spice-ts/core@0.3.0

cat > spice-ts.mjs <<'END'
import { readFileSync } from 'node:fs';
import { simulate } from '@spice-ts/core';

const { dc } = await simulate(readFileSync(process.argv[2], 'utf8'));
console.log(Number(dc.voltages.get(process.argv[3]).toPrecision(8)));
END

cat > deck.cir <<'END'
* a divider: 4k7 over 1k at 1 V
V1 a 0 1
R1 a b 4k7
R2 b 0 1000
.op
.end
END
ohms() { awk -v volts="$1" 'BEGIN { printf "%.0f ohms", 1000 * (1 / volts - 1) }'; }
by_ngspice=$(ngspice -n -b deck.cir 2> /dev/null | awk '$1 == "b" && !n++ { print $2 }')
sed 's/^\.op/.print op v(b)\n.op/' deck.cir > gnucap.cir
by_gnucap=$(gnucap -b gnucap.cir 2> /dev/null | tail -n 1 | awk '{ sub(/m$/, "e-3", $2); print $2 + 0 }')
seen="ngspice: $(ohms "$by_ngspice")
gnucap: $(ohms "$by_gnucap")
spice-ts: $(ohms "$(node spice-ts.mjs deck.cir b)")"
expected='ngspice: 4000 ohms
gnucap: 7 ohms
spice-ts: 4700 ohms'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
