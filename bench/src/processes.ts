import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findCell, stageVolts, type Technology } from '@neuroprint/circuit';
import {
  type Dataset,
  inputRanges,
  type NetworkLayer,
  readArtifact,
  readDataset,
  SPLITS,
  TrainedNetworkKind,
  toVoltageRows,
  UsageError,
} from '@neuroprint/core';
import { readSamples, sample } from '@neuroprint/sampler';
import { type Engine, openEngine } from '@neuroprint/spice';
import { evaluateSurrogate, SurrogateModel, trainSurrogate } from '@neuroprint/surrogate';
import { ACTIVATION_CELL, FALLING_CELL, trainNetwork } from '@neuroprint/training';
import { lvs, verify } from '@neuroprint/verifier';
import { DATA, EXAMPLES } from './machine.ts';
import { compileNetwork } from './netlist.ts';
import { wholeNumber } from './options.ts';
import { makeProcess, PROCESSES } from './process-folders.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

interface Effort {
  /** Designs of each cell that its surrogate is trained on. */
  readonly designs: number;
  readonly epochs: number;
  readonly restarts: number;
  /** Printed copies of every circuit; none by default. */
  readonly copies?: number;
  /** Arithmetic of training; default float64. */
  readonly kernel?: 'auto' | 'float64';
  /** Names of PROCESSES; default those that differ from `egt` in their supply. */
  readonly processes?: readonly string[];
  /** Tables beside Iris. */
  readonly tables?: readonly Dataset[];
}

/** The samples of a cell, and how far its surrogate is off on those that it has not seen. */
interface CellRow {
  readonly cell: string;
  readonly designs: number;
  readonly failed: number;
  /** How often each reason of failure was given. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Rms distance of curves over the volts that stages see, as a share of the bias. */
  readonly medianShare: number;
  readonly p95Share: number;
}

/** A network of one table, on the way to a verified circuit. */
interface TableRow {
  readonly table: string;
  readonly networkAccuracy: number;
  readonly ngspiceAccuracy: number;
  /** Mean over printed copies; undefined where there are none. */
  readonly printedAccuracy?: number;
  readonly decisionsKept: number;
  /** Largest difference of any node between ngspice and the exact solver. */
  readonly maxErrorVolts: number;
  /** Rms distance of the outputs from the network: crossbars as they are loaded, and the finished circuit in ngspice. */
  readonly loadedRmsVolts: number;
  readonly finishedRmsVolts: number;
  readonly lvs: ReturnType<typeof lvs>;
}

/** What became of one process on the way from its cells to verified circuits; the figures of Iris, and those of further tables. */
export interface ProcessRow extends TableRow {
  readonly bias: Technology['bias'];
  readonly layers: readonly NetworkLayer[];
  readonly cells: readonly CellRow[];
  readonly further: readonly TableRow[];
  /** The same of damp.json, which is made by hand and not calibrated, with a bias resistor in each column; where its stages can be made. */
  readonly damp?: { readonly rmsVolts: number; readonly decisionsKept: number };
}

/** Samples the cells of a process, trains surrogates and networks, compiles them, and judges the netlists. */
async function measureProcess(
  technology: Technology,
  folder: string,
  engine: Engine,
  effort: Effort,
): Promise<ProcessRow> {
  const cells: CellRow[] = [];
  const curves: SurrogateModel[] = [];
  for (const name of [FALLING_CELL, ACTIVATION_CELL]) {
    const { row, curve } = await measureCell(technology, name, folder, engine, effort.designs);
    cells.push(row);
    curves.push(curve);
  }
  const of = (data: Dataset) => measureTable(technology, data, curves, folder, engine, effort);
  const iris = await of(readDataset(join(EXAMPLES, 'iris.csv')));
  const further: TableRow[] = [];
  for (const data of effort.tables ?? []) further.push((await of(data)).row);
  const damp = fitsDamp(technology) ? { damp: await measureDamp(technology, folder, engine) } : {};
  return { ...iris.row, bias: technology.bias, layers: iris.layers, cells, further, ...damp };
}

