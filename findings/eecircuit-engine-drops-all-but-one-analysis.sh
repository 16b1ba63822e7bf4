#!/usr/bin/env bash
# npm eecircuit-engine 1.8.0 (ngspice 45.2): of two analyses in a netlist one is returned, the other is gone.
# Expected: runSim gives the operating point and the sweep, or the last one, as a raw file of ngspice holds both.
# Seen: the netlist asks for .dc and .op, in either order, and the result is the operating point alone; the sweep is lost without an
# error.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts eecircuit-engine@1.8.0

cat > run.mjs <<'END'
import { Simulation } from 'eecircuit-engine';

const say = console.log;
for (const method of ['log', 'info', 'warn', 'error', 'debug']) console[method] = () => undefined;
const simulation = new Simulation();
await simulation.start();
for (const analyses of ['.op\n.dc v1 0 1 0.5', '.dc v1 0 1 0.5\n.op']) {
  simulation.setNetList(`two\nv1 a 0 3\nr1 a 0 1k\n${analyses}\n.end`);
  const { header, numPoints } = await simulation.runSim();
  const errors = simulation.getError().length;
  say(`${analyses.replace('\n', ', ')}: ${/Plotname: (.*)/.exec(header)[1]}, points ${numPoints}, errors ${errors}`);
}
process.exit(0);
END
seen=$(node run.mjs)
expected='.op, .dc v1 0 1 0.5: Operating Point, points 1, errors 0
.dc v1 0 1 0.5, .op: Operating Point, points 1, errors 0'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
