#!/usr/bin/env bash
# npm @spice-ts/core 0.3.0: 1M is mega and 1m is milli.
# Expected: SPICE does not tell capitals from small letters: both are milli, and mega is meg.
# Seen: 1M ohm is 0.001 ohm in ngspice 39 and 1,000,000 ohm in spice-ts: nine orders of magnitude between two simulators of one netlist.
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
* 1 V over 1 kohm and 1M
V1 a 0 1
R1 a b 1k
R2 b 0 1M
.op
.end
END
seen="ngspice: $(ngspice -n -b deck.cir 2> /dev/null | awk '$1 == "b" && !n++ { print $2 }') V
spice-ts: $(node spice-ts.mjs deck.cir b) V"
expected='ngspice: 9.999990e-07 V
spice-ts: 0.999001 V'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
