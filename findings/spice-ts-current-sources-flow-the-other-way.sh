#!/usr/bin/env bash
# npm @spice-ts/core 0.3.0: a current source has the opposite sign of SPICE.
# Expected: "I1 0 a 1m" takes 1 mA out of node 0, through the source, into node a, and lifts a 1 kohm resistor there to +1 V, as in
# every SPICE since Berkeley's.
# Seen: ngspice 39 finds +1 V and spice-ts -1 V in the same deck.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1
npm install --silent --no-audit --no-fund --ignore-scripts @spice-ts/core@0.3.0

cat > spice-ts.mjs <<'END'
import { readFileSync } from 'node:fs';
import { simulate } from '@spice-ts/core';

const { dc } = await simulate(readFileSync(process.argv[2], 'utf8'));
console.log(Number(dc.voltages.get(process.argv[3]).toPrecision(8)));
END

cat > deck.cir <<'END'
* 1 mA into 1 kohm
I1 0 a 1m
R1 a 0 1k
.op
.end
END
seen="ngspice: $(ngspice -n -b deck.cir 2> /dev/null | awk '$1 == "a" && !n++ { print $2 + 0 }') V
spice-ts: $(node spice-ts.mjs deck.cir a) V"
expected='ngspice: 1 V
spice-ts: -1 V'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
