import { parseArgs } from 'node:util';
import {
  CellSolver,
  componentValues,
  ExactSolver,
  flatten,
  loadTechnology,
  type Technology,
} from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { type Engine, openEngine, simulateCurves, simulateRows } from '@neuroprint/spice';
import { TEMPLATES } from './machine.ts';
import { randomNetwork, randomValues } from './random-network.ts';
import { solverSpeed } from './solver-speed.ts';
import { table } from './table.ts';

const DESIGNS = 200;
const NETWORKS = 20;
const ROWS = 20;
const SIZES = [4, 3, 3];

/**
 * `npm run bench -- solver [--speed]`: the kernel beside the plain solver: time, differences, copies and compiles; then the exact
 * solver against ngspice on 200 random designs of every cell and 20 random networks of every technology, by both engines.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { speed: { type: 'boolean', default: false } } });
  await solverSpeed();
  if (values.speed) return;
  const rows: string[][] = [];
  for (const choice of ['ngspice', 'embedded'] as const) {
    const engine = await openEngine(choice).catch((error: Error) => {
      process.stdout.write(`${choice} is left out: ${error.message}\n`);
      return undefined;
    });
    if (engine === undefined) continue;
    for (const name of ['egt', 'egt-date23']) {
      const technology = loadTechnology(TEMPLATES, name);
      for (const cell of Object.keys(technology.cells)) {
        rows.push([
          `${name} ${cell}, ${DESIGNS} designs`,
          `${engine.name} ${engine.version}`,
          volts(await cells(engine, technology, cell)),
        ]);
      }
      rows.push([
        `${name} networks ${SIZES.join('-')}, ${NETWORKS} × ${ROWS} rows`,
        `${engine.name} ${engine.version}`,
        volts(await networks(engine, technology)),
      ]);
    }
    await engine.close();
  }
  process.stdout.write(`${table(['exact solver against', 'simulator', 'largest difference'], rows)}\n`);
}

function volts(value: number): string {
  return `${value.toExponential(1)} V`;
}

async function cells(engine: Engine, technology: Technology, name: string): Promise<number> {
  const cell = technology.cells[name]!;
  const draws = new Draws(1, `bench ${name}`);
  const designs = Array.from({ length: DESIGNS }, (_, i) => randomValues(technology, name, draws, i)).flat();
  const curves = await simulateCurves(engine, {
    technology,
    cell,
    designs: Float64Array.from(designs),
    grid: { kind: 'uniform', points: 41, startVolts: -2, stopVolts: 2 },
  });
  const solver = new CellSolver(technology, cell);
  const width = cell.parameters.length;
  let largest = 0;
  curves.forEach((curve, i) => {
    if ('failure' in curve) throw new Error(`ngspice failed at design ${i} of ${name}: ${curve.failure}`);
    const exact = solver.curve(Float64Array.from(designs.slice(i * width, (i + 1) * width)), curve.inputVolts);
    curve.outputVolts.forEach((v, k) => {
      largest = Math.max(largest, Math.abs(v - exact[k]!));
    });
  });
  return largest;
}

async function networks(engine: Engine, technology: Technology): Promise<number> {
  let largest = 0;
  for (let seed = 0; seed < NETWORKS; seed += 1) {
    const circuit = randomNetwork(technology, SIZES, seed);
    const inputs = new Float64Array(ROWS * SIZES[0]!);
    new Draws(seed, 'bench inputs').fillUniform(0, inputs);
    const simulated = await simulateRows(engine, circuit, technology, inputs);
    const solver = new ExactSolver(flatten(circuit, technology));
    solver.setValues(componentValues(solver.flat));
    const state = solver.newState(ROWS);
    const failed = solver.solve(inputs, ROWS, state);
    if (failed.length > 0) throw new Error(`the exact solver failed at row ${failed[0]} of network ${seed}`);
    simulated.nodes.forEach((node, k) => {
      const at = solver.flat.unknowns.indexOf(node);
      for (let row = 0; row < ROWS; row += 1) {
        largest = Math.max(
          largest,
          Math.abs(simulated.volts[row * simulated.nodes.length + k]! - state[row * solver.size + at]!),
        );
      }
    });
  }
  return largest;
}
