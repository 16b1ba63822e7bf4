import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  BatchSolver,
  componentValues,
  type FlatCircuit,
  flatten,
  loadTechnology,
  type SolverKind,
  type Technology,
  variedValues,
} from '@neuroprint/circuit';
import { Draws, readDataset } from '@neuroprint/core';
import { trainNetwork } from '@neuroprint/training';
import { DATA, TEMPLATES } from './machine.ts';
import { type CompiledNetwork, compileFile, compileNetwork } from './netlist.ts';
import { kitProblem } from './problem.ts';
import { randomNetwork } from './random-network.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

const DEMO = fileURLToPath(new URL('../../netlists-out/demo-iris', import.meta.url));
const IRIS = fileURLToPath(new URL('../../examples/iris.csv', import.meta.url));
const ROWS = 120;
const COPIES: Readonly<Record<SolverKind, number>> = { simd: 1000, typescript: 60 };
const COMPARED_COPIES = 10;
const SPREAD = 0.1;
/** The network for the large compile is trained only so far: its compile costs the same. */
const EPOCHS = 100;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Both solvers on printed copies of several circuits, and what a compile takes. */
export async function solverSpeed(): Promise<void> {
  const demo = JSON.parse(readFileSync(join(DEMO, 'circuit.json'), 'utf8'));
  const egt = loadTechnology(TEMPLATES, 'egt');
  const date23 = loadTechnology(TEMPLATES, 'egt-date23');
  const circuits: [string, FlatCircuit][] = [
    ['egt 4-3-3, demo-iris', flatten(demo, egt)],
    ['egt-date23 4-3-3, random', flatten(randomNetwork(date23, [4, 3, 3], 1), date23)],
    ['egt 16-3-10, random', flatten(randomNetwork(egt, [16, 3, 10], 1), egt)],
  ];
  process.stdout.write(
    `${table(
      ['each copy from the nominal voltages, 10 % variation', 'nodes', 'transistors', 'steps a row'].concat(
        ...(['typescript', 'simd'] as const).map((kind) => [`${kind}, µs a row`, 'with gradient']),
        ['largest difference', 'of the gradient', 'kernel memory', 'to plan'],
      ),
      circuits.map(([name, flat]) => speeds(name, flat)),
    )}\n\n`,
  );
  const compiles = await inScratchFolder(async (folder) => [
    times(
      '4-3-3, iris',
      compileFile(join(DEMO, 'network.json'), readDataset(IRIS, { seed: 0 }), egt, join(folder, 'iris')),
    ),
    ...(existsSync(DATA) ? [times('16-3-10, pendigits', compilePendigits(egt, join(folder, 'pendigits')))] : []),
  ]);
  process.stdout.write(`${table(['compile, calibration and all rungs', 'processor s', 'wall s'], compiles)}\n\n`);
}

function speeds(name: string, flat: FlatCircuit): string[] {
  const inputs = new Float64Array(ROWS * flat.inputs.length);
  new Draws(1, 'bench inputs').fillUniform(0, inputs);
  const all = Int32Array.from({ length: ROWS }, (_, row) => row);
  const nominal = componentValues(flat);
  const draws = new Draws(1, 'bench copies');
  const outputs = flat.unknowns.flatMap((node, i) => (node.startsWith('y_') ? [i] : []));
  const seed = (_: number, byNode: Float64Array): boolean => {
    for (const node of outputs) byNode[node] = 1;
    return true;
  };
  /** The copies one after another; what was found for the first of them. */
  const solve = (kind: SolverKind, copies: number, withGradient: boolean) => {
    const solver = new BatchSolver(flat, kind);
    solver.setValues(nominal);
    const start = solver.newState(ROWS);
    const failed = solver.solve(inputs, ROWS, start);
    if (failed.length > 0) throw new Error(`${name}: no operating point for row ${failed[0]}`);
    const values = nominal.slice();
    const gradient = new Float64Array(nominal.length);
    const state = start.slice();
    const found: Float64Array[] = [];
    const stepsBefore = solver.iterations;
    const began = cpuSeconds();
    for (let copy = 0; copy < copies; copy += 1) {
      variedValues(flat, nominal, draws, copy, SPREAD, values);
      solver.setValues(values);
      state.set(start);
      gradient.fill(0);
      solver.solveRows(inputs, all, state, withGradient ? { seed, gradient } : undefined);
      if (copy < COMPARED_COPIES)
        found.push(
          state.slice(),
          gradient.map((g, k) => g * values[k]!),
        );
    }
    const rows = copies * ROWS;
    const micros = (1e6 * (cpuSeconds() - began)) / rows;
    return { micros, steps: (solver.iterations - stepsBefore) / rows, bytes: solver.kernelBytes, found };
  };
  const measured = (['typescript', 'simd'] as const).map((kind) => {
    solve(kind, COPIES[kind], true);
    return { alone: solve(kind, COPIES[kind], false), full: solve(kind, COPIES[kind], true) };
  });
  const [plain, kernel] = measured as [(typeof measured)[0], (typeof measured)[0]];
  const furthest = (parity: number, scale: (of: Float64Array) => number): number =>
    Math.max(
      ...plain.full.found.flatMap((expected, i) =>
        i % 2 === parity
          ? [Math.max(...expected.map((v, k) => Math.abs(v - kernel.full.found[i]![k]!))) / scale(expected)]
          : [],
      ),
    );
  const plans = 50;
  const began = cpuSeconds();
  for (let i = 0; i < plans; i += 1) new BatchSolver(flat, 'simd');
  const planMillis = (1000 * (cpuSeconds() - began)) / plans;
  return [
    name,
    String(flat.unknowns.length),
    String(flat.transistors.length),
    kernel.alone.steps.toFixed(2),
    ...measured.flatMap(({ alone, full }) => [alone.micros.toFixed(2), full.micros.toFixed(2)]),
    `${furthest(0, () => 1).toExponential(1)} V`,
    furthest(1, (of) => Math.max(...of.map(Math.abs))).toExponential(1),
    `${kernel.full.bytes / 1024} kB`,
    `${planMillis.toFixed(1)} ms`,
  ];
}

const times = (name: string, { cpuSeconds, wallSeconds }: CompiledNetwork): string[] => [
  name,
  cpuSeconds.toFixed(1),
  wallSeconds.toFixed(1),
];

function compilePendigits(technology: Technology, out: string): CompiledNetwork {
  const { data, problem } = kitProblem('pendigits', technology);
  const { network } = trainNetwork(problem, { seed: 0, epochs: EPOCHS, restarts: 1 });
  return compileNetwork(network, data, technology, out);
}
