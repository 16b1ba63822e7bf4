import {
  CellSolver,
  componentValues,
  DesignPolytope,
  ExactSolver,
  flatten,
  loadTechnology,
  type Technology,
} from '@neuroprint/circuit';
import { type Device, Draws } from '@neuroprint/core';
import { type Engine, openEngine, simulateCurves, simulateRows } from '@neuroprint/spice';
import { TEMPLATES } from './machine.ts';
import { table } from './table.ts';

const DESIGNS = 200;
const NETWORKS = 20;
const ROWS = 20;
const SIZES = [4, 3, 3];

/** The exact solver against ngspice: 200 random designs of every cell, 20 random networks of every technology, both engines. */
export async function run(): Promise<void> {
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
    const circuit = randomNetwork(technology, seed);
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

function randomValues(technology: Technology, cell: string, draws: Draws, index: number): number[] {
  const space = new DesignPolytope(technology.cells[cell]!);
  const shares = new Float64Array(space.dimensions);
  draws.fillUniform(index, shares);
  const logs = new Float64Array(space.dimensions);
  space.logsAt(shares, logs);
  return [...logs].map((log, k) => space.valueOfLog(k, log));
}

/** A network whose crossbars, signs and stages are all random. */
function randomNetwork(technology: Technology, seed: number) {
  const draws = new Draws(seed, 'bench network');
  const { minOhms, maxOhms } = technology.crossbar;
  const devices: Device[] = [];
  let count = 0;
  const stage = (name: string, cell: string, input: string, output: string, origin: Device['origin']): void => {
    count += 1;
    const drawn = randomValues(technology, cell, draws, count);
    const values = Object.fromEntries(
      technology.cells[cell]!.parameters.map(({ name: parameter }, k) => [parameter, drawn[k]!]),
    );
    devices.push({ kind: 'stage', name, cell, input, output, values, origin });
  };
  let from = Array.from({ length: SIZES[0]! }, (_, i) => `in${i}`);
  const inputs = from;
  SIZES.slice(1).forEach((columns, layer) => {
    const inverted = from.map((input, row) => {
      stage(`neg_l${layer}_i${row}`, 'negweight', input, `inv_l${layer}_i${row}`, { role: 'falling', layer, row });
      return `inv_l${layer}_i${row}`;
    });
    from = Array.from({ length: columns }, (_, column) => {
      const sources = [
        ...from.map((node, row) => (draws.uniform(9000 + count, row) < 0.4 ? inverted[row]! : node)),
        'vdd',
        '0',
      ];
      sources.forEach((source, row) => {
        count += 1;
        const ohms = minOhms * (maxOhms / minOhms) ** draws.uniform(5000 + count, 0);
        devices.push({
          kind: 'resistor',
          name: `r_l${layer}_i${row}_c${column}`,
          nodes: [source, `z_l${layer}_c${column}`],
          ohms,
          origin: { role: 'crossbar', layer, row, column },
        });
      });
      stage(`act_l${layer}_c${column}`, 'ptanh', `z_l${layer}_c${column}`, `y_l${layer}_c${column}`, {
        role: 'activation',
        layer,
        column,
      });
      return `y_l${layer}_c${column}`;
    });
  });
  return { name: `random ${seed}`, inputs, outputs: from, devices };
}
