#!/usr/bin/env bash
# npm eecircuit-engine 1.8.0 (ngspice 45.2): the solver KLU is built in, and a circuit is solved without it unless .options klu asks.
# Expected: an ngspice that has KLU uses it, or the two solvers take about the same time for a linear circuit.
# Seen: for a crossbar of 64 rows and 64 columns with the resistance of its wires (8,256 nodes) the log says Sparse 1.3; with .options klu it takes
# less than half of the time, and the more nodes the less. The voltages agree.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts eecircuit-engine@1.8.0

cat > run.mjs <<'END'
import { Simulation } from 'eecircuit-engine';

const say = console.log;
for (const method of ['log', 'info', 'warn', 'error', 'debug']) console[method] = () => undefined;
const n = 64;
const lines = [];
for (let row = 0; row < n; row += 1) {
  lines.push(`v${row} a${row}_0 0 ${(row % 7) / 7}`);
  for (let column = 0; column < n; column += 1) {
    lines.push(`rw${row}_${column} a${row}_${column} a${row}_${column + 1} 5`);
    lines.push(`rx${row}_${column} a${row}_${column + 1} b${row}_${column} ${100 + ((row * 31 + column * 17) % 70)}k`);
    lines.push(`rv${row}_${column} b${row}_${column} b${row + 1}_${column} 5`);
  }
}
for (let column = 0; column < n; column += 1) lines.push(`rt${column} b${n}_${column} 0 1k`);
const simulation = new Simulation();
await simulation.start();
const run = async (options) => {
  simulation.setNetList(`crossbar\n${lines.join('\n')}\n${options}\n.op\n.end`);
  const start = process.cpuUsage();
  const { data, variableNames } = await simulation.runSim();
  const { user, system } = process.cpuUsage(start);
  const log = simulation.getInfo();
  const at = variableNames.findIndex((name) => /b64_0/.test(name));
  return { seconds: (user + system) / 1e6, volts: data[at].values[0], log };
};
await run('');
const [plain, klu] = [await run(''), await run('.options klu')];
say(`unasked ${plain.seconds.toFixed(2)} s, klu ${klu.seconds.toFixed(2)} s, ${plain.volts} and ${klu.volts} V`);
const isFaster = plain.seconds > 2 * klu.seconds;
const isSame = Math.abs(plain.volts - klu.volts) < 1e-9;
say(`${isFaster ? 'klu takes less than half' : 'klu takes as long'}, ${isSame ? 'the same volts' : 'other volts'}`);
process.exit(0);
END
node run.mjs > seen.txt
cat seen.txt
if [ "$(tail -n 1 seen.txt)" != 'klu takes less than half, the same volts' ]; then
  echo 'changed; expected was: klu takes less than half, the same volts' >&2
  exit 1
fi
