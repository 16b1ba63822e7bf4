#!/usr/bin/env bash
# A node called gnd is ground in one of three SPICE simulators.
# Expected: gnd is another name of node 0, as in every netlist that a schematic editor exports.
# Seen: 1 V over two resistors of 1 kohm whose far end is called gnd: ngspice 39 finds 0.5 V between them, gnucap (20171003) and
# @spice-ts/core 0.3.0 find 1 V, because gnd floats there. None of the three says anything.
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
* a divider whose far end is called gnd
V1 a 0 1
R1 a b 1000
R2 b gnd 1000
.op
.end
END
by_ngspice=$(ngspice -n -b deck.cir 2> /dev/null | awk '$1 == "b" && !n++ { print $2 + 0 }')
sed 's/^\.op/.print op v(b)\n.op/' deck.cir > gnucap.cir
by_gnucap=$(gnucap -b gnucap.cir 2> /dev/null | tail -n 1 | awk '{ sub(/m$/, "e-3", $2); print $2 + 0 }')
seen="ngspice: $by_ngspice V
gnucap: $by_gnucap V
spice-ts: $(node spice-ts.mjs deck.cir b) V"
expected='ngspice: 0.5 V
gnucap: 1 V
spice-ts: 1 V'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
