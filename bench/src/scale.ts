import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { componentValues, ExactSolver, type FlatCircuit, loadTechnology } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { buildDeck, type Engine, openEngine } from '@neuroprint/spice';
import { readForeignCircuit, readPortMap, verifyForeign } from '@neuroprint/verifier';
import { TEMPLATES } from './machine.ts';
import { wholeNumber } from './options.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

const TIMEOUT = { timeoutMilliseconds: 3_600_000 };

/**
 * Crossbars of n × n resistors with the resistance of their wires, as a foreign netlist: the exact solver alone, `verify` with the
 * embedded ngspice, and the ngspice program with the same devices as it stands. `--plain` is the largest n that the program gets.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string', default: '8,16,32,64,96,128' },
      plain: { type: 'string', default: '96' },
      seed: { type: 'string', default: '1' },
    },
  });
  const sizes = values.sizes.split(',').map((size) => wholeNumber('sizes', size));
  const most = wholeNumber('plain', values.plain);
  const seed = wholeNumber('seed', values.seed);
  const [embedded, program] = [await openEngine('embedded'), await openEngine('ngspice')];
  const measured: Measured[] = [];
  try {
    for (const n of sizes)
      measured.push(
        await inScratchFolder((folder) => measure(folder, n, seed, embedded, n <= most ? program : undefined)),
      );
  } finally {
    await Promise.all([embedded.close(), program.close()]);
  }
  const seconds = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(3));
  const over = (value: number, plain: number | undefined): string =>
    plain === undefined || plain === 0 ? '' : (value / plain).toFixed(3);
  const rows = measured.map(({ n, resistors, nodes, exact, verify, plain, errorVolts }) => [
    `${n} × ${n}`,
    ...[resistors, nodes].map((count) => count.toLocaleString('en')),
    ...[exact, verify, plain].map(seconds),
    over(exact, plain),
    over(verify, plain),
    errorVolts.toExponential(1),
  ]);
  process.stdout.write(
    `Processor seconds; verify with the embedded ngspice ${embedded.version}, plain is ngspice ${program.version}.\n\n${table(
      [
        'crossbar',
        'resistors',
        'nodes',
        'exact solver',
        'verify',
        'plain ngspice',
        'exact / plain',
        'verify / plain',
        'largest difference, V',
      ],
      rows,
    )}\n`,
  );
  const large = measured.filter(({ n }) => n >= 32);
  if (large.length < 2) return;
  process.stdout.write(
    `\nFrom ${large[0]!.n} × ${large[0]!.n} on the time of the exact solver grows by the power ${power(large).toFixed(2)} of the resistors.\n`,
  );
}

interface Measured {
  readonly n: number;
  readonly resistors: number;
  readonly nodes: number;
  readonly exact: number;
  readonly verify: number;
  readonly plain: number | undefined;
  readonly errorVolts: number;
}

async function measure(
  folder: string,
  n: number,
  seed: number,
  embedded: Engine,
  program: Engine | undefined,
): Promise<Measured> {
  const technology = loadTechnology(TEMPLATES, 'egt');
  const lines = crossbar(n, seed);
  const draws = new Draws(seed, 'inputs');
  const volts = Array.from({ length: n }, (_, i) => draws.uniform(0, i));
  const [netlist, map, expected] = ['crossbar.cir', 'map.json', 'inputs.csv'].map((name) => join(folder, name));
  const named = (letter: string, node: string): Record<string, string> =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`${letter}${i}`, `${node}${i}`]));
  writeFileSync(netlist!, `* crossbar\n${lines.join('\n')}\n`);
  writeFileSync(map!, JSON.stringify({ technology: 'egt', inputs: named('x', 'in'), outputs: named('y', 'out') }));
  writeFileSync(expected!, `${Object.keys(named('x', 'in')).join(',')}\n${volts.join(',')}\n`);
  const { flat } = readForeignCircuit(netlist!, readPortMap(map!, technology), technology);
  // a circuit of its own each time, so that nothing is planned already
  const exact = Math.min(...[1, 2, 3].map(() => timed(() => solveOnce({ ...flat }, volts))));
  const before = cpuSeconds();
  const report = await verifyForeign({ netlist: netlist!, map: map!, technology, expected }, embedded);
  const verify = cpuSeconds() - before;
  const sources = volts.map((v, i) => `vin${i} in${i} 0 ${v}`);
  const started = program?.cpuSeconds() ?? 0;
  await program?.run(buildDeck([...lines, ...sources].join('\n'), ['op', 'write result.raw'], ''), TIMEOUT);
  return {
    n,
    resistors: flat.resistors.length,
    nodes: flat.unknowns.length,
    exact,
    verify,
    plain: program === undefined ? undefined : program.cpuSeconds() - started,
    errorVolts: report.solverErrorVolts,
  };
}

/** Rows driven from the left, columns read at the bottom through 1 kΩ, 5 Ω from cell to cell. */
function crossbar(n: number, seed: number): string[] {
  const draws = new Draws(seed, 'crossbar');
  const all = Array.from({ length: n }, (_, i) => i);
  return [
    ...all.flatMap((i) =>
      all.flatMap((j) => [
        `Rw_${i}_${j} ${j === 0 ? `in${i}` : `a_${i}_${j - 1}`} a_${i}_${j} 5`,
        `Rx_${i}_${j} a_${i}_${j} b_${i}_${j} ${(1e5 * 10 ** draws.uniform(i, j)).toFixed(1)}`,
        `Rv_${i}_${j} b_${i}_${j} ${i === n - 1 ? `out${j}` : `b_${i + 1}_${j}`} 5`,
      ]),
    ),
    ...all.map((j) => `Rt_${j} out${j} 0 1000`),
  ];
}

function solveOnce(flat: FlatCircuit, volts: readonly number[]): void {
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  if (!solver.solveRow(Float64Array.from(volts), 0, solver.newState(1))) throw new Error('no operating point');
}

function timed(work: () => void): number {
  const before = cpuSeconds();
  work();
  return cpuSeconds() - before;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The slope of log time by log resistors, least squares. */
function power(measured: readonly Measured[]): number {
  const x = measured.map(({ resistors }) => Math.log(resistors));
  const y = measured.map(({ exact }) => Math.log(exact));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, value, k) => sum + (value - mx) * (y[k]! - my), 0);
  return covariance / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}
