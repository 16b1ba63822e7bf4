import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  BatchSolver,
  componentValues,
  ExactSolver,
  type FlatCircuit,
  flatten,
  loadTechnology,
} from '@neuroprint/circuit';
import {
  type Circuit,
  CircuitKind,
  parseCaseTable,
  readArtifact,
  readTextFile,
  sha256,
  sha256OfFile,
  UsageError,
} from '@neuroprint/core';
import {
  confirmPatterns,
  type Fault,
  falseAlarmsOn,
  faultsOf,
  type PatternRequest,
  solveFaults,
  testPatterns,
  withFault,
} from '@neuroprint/diagnosis';
import { openEngine } from '@neuroprint/spice';
import { type LowRank, lowRankStarts } from './low-rank.ts';
import { TEMPLATES } from './machine.ts';
import { chosen, wholeNumber } from './options.ts';
import { KIT13 } from './problem.ts';
import { measuredRows, rowOptions } from './rows.ts';
import { table } from './table.ts';

/** Raised when what is measured changes, so that rows of before are not taken for rows of now. */
const VERSION = 1;
/** The published logs: coverage of single faults in %, and minutes, on other machines, with faults and a fault model of their own. */
const PUBLISHED: Readonly<Record<string, readonly [percent: number, minutes: number]>> = {
  cardiotocography3clases: [43.2, 1970],
  energyy1: [47.4, 1198],
  energyy2: [97.7, 177],
  iris: [97.4, 111],
  mammographic: [100, 15],
  pendigits: [98.2, 626],
  seeds: [96.5, 104],
  tictactoe: [86.3, 893],
  vertebralcolumn2clases: [69.4, 1094],
  vertebralcolumn3clases: [99.2, 47],
};
const FRESH = 1000;
const SPEED_ROWS = 100;

interface Row {
  readonly faults: number;
  readonly groups: number;
  readonly patterns: number;
  readonly coverage: number;
  readonly coverageOfDetectable: number;
  readonly falseAlarms: number;
  readonly cpuSeconds: number;
  readonly confirmed?: Omit<Awaited<ReturnType<typeof confirmPatterns>>, 'engine'>;
  /** Processor seconds of all faults at 100 rows: with a circuit and a factorisation each, a kernel each, and as the product does it. */
  readonly speed: { readonly each: number; readonly kernels: number; readonly shared: number };
  readonly lowRank?: LowRank;
}