async function measureCell(technology: Technology, name: string, folder: string, engine: Engine, designs: number) {
  const cell = findCell(technology, name);
  const out = join(folder, `${technology.name}-${name}`);
  const { failed } = await sample({ technology, cell, count: designs, seed: 0, out, engine, maxFailures: designs });
  const { rows, table: samples } = readSamples(out);
  const reasons: Record<string, number> = {};
  for (const { reason } of rows()) {
    const kind = reason?.replace(/-?\d+(\.\d+)?(e[+-]?\d+)?/g, '…');
    if (kind !== undefined) reasons[kind] = (reasons[kind] ?? 0) + 1;
  }
  const topology = { elements: cell.elements, supplies: Object.keys(technology.supplies) };
  const { surrogate, testRows } = trainSurrogate(samples, { seed: 0, topology });
  const { curveRmsVolts } = evaluateSurrogate(surrogate, { ...samples, ...testRows }, stageVolts(technology));
  const [medianShare, p95Share] = [curveRmsVolts.median, curveRmsVolts.p95].map((v) => v / technology.bias.volts);
  const row = { cell: name, designs, failed, reasons, medianShare: medianShare!, p95Share: p95Share! };
  return { row, curve: SurrogateModel.of(surrogate) };
}

async function measureTable(
  technology: Technology,
  data: Dataset,
  [falling, activation]: readonly SurrogateModel[],
  folder: string,
  engine: Engine,
  { epochs, restarts, copies, kernel = 'float64' }: Effort,
): Promise<{ readonly row: TableRow; readonly layers: readonly NetworkLayer[] }> {
  const inputs = inputRanges(data, { volts: technology.inputVolts });
  const [train, valid, test] = SPLITS.map((part) => toVoltageRows(data, inputs, data.classNames, part));
  const source = { dataset: data.name, label: 'label', split: 'column split' };
  const { network } = trainNetwork(
    {
      ...{ name: data.name, technology, falling: falling!, activation: activation!, inputs, classes: data.classNames },
      ...{ train: train!, valid: valid!, test: test!, source, inputHashes: {} },
    },
    { epochs, restarts, kernel },
  );
  const { netlist } = compileNetwork(
    network,
    data,
    technology,
    join(folder, `${technology.name}-${data.name}-netlist`),
  );
  const monteCarlo =
    copies === undefined ? {} : { monteCarlo: { draws: copies, variation: network.variation, seed: 0 } };
  const { report } = await verify(netlist, technology, engine, monteCarlo);
  const rms = (step: string): number => report.ladder!.find((rung) => rung.step === step)!.rmsVoltsFromNetwork!;
  const row = {
    table: data.name,
    networkAccuracy: report.accuracy.network!,
    ngspiceAccuracy: report.accuracy.ngspice!,
    ...(report.monteCarlo && { printedAccuracy: report.monteCarlo.meanAccuracy }),
    decisionsKept: report.decisionAgreement!,
    maxErrorVolts: Math.max(report.maxErrorVolts, report.monteCarlo?.maxErrorVolts ?? 0),
    loadedRmsVolts: rms('loaded circuit'),
    finishedRmsVolts: rms('ngspice'),
    lvs: lvs(netlist, technology),
  };
  return { row, layers: network.layers };
}

/** Whether a process can print the stages of damp.json. */
function fitsDamp(technology: Technology): boolean {
  const { layers } = readArtifact(join(EXAMPLES, 'damp.json'), TrainedNetworkKind);
  return layers.every(({ activationStages, fallingStages }) =>
    [...activationStages, ...fallingStages].every(({ cell, values }) =>
      findCell(technology, cell).parameters.every(({ name, min, max }) => values[name]! >= min && values[name]! <= max),
    ),
  );
}

async function measureDamp(
  technology: Technology,
  folder: string,
  engine: Engine,
): Promise<NonNullable<ProcessRow['damp']>> {
  const {
    kind: _,
    version: __,
    checksum: ___,
    ...damp
  } = readArtifact(join(EXAMPLES, 'damp.json'), TrainedNetworkKind);
  const layer = damp.layers[0]!;
  const [humidity, rain, , down] = layer.conductancesSiemens;
  const network = {
    ...damp,
    technology: technology.name,
    biasVolts: technology.bias.volts,
    inputs: damp.inputs.map((input) => ({ ...input, minimumVolts: 0, maximumVolts: technology.bias.volts })),
    layers: [{ ...layer, conductancesSiemens: [humidity!, rain!, [5e-7, 5e-7], down!] }],
  };
  const { netlist } = compileNetwork(network, undefined, technology, join(folder, `${technology.name}-damp`));
  const { report } = await verify(netlist, technology, engine);
  return { rmsVolts: report.ladder!.at(-1)!.rmsVoltsFromNetwork!, decisionsKept: report.decisionAgreement! };
}

