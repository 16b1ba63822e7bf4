#!/usr/bin/env bash
# m= on a subcircuit call: ngspice 39 multiplies the resistors in it and not the B sources, ngspice 45 both.
# Expected: three copies in parallel draw three times the current, in every version.
# Seen: the subcircuit draws 1 mA through a resistor and 1 mA through a B source. With m=3 ngspice 39.3 (Debian 12) finds 4 mA, ngspice 45.2
# (npm eecircuit-engine 1.8.0) 6 mA.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1
npm install --silent --no-audit --no-fund --ignore-scripts eecircuit-engine@1.8.0

cat > deck.cir <<'END'
multiplier
.subckt load a
r1 a 0 1k
b1 a 0 i=v(a)*0.001
.ends
v1 a 0 1
x1 a load m=3
.op
.end
END

cat > engine.mjs <<'END'
import { readFileSync } from 'node:fs';
import { Simulation } from 'eecircuit-engine';

const say = console.log;
for (const method of ['log', 'info', 'warn', 'error', 'debug']) console[method] = () => undefined;
const simulation = new Simulation();
await simulation.start();
simulation.setNetList(readFileSync(process.argv[2], 'utf8'));
const { data } = await simulation.runSim();
say(`${(-1e3 * data.find(({ name }) => name === 'i(v1)').values[0]).toFixed(3)} mA`);
process.exit(0);
END

binary=$(ngspice -n -b deck.cir 2> /dev/null | awk '/v1#branch/ && !n++ { printf "%.3f mA", -1000 * $2 }')
seen="ngspice 39: $binary
ngspice 45: $(node engine.mjs deck.cir)"
expected='ngspice 39: 4.000 mA
ngspice 45: 6.000 mA'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
