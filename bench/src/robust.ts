import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accuracy, CellSolver, decisions, findCell, loadTechnology, type Technology } from '@neuroprint/circuit';
import { compile } from '@neuroprint/compiler';
import {
  type Circuit,
  meanAndStd,
  readArtifact,
  TrainedNetworkKind,
  type Variation,
  type VoltageRows,
  writeArtifact,
} from '@neuroprint/core';
import { type MeasuredCurve, simulateBehavioural } from '@neuroprint/laboratory';
import { smoothShapes, trainNetwork } from '@neuroprint/network';
import { type Engine, openEngine } from '@neuroprint/spice';
import { readNetlistFolder, verify } from '@neuroprint/verifier';
import { DATA, TEMPLATES } from './machine.ts';
import { kitProblem } from './problem.ts';
import { table } from './table.ts';

const TABLES = ['iris', 'seeds', 'vertebralcolumn3clases'];
const DRAWS = 20;
const SMOOTH_DRAWS = 10;
const SMOOTH_VOLTS = 0.1;
const CURVE_POINTS = 101;

const none: Variation = { kind: 'uniform', relativeSpread: 0 };
const uniform: Variation = { kind: 'uniform', relativeSpread: 0.1 };
const noise = { nonIdealities: [{ kind: 'multinomial', zero: 0.05, half: 0.1 }] } as const;

/** What training and calibration see. */
const METHODS: Readonly<Record<string, Variation>> = {
  plain: none,
  'variation-aware': uniform,
  multinomial: { ...none, ...noise },
  both: { ...uniform, ...noise },
  'drift-aware': { ...none, nonIdealities: [{ kind: 'drift', sigma: 0.3 }] },
};

/** What the printed circuit then meets. */
const DEVICES: Readonly<Record<string, Variation>> = {
  'uniform 10 %': uniform,
  'uniform 20 %': { kind: 'uniform', relativeSpread: 0.2 },
  'log-normal σ 0.3': { ...none, nonIdealities: [{ kind: 'drift', sigma: 0.3 }] },
};
const SMOOTH = `smooth ${1000 * SMOOTH_VOLTS} mV`;

/**
 * Which training for which device: `npm run bench -- robust [table …]`. Accuracy of test rows in ngspice, mean over copies;
 * every method meets the same draws.
 */
export async function run(args: readonly string[]): Promise<void> {
  if (!existsSync(DATA)) {
    process.stdout.write('The kit13 tables are not here, so there is nothing to measure.\n');
    return;
  }
  const technology = loadTechnology(TEMPLATES, 'egt');
  const engine = await openEngine('auto');
  const rows: string[][] = [];
  let worst = 0;
  const means = new Map<string, number[]>();
  const tables = args.length === 0 ? TABLES : args;
  for (const name of tables) {
    for (const [method, variation] of Object.entries(METHODS)) {
      const { cells, maxErrorVolts } = await measure(name, variation, technology, engine);
      worst = Math.max(worst, maxErrorVolts);
      means.set(
        method,
        cells.map((value, k) => (means.get(method)?.[k] ?? 0) + value / tables.length),
      );
      rows.push([name, method, ...cells.map(percent)]);
      process.stderr.write(`${name}, ${method}: ${cells.map(percent).join(' ')}\n`);
    }
  }
  for (const [method, values] of means) rows.push(['mean', method, ...values.map(percent)]);
  process.stdout.write(
    `egt, hidden 3, seed 0, ${DRAWS} copies (${SMOOTH}: ${SMOOTH_DRAWS} sheets of curves), ${engine.name} ${engine.version}; test accuracy in %\n\n`,
  );
  process.stdout.write(`${table(['table', 'trained', 'nominal', ...Object.keys(DEVICES), SMOOTH], rows)}\n\n`);
  process.stdout.write(
    `Largest difference of a node between ngspice and the exact solver: ${worst.toExponential(1)} V\n`,
  );
  await engine.close();
}

async function measure(name: string, variation: Variation, technology: Technology, engine: Engine) {
  const { data, problem } = kitProblem(name, technology);
  const { test } = problem;
  const { network } = trainNetwork(problem, { seed: 0, variation });
  const folder = mkdtempSync(join(tmpdir(), 'neuroprint-bench-'));
  try {
    const networkFile = join(folder, 'network.json');
    writeArtifact(networkFile, TrainedNetworkKind, network);
    const { out } = compile({
      network: readArtifact(networkFile, TrainedNetworkKind),
      networkText: readFileSync(networkFile, 'utf8'),
      networkFile,
      technology,
      data,
      out: join(folder, 'out'),
      overwrite: false,
      version: 'bench',
    });
    const netlist = readNetlistFolder(out);
    const cells: number[] = [];
    let maxErrorVolts = 0;
    for (const device of Object.values(DEVICES)) {
      const { report } = await verify(netlist, technology, engine, {
        monteCarlo: { draws: DRAWS, variation: device, seed: 0, workers: 1 },
      });
      if (cells.length === 0) cells.push(report.accuracy.ngspice!);
      cells.push(report.monteCarlo!.meanAccuracy);
      maxErrorVolts = Math.max(maxErrorVolts, report.maxErrorVolts, report.monteCarlo!.maxErrorVolts);
    }
    cells.push(await underSmoothCurves(netlist.circuit, technology, test, engine));
    return { cells, maxErrorVolts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Mean accuracy in ngspice where every stage's curve is off by A·(Rands(v) − 0.5), Rands smooth over 0..1 V; every sheet has shapes of its own. */
async function underSmoothCurves(
  circuit: Circuit,
  technology: Technology,
  test: VoltageRows,
  engine: Engine,
): Promise<number> {
  const volts = Float64Array.from({ length: CURVE_POINTS }, (_, i) => i / (CURVE_POINTS - 1));
  const stages = circuit.devices.filter((device) => device.kind === 'stage');
  const exact = stages.map((device) => {
    const cell = findCell(technology, device.cell);
    const values = Float64Array.from(cell.parameters, ({ name }) => device.values[name]!);
    return new CellSolver(technology, cell).curve(values, volts);
  });
  // the shapes span −3..3 of a hidden neuron's input, and here that is 0..1 V
  const inputs = volts.map((v) => 6 * (v - 0.5));
  const accuracies: number[] = [];
  for (let sheet = 0; sheet < SMOOTH_DRAWS; sheet += 1) {
    const change = smoothShapes(SMOOTH_VOLTS, sheet);
    const curves = stages.map((device, k): MeasuredCurve => {
      const outputVolts = exact[k]!.slice();
      change(k, inputs, outputVolts, new Float64Array(CURVE_POINTS), 1);
      return { stage: device.name, inputVolts: volts, outputVolts };
    });
    const outputs = await simulateBehavioural(engine, circuit, technology, curves, test.volts);
    accuracies.push(accuracy(decisions(outputs, circuit.outputs.length), test.labels));
  }
  return meanAndStd(accuracies).mean;
}

const percent = (share: number): string => (100 * share).toFixed(1);
