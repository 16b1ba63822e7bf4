import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { Draws, writeFileAtomic } from '@neuroprint/core';
import { type Engine, openEngine, simulateRows } from '@neuroprint/spice';
import { trainNetwork } from '@neuroprint/training';
import { type NetlistFolder, verify } from '@neuroprint/verifier';
import { DATA, TEMPLATES } from './machine.ts';
import { compileNetwork } from './netlist.ts';
import { chosen, wholeNumber } from './options.ts';
import { KIT13, kitProblem } from './problem.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

const PARTS = ['rows', 'copies', 'tables'];
const MANY_ROWS = 20_000;

/**
 * Verification on kit13: `npm run bench -- verify [--part rows|copies|tables] [--draws N] [--tables a,b] [--out DIR]`. Rows in one run, Monte Carlo in both
 * solvers, and whether any decision differs between them.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      part: { type: 'string', default: PARTS.join(',') },
      draws: { type: 'string', default: '100' },
      tables: { type: 'string', default: KIT13.join(',') },
      out: { type: 'string', default: join('bench', 'results', 'verify') },
    },
  });
  const parts = chosen('part', values.part.split(','), PARTS);
  const names = chosen('table', values.tables.split(','), KIT13);
  const draws = wholeNumber('draws', values.draws, 1);
  if (!existsSync(DATA)) {
    process.stdout.write('The kit13 tables are not here, so there is nothing to measure.\n');
    return;
  }
  const technology = loadTechnology(TEMPLATES, 'egt');
  const engines: Engine[] = [];
  for (const choice of ['ngspice', 'embedded'] as const) {
    const engine = await openEngine(choice).catch(() => undefined);
    if (engine === undefined) process.stdout.write(`${choice} is not on this machine and is left out\n`);
    else engines.push(engine);
  }
  await inScratchFolder(async (folder) => {
    if (parts.includes('rows')) await rows(build('pendigits', [3], folder, technology), technology, engines);
    if (parts.includes('copies')) await copies(build('iris', [3], folder, technology), technology, engines);
    if (parts.includes('tables')) await tables(names, folder, technology, engines, draws, values.out);
  }).finally(() => Promise.all(engines.map((engine) => engine.close())));
}

/** All rows of a large table in one verification, then ten times as many. */
async function rows(netlist: NetlistFolder, technology: Technology, engines: readonly Engine[]): Promise<void> {
  const lines: string[][] = [];
  for (const engine of engines) {
    const { report, wall, ngspice, node } = await timed(engine, () => verify(netlist, technology, engine));
    lines.push([
      engine.name,
      `${report.cases}`,
      ngspice,
      node,
      wall,
      volts(report.maxErrorVolts),
      `${report.coldStart.rows}: ${volts(report.coldStart.maxDifferenceVolts)}`,
    ]);
  }
  process.stdout.write(
    `Pendigits, 16-3-10, verify\n\n${table(['engine', 'rows', 'ngspice, s', 'Node, s', 'wall, s', 'max error', 'cold rows'], lines)}\n\n`,
  );
  const inputs = netlist.circuit.inputs.length;
  const memory: string[][] = [];
  for (const count of [5_000, MANY_ROWS]) {
    const volts20k = new Float64Array(count * inputs);
    new Draws(0, 'bench rows').fillUniform(0, volts20k);
    for (const engine of engines) {
      const result = await timed(engine, async () => {
        const { rows: simulated } = await simulateRows(engine, netlist.circuit, technology, volts20k);
        return { report: simulated };
      });
      memory.push([engine.name, `${count}`, result.ngspice, `${Math.round(process.memoryUsage().rss / 1e6)}`]);
    }
  }
  process.stdout.write(
    `Rows of random inputs\n\n${table(['engine', 'rows', 'ngspice, s', 'memory of the process, MB'], memory)}\n\n`,
  );
}

/** Monte Carlo on Iris: all copies in ngspice, many by the exact solver, and with an early stop. */
async function copies(netlist: NetlistFolder, technology: Technology, engines: readonly Engine[]): Promise<void> {
  const lines: string[][] = [];
  const runs = [
    { draws: 200 },
    { draws: 100_000 },
    { draws: 100_000, interval: 0.01 },
    { draws: 2_000, workers: 1 },
    { draws: 2_000, workers: 3 },
  ];
  for (const run of runs) {
    const engine = engines[0]!;
    const { report, wall, ngspice, node } = await timed(engine, () =>
      verify(netlist, technology, engine, { monteCarlo: { variation: 0.1, seed: 0, ...run } }),
    );
    const found = report.monteCarlo!;
    lines.push([
      `${run.draws}${run.interval === undefined ? '' : `, interval ${run.interval}`}${run.workers === undefined ? '' : `, ${run.workers} threads`}`,
      `${found.draws}`,
      `${found.simulatedDraws}`,
      `${(100 * found.yield).toFixed(2)} (${found.yieldInterval.map((x) => (100 * x).toFixed(2)).join(' to ')})`,
      found.meanAccuracy.toPrecision(12),
      volts(found.maxErrorVolts),
      `${found.decisionsDiffering}`,
      ngspice,
      node,
      wall,
    ]);
  }
  const head = [
    'copies asked',
    'solved',
    'in ngspice',
    'yield, %',
    'mean accuracy',
    'max error',
    'differing',
    'ngspice, s',
    'Node, s',
    'wall, s',
  ];
  process.stdout.write(
    `Iris, 4-3-3, ${netlist.manifest.cases.count} rows, ${availableParallelism()} cores\n\n${table(head, lines)}\n\n`,
  );
}

