import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { compile } from '@neuroprint/compiler';
import {
  inputRanges,
  readArtifact,
  readDataset,
  TrainedNetworkKind,
  toVoltageRows,
  writeArtifact,
} from '@neuroprint/core';
import { ACTIVATION_CELL, FALLING_CELL, trainBaseline, trainNetwork } from '@neuroprint/network';
import { type Engine, openEngine } from '@neuroprint/spice';
import { readSurrogate, SurrogateModel } from '@neuroprint/surrogate';
import { lvs, readNetlistFolder, verify } from '@neuroprint/verifier';
import { DATA, SURROGATES, TEMPLATES } from './machine.ts';
import { table } from './table.ts';

const TABLES = ['iris', 'seeds', 'vertebralcolumn3clases'];
const SEEDS = [0, 1, 2];

/** What one trained network became. Accuracies on test rows. */
interface Outcome {
  readonly digital: number;
  readonly network: number;
  readonly naive: number;
  readonly calibrated: number;
  readonly ngspice: number;
  readonly digitalVaried: number;
  readonly networkVaried: number;
  readonly naiveVaried: number;
  readonly circuitVaried: number;
  readonly fastModelMillivolts: number;
  readonly agreement: number;
  readonly maxErrorVolts: Readonly<Record<string, number>>;
  readonly lvs: boolean;
  readonly watts: number;
  readonly transistors: number;
  readonly compileSeconds: number;
}

/**
 * From network to ngspice on kit13 tables: `npm run bench -- ladder [table …] [--technology egt] [--seeds 3]`. How far the fast model
 * is from the circuit, and what calibration recovers; mean ± standard deviation over seeds.
 */
export async function run(args: readonly string[]): Promise<void> {
  const option = (name: string, fallback: string): string =>
    args.includes(name) ? (args[args.indexOf(name) + 1] ?? fallback) : fallback;
  const technology = loadTechnology(TEMPLATES, option('--technology', 'egt'));
  const seeds = Array.from({ length: Number(option('--seeds', String(SEEDS.length))) }, (_, seed) => seed);
  const named = args.filter((arg, i) => !arg.startsWith('--') && !(args[i - 1] ?? '').startsWith('--'));
  const tables = named.length === 0 ? TABLES : named;
  if (!existsSync(DATA)) {
    process.stdout.write('The kit13 tables are not here, so there is nothing to measure.\n');
    return;
  }
  const engines: Engine[] = [];
  for (const choice of ['ngspice', 'embedded'] as const) {
    const engine = await openEngine(choice).catch(() => undefined);
    if (engine === undefined) process.stdout.write(`${choice} is not on this machine and is left out\n`);
    else engines.push(engine);
  }
  process.stdout.write(
    `${technology.name}, hidden 3, seeds ${seeds.join(', ')}, 10 % variation, ${engines.map((e) => `${e.name} ${e.version}`).join(' and ')}\n\n`,
  );
  const results = new Map<string, Outcome[]>();
  for (const name of tables) {
    const outcomes: Outcome[] = [];
    for (const seed of seeds) outcomes.push(await measure(name, seed, technology, engines));
    results.set(name, outcomes);
    process.stderr.write(`${name} done\n`);
  }
  const rows = [...results];
  const cells =
    (pick: (o: Outcome) => number, format = percent) =>
    (outcomes: Outcome[]) =>
      spread(outcomes.map(pick), format);
  const print = (title: string, columns: Readonly<Record<string, (outcomes: Outcome[]) => string>>): void => {
    const lines = rows.map(([name, outcomes]) => [name, ...Object.values(columns).map((cell) => cell(outcomes))]);
    process.stdout.write(`${title}\n\n${table(['table', ...Object.keys(columns)], lines)}\n\n`);
  };
  print('Test accuracy in %, nominal', {
    'digital 3 neurons': cells((o) => o.digital),
    network: cells((o) => o.network),
    'naive circuit': cells((o) => o.naive),
    'calibrated circuit': cells((o) => o.calibrated),
    ngspice: cells((o) => o.ngspice),
  });
  print('Test accuracy in %, 100 printed copies at 10 % variation', {
    'digital 3 neurons': cells((o) => o.digitalVaried),
    network: cells((o) => o.networkVaried),
    'naive circuit': cells((o) => o.naiveVaried),
    'calibrated circuit': cells((o) => o.circuitVaried),
  });
  print('The circuits', {
    'fast model off by, mV rms': cells(
      (o) => o.fastModelMillivolts,
      (x) => x.toFixed(0),
    ),
    'decisions kept, %': cells((o) => o.agreement),
    ...Object.fromEntries(
      engines.map(({ name }) => [
        `max error ${name}, V`,
        (outcomes: Outcome[]) => Math.max(...outcomes.map((o) => o.maxErrorVolts[name]!)).toExponential(1),
      ]),
    ),
    lvs: (outcomes) => (outcomes.every((o) => o.lvs) ? 'matches' : 'DIFFERS'),
    µW: cells(
      (o) => 1e6 * o.watts,
      (x) => x.toFixed(0),
    ),
    transistors: cells(
      (o) => o.transistors,
      (x) => x.toFixed(0),
    ),
    'compile, s': cells(
      (o) => o.compileSeconds,
      (x) => x.toFixed(1),
    ),
  });
  for (const engine of engines) await engine.close();
}