/**
 * Test patterns on kit13: `npm run bench -- patterns --netlists FOLDER --out FOLDER [table …] [--confirm iris,seeds] [--fitted 20] [--inner] [--shard 0/4]`. FOLDER of
 * --netlists has a compiled folder for every table. Outputs alone, with --inner all stage outputs too; 10 % components, meter 1 mV. With --fitted good
 * prints are fitted too. A stopped run goes on.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      netlists: { type: 'string' },
      ...rowOptions,
      confirm: { type: 'string', default: '' },
      fitted: { type: 'string', default: '0' },
      inner: { type: 'boolean', default: false },
    },
  });
  const { netlists, out } = values;
  if (netlists === undefined || out === undefined)
    throw new UsageError(
      '--netlists and --out are both needed.',
      'Say where the compiled tables are, and where rows are kept.',
    );
  const confirm = values.confirm.split(',');
  const fitted = wholeNumber('fitted', values.fitted);
  const tables = chosen('table', positionals, KIT13).filter((name) => {
    const has = existsSync(join(netlists, name, 'circuit.json'));
    if (!has) process.stdout.write(`${name} is not compiled and left out\n`);
    return has;
  });
  const asked = (values.inner ? [false, true] : [false]).flatMap((inner) =>
    tables.map((name) => {
      const isConfirmed = confirm.includes(name) && !inner;
      const folder = join(netlists, name);
      const decides = [VERSION, sha256OfFile(join(folder, 'circuit.json')), inner, isConfirmed, fitted];
      const title = `${name}-${inner ? 'inner' : 'outputs'}-${fitted}${isConfirmed ? '-confirmed' : ''}`;
      const recipe = sha256(JSON.stringify(decides));
      return {
        name: title,
        recipe,
        key: `${name} ${inner}`,
        measure: () => measure(folder, inner, isConfirmed, fitted),
      };
    }),
  );
  const measured = await measuredRows('test patterns', asked, { ...values, out }, (_, title) =>
    process.stderr.write(`${title} done\n`),
  );
  if (measured !== undefined) print(tables, new Map(asked.map(({ key }, k) => [key, measured[k]!])));
}

async function measure(folder: string, inner: boolean, isConfirmed: boolean, fittedCopies: number): Promise<Row> {
  const circuit: Circuit = readArtifact(join(folder, 'circuit.json'), CircuitKind);
  const technology = loadTechnology(TEMPLATES, circuit.technology);
  const expected = join(folder, 'expected.csv');
  const { inputVolts } = parseCaseTable(expected, readTextFile(expected), circuit);
  const flat = flatten(circuit, technology);
  const faults = faultsOf(flat);
  const stages = circuit.devices.flatMap((device) => (device.kind === 'stage' ? [device] : []));
  const request: PatternRequest = {
    ...{ flat, faults, stages, variation: 0.1, meterVolts: 1e-3, seed: 0 },
    observed: inner ? [...new Set([...circuit.outputs, ...stages.map(({ output }) => output)])] : circuit.outputs,
    ...{ range: technology.inputVolts, table: inputVolts, mostPatterns: 40, falseAlarms: 0.01, foundShare: 0.95 },
    ...{ goodCopies: 5000, faultyCopies: 100, fittedCopies },
  };
  const began = process.cpuUsage();
  const tested = testPatterns(request);
  const cpuSeconds = secondsSince(began);
  const { summary } = tested;
  let confirmed: Row['confirmed'];
  if (isConfirmed) {
    const engine = await openEngine('auto');
    confirmed = await confirmPatterns(engine, request, tested, Number.POSITIVE_INFINITY);
    await engine.close();
  }
  return {
    faults: faults.length,
    groups: summary.groups,
    patterns: summary.patterns.length,
    coverage: summary.coverage,
    coverageOfDetectable: (summary.fit ?? summary.limits).coverageOfDetectable,
    falseAlarms: falseAlarmsOn(request, tested, FRESH),
    cpuSeconds,
    ...(confirmed === undefined ? {} : { confirmed }),
    speed: speedOf(flat, faults, inputVolts),
    ...(inner ? {} : { lowRank: lowRankOf(flat, faults, inputVolts) }),
  };
}

/** Starts by low-rank updates, at 100 rows. */
function lowRankOf(flat: FlatCircuit, faults: readonly Fault[], table: Float64Array): LowRank {
  return lowRankStarts(flat, faults, repeated(table, SPEED_ROWS * flat.inputs.length), SPEED_ROWS);
}

function repeated(table: Float64Array, length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => table[i % table.length]!);
}

/** All faults at 100 rows, three ways. */
function speedOf(flat: FlatCircuit, faults: readonly Fault[], table: Float64Array): Row['speed'] {
  const inputs = flat.inputs.length;
  const inputVolts = repeated(table, SPEED_ROWS * inputs);
  const timed = (work: () => void): number => {
    const began = process.cpuUsage();
    work();
    return secondsSince(began);
  };
  const one = (solver: ExactSolver | BatchSolver, circuit: FlatCircuit): void => {
    solver.setValues(componentValues(circuit));
    solver.solve(inputVolts, SPEED_ROWS, solver.newState(SPEED_ROWS));
  };
  const all = (make: (circuit: FlatCircuit) => ExactSolver | BatchSolver) => (): void => {
    for (const fault of faults) {
      const circuit = withFault(flat, fault);
      one(make(circuit), circuit);
    }
  };
  return {
    each: timed(all((circuit) => new ExactSolver(circuit))),
    kernels: timed(all((circuit) => new BatchSolver(circuit))),
    shared: timed(() => solveFaults(flat, faults, inputVolts)),
  };
}

/** Share of the faults that move a reading by more than the meter's error at some input that was tried. */
function detectable({ coverage, coverageOfDetectable }: Row): number {
  return coverageOfDetectable > 0 ? coverage / coverageOfDetectable : 0;
}

function secondsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}

function print(tables: readonly string[], rows: ReadonlyMap<string, Row>): void {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const header = [
    'table',
    'faults',
    'patterns',
    '% found',
    '% detectable',
    '% of these',
    'alarms of 1,000',
    's',
    'patterns*',
    '%*',
    '% of detectable*',
    's*',
    'published %',
    'min',
  ];
  const lines = tables.map((name) => {
    const [own, inner] = [rows.get(`${name} false`)!, rows.get(`${name} true`)];
    const [covered, minutes] = PUBLISHED[name] ?? [];
    return [
      name,
      ...[own.faults, own.patterns].map(String),
      ...[
        percent(own.coverage),
        percent(detectable(own)),
        percent(own.coverageOfDetectable),
        String(own.falseAlarms),
        own.cpuSeconds.toFixed(1),
      ],
      ...(inner === undefined
        ? ['', '', '', '']
        : [
            String(inner.patterns),
            percent(inner.coverage),
            percent(inner.coverageOfDetectable),
            inner.cpuSeconds.toFixed(1),
          ]),
      ...(covered === undefined ? ['', ''] : [covered.toFixed(1), String(minutes)]),
    ];
  });
  process.stdout.write(`${table(header, lines)}\n* with all stage outputs measured\n\n`);
  const logged = tables.filter((name) => PUBLISHED[name] !== undefined);
  const mean = (of: (name: string) => number): string =>
    (logged.reduce((sum, name) => sum + of(name), 0) / Math.max(1, logged.length)).toFixed(1);
  const means = [false, true]
    .filter((inner) => logged.every((name) => rows.has(`${name} ${inner}`)))
    .map((inner) => {
      const of = (what: 'coverage' | 'coverageOfDetectable') =>
        mean((name) => 100 * rows.get(`${name} ${inner}`)![what]);
      const seen = mean((name) => 100 * detectable(rows.get(`${name} ${inner}`)!));
      return `${of('coverage')} % by ${inner ? 'all stage outputs' : 'the outputs'} (${seen} % are detectable, ${of('coverageOfDetectable')} % of these are found)`;
    });
  process.stdout.write(
    `Mean over ${logged.length} tables of the published logs: ${means.join(', ')}; published ${mean((name) => PUBLISHED[name]![0])} %\n\n`,
  );
  const speeds = tables.map((name) => {
    const { faults, speed } = rows.get(`${name} false`)!;
    const ratio = (seconds: number): string => (speed.each / seconds).toFixed(1);
    return [
      name,
      String(faults),
      speed.each.toFixed(2),
      speed.kernels.toFixed(2),
      speed.shared.toFixed(2),
      ratio(speed.kernels),
      ratio(speed.shared),
    ];
  });
  process.stdout.write(
    `All faults at ${SPEED_ROWS} rows, processor seconds\n${table(['table', 'faults', 'a factorisation each', 'a kernel each', 'shared kernel', 'gain', 'gain, shared'], speeds)}\n`,
  );
  const starts = tables.flatMap((name) => {
    const one = rows.get(`${name} false`)!.lowRank;
    if (one === undefined) return [];
    const seconds = [one.secondsFromGood, one.secondsOfUpdates, one.secondsFromUpdate].map((s) => s.toFixed(3));
    return [[name, String(one.faults), one.stepsFromGood.toFixed(2), one.stepsFromUpdate.toFixed(2), ...seconds]];
  });
  const heads = [
    'faults',
    'steps from good volts',
    'steps from update',
    's from good',
    's of updates',
    's from updates',
  ];
  process.stdout.write(`\nCrossbar resistors: Newton steps by start\n${table(['table', ...heads], starts)}\n\n`);
  for (const name of tables) {
    const confirmed = rows.get(`${name} false`)!.confirmed;
    if (confirmed !== undefined)
      process.stdout.write(
        `${name}: ngspice finds ${confirmed.confirmed} of ${confirmed.faults} found faults (${confirmed.unsimulated} without an operating point), volts within ${confirmed.maxErrorVolts.toExponential(1)} V\n`,
      );
  }
}