/** One line of the table of tables: a circuit in one simulator. */
interface TableResult {
  readonly table: string;
  readonly engine: string;
  readonly rows: number;
  readonly copies: number;
  readonly differing: number;
  readonly ties: number;
  readonly maxErrorVolts: number;
  readonly cornerErrorVolts: number;
  readonly coldErrorVolts: number;
  readonly stability: string;
  readonly ngspiceSeconds: string;
  readonly nodeSeconds: string;
}

/**
 * Every table: do the exact solver and ngspice ever decide otherwise? Results are kept in `kept`, one file a circuit and
 * simulator, and what is there is not computed again.
 */
async function tables(
  names: readonly string[],
  folder: string,
  technology: Technology,
  engines: readonly Engine[],
  draws: number,
  kept: string,
): Promise<void> {
  const results: TableResult[] = [];
  mkdirSync(kept, { recursive: true });
  for (const name of names) {
    let netlist: NetlistFolder | undefined;
    for (const engine of engines) {
      const file = join(kept, `${name}-${engine.name}-${draws}.json`);
      if (!existsSync(file)) {
        netlist ??= build(name, [3], folder, technology);
        const result = await measureTable(name, netlist, technology, engine, draws);
        writeFileAtomic(file, `${JSON.stringify(result)}\n`);
      }
      const result = JSON.parse(readFileSync(file, 'utf8')) as TableResult;
      results.push(result);
      process.stderr.write(`${Object.values(result).join(' ')}\n`);
    }
  }
  const head = [
    'table',
    'engine',
    'rows',
    'copies',
    'differing',
    'ties',
    'max error',
    'at corners',
    'cold start',
    'stability',
    'ngspice, s',
    'Node, s',
  ];
  const lines = results.map((r) => [
    r.table,
    r.engine,
    `${r.rows}`,
    `${r.copies}`,
    `${r.differing}`,
    `${r.ties}`,
    volts(r.maxErrorVolts),
    volts(r.cornerErrorVolts),
    volts(r.coldErrorVolts),
    r.stability,
    r.ngspiceSeconds,
    r.nodeSeconds,
  ]);
  const sum = (of: (result: TableResult) => number): number => results.reduce((total, result) => total + of(result), 0);
  process.stdout.write(
    `kit13, 3 hidden neurons, 10 % variation: ${sum((r) => r.copies * r.rows)} decisions in both solvers, ` +
      `${sum((r) => r.differing)} differ, ${sum((r) => r.ties)} ties\n\n${table(head, lines)}\n`,
  );
}

async function measureTable(
  name: string,
  netlist: NetlistFolder,
  technology: Technology,
  engine: Engine,
  draws: number,
): Promise<TableResult> {
  const { report, ngspice, node } = await timed(engine, () =>
    verify(netlist, technology, engine, {
      monteCarlo: { draws, simulatedDraws: engine.name === 'ngspice' ? draws : 5, variation: 0.1, seed: 0 },
      corners: engine.name === 'ngspice',
      blame: engine.name === 'ngspice',
    }),
  );
  const found = report.monteCarlo!;
  const { stability } = report;
  const corners = (report.corners ?? []).map((c) => c.maxErrorVolts);
  return {
    table: name,
    engine: engine.name,
    rows: report.cases,
    copies: found.simulatedDraws,
    differing: found.decisionsDiffering,
    ties: found.ties,
    maxErrorVolts: Math.max(report.maxErrorVolts, found.maxErrorVolts),
    cornerErrorVolts: Math.max(0, ...corners, report.blame?.worstCorner.maxErrorVolts ?? 0),
    coldErrorVolts: report.coldStart.maxDifferenceVolts,
    stability: `${stability?.verdict}${stability?.forAnyCapacitances === true ? ', any capacitances' : ''}`,
    ngspiceSeconds: ngspice,
    nodeSeconds: node,
  };
}

const volts = (value: number): string => `${value.toExponential(1)} V`;

/** Runs something and measures it: seconds on the wall, of ngspice, and of this process. */
async function timed<T>(engine: Engine, work: () => Promise<{ readonly report: T }>) {
  const [began, cpu, simulated] = [performance.now(), process.cpuUsage(), engine.cpuSeconds()];
  const { report } = await work();
  const used = process.cpuUsage(cpu);
  const ngspice = engine.cpuSeconds() - simulated;
  // the embedded engine is a thread of this process
  const own = (used.user + used.system) / 1e6 - (engine.name === 'embedded' ? ngspice : 0);
  return {
    report,
    wall: ((performance.now() - began) / 1000).toFixed(1),
    ngspice: ngspice.toFixed(2),
    node: own.toFixed(2),
  };
}

/** Trains and compiles one table quickly: the circuits need not be good to be verified. */
function build(name: string, hidden: readonly number[], folder: string, technology: Technology): NetlistFolder {
  const { data, problem } = kitProblem(name, technology);
  const { network } = trainNetwork(problem, { seed: 0, hidden: [...hidden], epochs: 100, draws: 4 });
  const out = join(folder, `${name}-${hidden.join('-')}`);
  return compileNetwork(network, data, technology, out, { calibrationSteps: 20 }).netlist;
}