async function measure(
  name: string,
  seed: number,
  technology: Technology,
  engines: readonly Engine[],
): Promise<Outcome> {
  const data = readDataset(join(DATA, 'kit13', `${name}.csv`), { seed });
  const inputs = inputRanges(data);
  const rows = (split: 'train' | 'valid' | 'test') => toVoltageRows(data, inputs, data.classNames, split);
  const surrogate = (cell: string) =>
    SurrogateModel.of(readSurrogate(join(SURROGATES, technology.name, cell), { technology: technology.name, cell }));
  const problem = {
    name,
    technology,
    falling: surrogate(FALLING_CELL),
    activation: surrogate(ACTIVATION_CELL),
    inputs,
    classes: data.classNames,
    train: rows('train'),
    valid: rows('valid'),
    test: rows('test'),
    source: { dataset: name, label: 'label', split: 'column split' },
    inputHashes: {},
  };
  const { network } = trainNetwork(problem, { seed });
  const digital = trainBaseline(problem, { seed });
  const folder = mkdtempSync(join(tmpdir(), 'neuroprint-bench-'));
  try {
    const networkFile = join(folder, 'network.json');
    writeArtifact(networkFile, TrainedNetworkKind, network);
    const began = process.cpuUsage();
    const { manifest, out } = compile({
      network: readArtifact(networkFile, TrainedNetworkKind),
      networkText: readFileSync(networkFile, 'utf8'),
      networkFile,
      technology,
      data,
      out: join(folder, 'out'),
      overwrite: false,
      version: 'bench',
    });
    const compileUse = process.cpuUsage(began);
    const netlist = readNetlistFolder(out);
    const reports = [];
    for (const engine of engines) reports.push((await verify(netlist, technology, engine)).report);
    const rung = (step: string) => manifest.ladder.find((r) => r.step === step)!;
    const report = reports[0]!;
    return {
      digital: digital.accuracy.test,
      network: report.accuracy.network!,
      naive: rung('naive circuit').accuracy!,
      calibrated: report.accuracy.circuit!,
      ngspice: report.accuracy.ngspice!,
      digitalVaried: digital.underVariation[0]!.mean,
      networkVaried: network.metrics!.underVariation.mean,
      naiveVaried: rung('naive circuit').underVariation!.mean,
      circuitVaried: rung('snapped circuit').underVariation!.mean,
      fastModelMillivolts: 1000 * rung('naive circuit').rmsVoltsFromNetwork,
      agreement: report.decisionAgreement ?? Number.NaN,
      maxErrorVolts: Object.fromEntries(reports.map((r) => [r.simulator.name, r.maxErrorVolts])),
      lvs: lvs(netlist, technology).matches,
      watts: manifest.watts,
      transistors: manifest.components.transistors,
      compileSeconds: (compileUse.user + compileUse.system) / 1e6,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const percent = (share: number): string => (100 * share).toFixed(1);

function spread(values: readonly number[], format: (value: number) => string): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
  return values.length === 1 ? format(mean) : `${format(mean)} ± ${format(std)}`;
}
