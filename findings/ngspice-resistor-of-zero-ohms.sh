#!/usr/bin/env bash
# A resistor of 0 ohms is 1 milliohm in ngspice 39 and 1 picoohm in ngspice 45.
# Expected: a short, or an error; or at least the same in both.
# Seen: 1 V across it drives 1 kA in 39.3 (Debian 12) and 1 TA in 45.2 (npm eecircuit-engine 1.8.0). In a 1 ohm sense resistor's place
# the older one is 0.1 % off, and no result says so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1
npm install --silent --no-audit --no-fund --ignore-scripts eecircuit-engine@1.8.0

cat > deck.cir <<'END'
short
v1 a 0 1
r1 a 0 0
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
say(`${(-data.find(({ name }) => name === 'i(v1)').values[0]).toExponential(3)} A`);
process.exit(0);
END

binary=$(ngspice -n -b deck.cir 2> /dev/null | awk '/v1#branch/ && !n++ { printf "%.3e A", -$2 }')
seen="ngspice 39: $binary
ngspice 45: $(node engine.mjs deck.cir)"
expected='ngspice 39: 1.000e+03 A
ngspice 45: 1.000e+12 A'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
