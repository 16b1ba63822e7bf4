import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { problemOf } from '../training-problem.ts';

/*
 * A process of its own: one measurement with the packages of the build in the folder that is named first. Prints JSON.
 */
const [root, name, ...args] = process.argv.slice(2) as [string, string, ...string[]];

/** A package of that build; its types are those of this one. */
async function packageOf<T>(folder: string): Promise<T> {
  return (await import(pathToFileURL(join(root, 'packages', folder, 'dist', 'index.js')).href)) as T;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export interface CrossbarMeasured {
  readonly resistors: number;
  readonly nodes: number;
  /** Processor seconds of the exact solver alone. */
  readonly exact: number;
  /** Processor seconds of the whole verification with the embedded ngspice, and the largest difference of a node; where it was asked for. */
  readonly verify?: number;
  readonly errorVolts?: number;
}

async function crossbar(folder: string, whole: boolean): Promise<CrossbarMeasured> {
  const { componentValues, ExactSolver, loadTechnology } =
    await packageOf<typeof import('@neuroprint/circuit')>('circuit');
  const { readForeignCircuit, readPortMap, verifyForeign } =
    await packageOf<typeof import('@neuroprint/verifier')>('verifier');
  const { openEngine } = await packageOf<typeof import('@neuroprint/spice')>('spice');
  const technology = loadTechnology(join(root, 'spice-templates'), 'egt');
  const [netlist, map, expected] = ['crossbar.cir', 'map.json', 'inputs.csv'].map((file) => join(folder, file));
  const { flat } = readForeignCircuit(netlist!, readPortMap(map!, technology), technology);
  const { readFileSync } = await import('node:fs');
  const volts = Float64Array.from(readFileSync(expected!, 'utf8').split('\n')[1]!.split(','), Number);
  const solve = (): number => {
    const began = cpuSeconds();
    // a circuit of its own each time, so that nothing is planned already
    const solver = new ExactSolver({ ...flat });
    solver.setValues(componentValues(flat));
    if (!solver.solveRow(volts, 0, solver.newState(1))) throw new Error('no operating point');
    return cpuSeconds() - began;
  };
  const measured = {
    resistors: flat.resistors.length,
    nodes: flat.unknowns.length,
    exact: Math.min(solve(), solve(), solve()),
  };
  if (!whole) return measured;
  const engine = await openEngine('embedded');
  try {
    const began = cpuSeconds();
    const report = await verifyForeign({ netlist: netlist!, map: map!, technology, expected: expected! }, engine);
    return { ...measured, verify: cpuSeconds() - began, errorVolts: report.solverErrorVolts };
  } finally {
    await engine.close();
  }
}

/** Epochs a processor second of 20 prints, full batches; the difference of two lengths, so that what a run costs once does not count. */
async function epochs(table: string, count: number): Promise<number> {
  const { runJob } = await packageOf<typeof import('@neuroprint/training')>('training');
  const problem = problemOf(table, join(root, 'surrogates'));
  const seconds = async (some: number): Promise<number> => {
    const began = cpuSeconds();
    const whole = { restarts: 1, validateEvery: 1, batchRows: Number.MAX_SAFE_INTEGER };
    await runJob({ kind: 'printed', problem, options: { epochs: some, patience: some, ...whole } });
    return cpuSeconds() - began;
  };
  const short = Math.ceil(count / 5);
  const before = await seconds(short);
  return count / ((await seconds(short + count)) - before);
}

const found =
  name === 'crossbar' ? await crossbar(args[0]!, args[1] === 'whole') : await epochs(args[0]!, Number(args[1]));
process.stdout.write(JSON.stringify(found));
