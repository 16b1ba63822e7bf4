#!/usr/bin/env bash
# npm @spice-ts/core 0.3.0: the first line of a netlist is no title but a statement.
# Expected: SPICE's oldest rule: line 1 is a comment, whatever it says.
# Seen: the title "R2R ladder 0 10k" becomes a resistor of 10 kohm and the divider below it, 1 V over 10 kohm, gives 0.5 V where ngspice 39
# finds 1 V. (A title that looks like no device is refused, which is seen at once.)
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
R2R ladder 0 10k
V1 a 0 1
R1 a ladder 10k
.op
.end
END
seen="ngspice: $(ngspice -n -b deck.cir 2> /dev/null | awk '$1 == "ladder" && !n++ { print $2 + 0 }') V
spice-ts: $(node spice-ts.mjs deck.cir ladder) V"
expected='ngspice: 1 V
spice-ts: 0.5 V'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
