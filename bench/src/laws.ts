import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as here from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { TEMPLATES } from './machine.ts';
import { randomNetwork } from './random-network.ts';
import { table } from './table.ts';

const ROWS = 120;
const COPIES = 200;
const ROUNDS = 9;
const CIRCUITS: readonly (readonly [technology: string, sizes: readonly number[]])[] = [
  ['egt', [4, 3, 3]],
  ['egt-date23', [4, 3, 3]],
  ['egt', [16, 3, 10]],
];
/** Currents like those of `egt` at 1 V, under the other laws on offer. */
const LAWS: Readonly<Record<keyof typeof here.LAW_LIBRARY, Readonly<Record<string, number>>>> = {
  ekv: { i0: 1.1e-7, vth: 0.17, phi: 0.0225, gamma: 1.46, lambda: 0.044 },
  level1: { kp: 4e-5, vth: 0.17, phi: 0.03, lambda: 0.04 },
  'virtual-source': { k: 3e-5, vth: 0.17, n: 1.5, gamma: 0.3, alpha: 0.6, beta: 2, lambda: 0.04 },
};

type Circuits = typeof here;
type Kind = here.SolverKind;

/**
 * `npm run bench -- laws [--base FOLDER]`: what a row costs under each law, by the kernel and by the plain solver, and how far they are
 * apart. With --base, a built checkout of another version, whose kernel solves the same circuits in turn with this one's.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { base: { type: 'string' } } });
  if (values.base !== undefined) {
    const url = pathToFileURL(join(values.base, 'packages/circuit/dist/index.js')).href;
    const base = (await import(url)) as Circuits;
    const folder = join(values.base, 'spice-templates');
    const rows = CIRCUITS.map(([name, sizes]) => beside(base, folder, name, sizes));
    const head = ['circuit, µs a row', 'base', 'here', 'ratio', 'with gradient: base', 'here', 'ratio', 'difference'];
    process.stdout.write(`${table(head, rows)}\n\n`);
  }
  const egt = here.loadTechnology(TEMPLATES, 'egt');
  const rows = Object.entries(LAWS).flatMap(([law, parameters]) =>
    (['n', 'p'] as const).map((polarity) => underLaw(egt, law as keyof typeof LAWS, parameters, polarity)),
  );
  const head = ['egt 4-3-3 under the law, µs a row', 'kernel', 'with gradient', 'plain', 'with gradient', 'difference'];
  process.stdout.write(`${table(head, rows)}\n`);
}

function beside(base: Circuits, folder: string, name: string, sizes: readonly number[]): string[] {
  const sides = [
    solverOf(base, base.loadTechnology(folder, name), sizes, 'simd'),
    solverOf(here, here.loadTechnology(TEMPLATES, name), sizes, 'simd'),
  ] as const;
  const figures = [false, true].flatMap((gradient) => {
    const [one, other] = inTurn(sides, gradient) as [number, number];
    return [one.toFixed(2), other.toFixed(2), (other / one).toFixed(2)];
  });
  return [`${name} ${sizes.join('-')}`, ...figures, apart(...sides)];
}

function underLaw(
  egt: here.Technology,
  law: keyof typeof LAWS,
  parameters: Readonly<Record<string, number>>,
  polarity: 'n' | 'p',
): string[] {
  const { text, parameters: offered } = here.LAW_LIBRARY[law];
  const names = offered.map((one) => one.name);
  const values = offered.map(({ name, start }) => parameters[name] ?? start);
  const kind = { ...egt.transistors.egt!, polarity, law: here.parseLaw(text, names), parameters: values };
  // p-type devices pull up from ground where the supply is below it
  const sign = polarity === 'n' ? 1 : -1;
  const technology = {
    ...egt,
    transistors: { egt: kind },
    supplies: Object.fromEntries(Object.entries(egt.supplies).map(([node, volts]) => [node, sign * volts])),
    inputVolts: polarity === 'n' ? egt.inputVolts : { minimum: -1, maximum: 0 },
  };
  const kernel = solverOf(here, technology, [4, 3, 3], 'simd', sign);
  const plain = solverOf(here, technology, [4, 3, 3], 'typescript', sign);
  const figures = [kernel, plain].flatMap((side) =>
    [false, true].map((gradient) => inTurn([side], gradient, side === kernel ? COPIES : 10)[0]!.toFixed(2)),
  );
  return [`${law}, ${polarity}-type`, ...figures, apart(kernel, plain)];
}

type Side = (copies: number, withGradient: boolean) => { readonly micros: number; readonly volts: Float64Array };

/** The largest difference of a node's volts. */
function apart(one: Side, other: Side): string {
  const [a, b] = [one(1, false).volts, other(1, false).volts];
  return `${Math.max(...a.map((volts, i) => Math.abs(volts - b[i]!))).toExponential(1)} V`;
}

/** Medians of what a row costs, the sides one after the other in every round. */
function inTurn(sides: readonly Side[], withGradient: boolean, copies = COPIES): number[] {
  for (const side of sides) side(Math.ceil(copies / 4), withGradient);
  const found = sides.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1)
    for (let k = 0; k < sides.length; k += 1) {
      const which = round % 2 === 0 ? k : sides.length - 1 - k;
      found[which]!.push(sides[which]!(copies, withGradient).micros);
    }
  return found.map((times) => times.sort((a, b) => a - b)[ROUNDS >> 1]!);
}

/** Copies of a random network at 10 % variation, each from the nominal voltages: processor time of a row, and all volts of the last. */
function solverOf(of: Circuits, technology: here.Technology, sizes: readonly number[], kind: Kind, sign = 1): Side {
  const flat = of.flatten(randomNetwork(technology, sizes, 1), technology);
  const nominal = of.componentValues(flat);
  const inputs = new Float64Array(ROWS * flat.inputs.length);
  new Draws(1, 'bench inputs').fillUniform(0, inputs);
  for (let i = 0; i < inputs.length; i += 1) inputs[i]! *= sign;
  const all = Int32Array.from({ length: ROWS }, (_, row) => row);
  const solver = new of.BatchSolver(flat, kind);
  solver.setValues(nominal);
  const start = solver.newState(ROWS);
  solver.solveRows(inputs, all, start);
  const seed = (_: number, byNode: Float64Array): boolean => {
    byNode.fill(1);
    return true;
  };
  return (copies, withGradient) => {
    const draws = new Draws(2, 'bench copies');
    const shares = new Float64Array(nominal.length);
    let volts = start;
    const began = process.cpuUsage();
    for (let k = 0; k < copies; k += 1) {
      draws.fillUniform(k, shares);
      solver.setValues(nominal.map((value, i) => value * (0.9 + 0.2 * shares[i]!)));
      const state = start.slice();
      const gradient = new Float64Array(nominal.length);
      solver.solveRows(inputs, all, state, withGradient ? { seed, gradient } : undefined);
      volts = state;
    }
    const { user, system } = process.cpuUsage(began);
    return { micros: (user + system) / copies / ROWS, volts };
  };
}