/** Every process that is asked for, measured. */
export async function measureProcesses(
  effort: Effort,
): Promise<{ readonly simulator: string; readonly rows: Readonly<Record<string, ProcessRow>> }> {
  const engine = await openEngine('auto');
  try {
    const rows = await inScratchFolder(async (folder) => {
      const found: Record<string, ProcessRow> = {};
      for (const name of effort.processes ?? ['egt', 'egt-vpos', 'egt-low'])
        found[name] = await measureProcess(makeProcess(folder, name), folder, engine, effort);
      return found;
    });
    return { simulator: `${engine.name} ${engine.version}`, rows };
  } finally {
    await engine.close();
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const fine = (share: number): string => `${(100 * share).toPrecision(2)} %`;
const ofBias = (volts: number, row: ProcessRow): string => `${(volts / row.bias.volts).toExponential(1)}`;

function cellsTable(rows: Readonly<Record<string, ProcessRow>>): string {
  const lines = Object.entries(rows).flatMap(([name, row]) =>
    row.cells.map((cell) => [
      `${name} at ${row.bias.volts} V: ${cell.cell}`,
      `${cell.failed} of ${cell.designs}`,
      Object.entries(cell.reasons)
        .map(([reason, times]) => `${times}: ${reason}`)
        .join('; ') || 'none',
      fine(cell.medianShare),
      fine(cell.p95Share),
    ]),
  );
  return table(['cell', 'failed', 'reasons', 'surrogate, median', '95th percentile'], lines);
}

function tablesTable(rows: Readonly<Record<string, ProcessRow>>): string {
  const lines = Object.entries(rows).flatMap(([name, row]) =>
    [row, ...row.further].map((one) => [
      `${name} at ${row.bias.volts} V: ${one.table}`,
      percent(one.networkAccuracy),
      percent(one.ngspiceAccuracy),
      one.printedAccuracy === undefined ? '' : percent(one.printedAccuracy),
      percent(one.decisionsKept),
      percent(one.loadedRmsVolts / row.bias.volts),
      percent(one.finishedRmsVolts / row.bias.volts),
      ofBias(one.maxErrorVolts, row),
      one.lvs.matches ? 'matches' : one.lvs.differences.join('; '),
    ]),
  );
  const heads = ['network', 'ngspice', 'printed', 'decisions kept', 'loaded', 'finished', 'ngspice – solver', 'lvs'];
  return table(['table', ...heads], lines);
}

/**
 * Processes of other volts, laws and polarities than `egt`, on the whole way from cells to circuits in the simulator:
 * `npm run bench -- processes [--designs 2000] [--epochs 300] [--restarts 4] [--copies 100] [--processes igzo,otft]`.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      designs: { type: 'string', default: '2000' },
      epochs: { type: 'string', default: '300' },
      restarts: { type: 'string', default: '4' },
      copies: { type: 'string', default: '100' },
      processes: { type: 'string', default: PROCESSES.join() },
    },
  });
  const processes = values.processes.split(',');
  const unknown = processes.find((name) => !PROCESSES.includes(name));
  if (unknown !== undefined) throw new UsageError(`There is no process ${unknown}; there are ${PROCESSES.join(', ')}.`);
  const tables = ['seeds', 'vertebralcolumn3clases']
    .map((name) => join(DATA, 'kit13', `${name}.csv`))
    .filter(existsSync)
    .map((file) => readDataset(file));
  const { simulator, rows } = await measureProcesses({
    designs: wholeNumber('designs', values.designs, 50),
    epochs: wholeNumber('epochs', values.epochs, 1),
    restarts: wholeNumber('restarts', values.restarts, 1),
    copies: wholeNumber('copies', values.copies, 1),
    kernel: 'auto',
    processes,
    tables,
  });
  const damp = Object.entries(rows).flatMap(([name, { damp: one, bias }]) =>
    one === undefined
      ? []
      : `${name}: ${percent(one.rmsVolts / bias.volts)} of the bias, ${percent(one.decisionsKept)} of the decisions`,
  );
  process.stdout.write(
    [
      `Cells in ${simulator}; surrogates on designs that they have not seen, rms of the bias\n\n${cellsTable(rows)}`,
      `Networks${tables.length === 0 ? ' (tables beside Iris are not here)' : ''}; rms of the outputs against the network, and differences of nodes, of the bias\n\n${tablesTable(rows)}`,
      `damp.json, from the network: ${damp.join('; ')}\n`,
    ].join('\n\n'),
  );
}
