import { join } from 'node:path';
import {
  componentValues,
  ExactSolver,
  findCell,
  flatten,
  loadTechnology,
  ptanhCurve,
  stageVolts,
  type Technology,
} from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { readPortSamples, readSamples, sample } from '@neuroprint/sampler';
import {
  evaluatePort,
  PortModel,
  type PortStage,
  solvePortNetwork,
  trainPort,
  withCurves,
} from '@neuroprint/surrogate';
import { TEMPLATES } from './machine.ts';
import { randomNetwork } from './random-network.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

const DESIGNS = 500;
const CURVES = 500;
const SEED = 1;
const NETWORKS = 5;
const ROWS = 10;
const SIZES = [4, 3, 3];

/**
 * Port models of every cell, trained on two-dimensional sweeps: on held-out sweeps, on curves and power without a load, and in
 * loaded networks against the exact solver.
 */
export async function ports(technologies: readonly string[]): Promise<void> {
  const cells: string[][] = [];
  const networks: string[][] = [];
  for (const name of technologies) {
    const technology = loadTechnology(TEMPLATES, name);
    const models = new Map<string, PortModel>();
    for (const cell of Object.keys(technology.cells)) {
      const { model, line } = await portOf(technology, cell);
      models.set(cell, model);
      cells.push(line);
    }
    networks.push([name, ...loaded(technology, models)]);
  }
  process.stdout.write(
    `Port models, against ngspice: mV of a loaded output, mV of curves without a load, % of their power from 0 to 1 V\n\n${table(
      [
        'cell',
        'designs',
        'loaded: rms',
        'p99',
        'curve rms: median',
        'p99',
        'largest',
        'power: median',
        'largest',
        'train, s',
      ],
      cells,
    )}\n\n`,
  );
  process.stdout.write(
    `Random loaded networks ${SIZES.join('-')}, ${NETWORKS} × ${ROWS} rows, all nodes, against the exact solver\n\n${table(
      ['technology', 'mean, mV', 'p99', 'largest'],
      networks,
    )}\n\n`,
  );
}

async function portOf(technology: Technology, name: string): Promise<{ model: PortModel; line: string[] }> {
  return inScratchFolder(async (folder) => {
    const cell = findCell(technology, name);
    const [sweeps, curves] = [join(folder, 'ports'), join(folder, 'curves')];
    await sample({ technology, cell, count: DESIGNS, seed: SEED, out: sweeps, port: true });
    await sample({ technology, cell, count: CURVES, out: curves });
    const began = process.cpuUsage();
    const { table: samples } = readPortSamples(sweeps);
    const port = trainPort(
      samples,
      { elements: cell.elements, supplyVolts: technology.supplies },
      { seed: 0, biasVolts: technology.bias.volts },
    );
    const used = process.cpuUsage(began);
    const model = PortModel.of(port);
    const found = readSamples(curves);
    const whole = withCurves(found.table, found.rows(), found.samples.sweep.points, ptanhCurve(cell));
    const { curve, averageWatts } = evaluatePort(
      model,
      whole,
      ptanhCurve(cell) === 'falling' ? -1 : 1,
      stageVolts(technology),
    );
    const line = [
      `${technology.name} ${name}`,
      String(DESIGNS),
      ...[port.test.rmsVolts, port.test.p99Volts, curve.median, curve.p99, curve.largest].map(millivolts),
      ...[averageWatts?.median, averageWatts?.largest].map(
        (share) => `${(100 * (share ?? Number.NaN)).toPrecision(2)} %`,
      ),
      ((used.user + used.system) / 1e6).toFixed(0),
    ];
    process.stderr.write(`${line.join(', ')}\n`);
    return { model, line };
  });
}

/** Mean, 99th percentile and largest difference of all nodes between stages. */
function loaded(technology: Technology, models: ReadonlyMap<string, PortModel>): string[] {
  const errors: number[] = [];
  for (let seed = 0; seed < NETWORKS; seed += 1) {
    const circuit = randomNetwork(technology, SIZES, seed);
    const flat = flatten(circuit, technology);
    const exact = new ExactSolver(flat);
    exact.setValues(componentValues(flat));
    const inputs = new Float64Array(ROWS * circuit.inputs.length);
    new Draws(seed, 'bench ports').fillUniform(0, inputs);
    const state = exact.newState(ROWS);
    exact.solve(inputs, ROWS, state);
    const stages = circuit.devices.flatMap((device): PortStage[] => {
      if (device.kind !== 'stage') return [];
      const model = models.get(device.cell)!;
      const values = Float64Array.from(model.parameterNames, (name) => device.values[name]!);
      return [{ model, values, input: device.input, output: device.output }];
    });
    const resistors = circuit.devices.flatMap((device) => (device.kind === 'resistor' ? [device] : []));
    for (let row = 0; row < ROWS; row += 1) {
      const given = circuit.inputs.map((node, k) => [node, inputs[row * circuit.inputs.length + k]!]);
      const heldVolts = { '0': 0, ...technology.supplies, ...Object.fromEntries(given) };
      for (const [node, volts] of solvePortNetwork({ resistors, stages, heldVolts }))
        errors.push(Math.abs(volts - state[row * exact.size + flat.unknowns.indexOf(node)]!));
    }
  }
  errors.sort((a, b) => a - b);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  return [mean, errors[Math.floor(0.99 * errors.length)]!, errors.at(-1)!].map(millivolts);
}

function millivolts(volts: number): string {
  return (1000 * volts).toPrecision(2);
}
