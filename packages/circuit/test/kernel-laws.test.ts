import { Draws } from '@neuroprint/core';
import { LinkedModule } from '@neuroprint/numeric';
import { describe, expect, it } from 'vitest';
import { componentValues, type FlatCircuit, flatten } from '../src/ir/flatten.ts';
import { compileNodes } from '../src/law/evaluate.ts';
import { assemble, Code, I32 } from '../src/law/kernel/assembler.ts';
import { emitLaws } from '../src/law/kernel/emit.ts';
import { ELEMENTARY, type Elementary, elementary } from '../src/law/kernel/functions.ts';
import { planLaw } from '../src/law/kernel/plan.ts';
import { curveTable } from '../src/law/kernel/table.ts';
import { deviceLaw } from '../src/solver/device.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import { BatchSolver } from '../src/solver/kernel/batch-solver.ts';
import type { TransistorKind } from '../src/technology/transistor.ts';
import { chain, mixedProcess } from './process.ts';
import { randomKind } from './random-law.ts';

const ROWS = 17;
const rows = Int32Array.from({ length: ROWS }, (_, i) => i);
const inputs = Float64Array.from({ length: 2 * ROWS }, (_, i) => 5 * new Draws(8, 'inputs').uniform(0, i));

function weights(row: number, byNode: Float64Array): boolean {
  new Draws(row, 'loss').fillUniform(0, byNode);
  return true;
}

function solved(flat: FlatCircuit, values: Float64Array, kind: 'simd' | 'typescript') {
  const solver = new BatchSolver(flat, kind);
  solver.setValues(values);
  const state = solver.newState(ROWS);
  const gradient = new Float64Array(values.length);
  expect(solver.solveRows(inputs, rows, state, { seed: weights, gradient })).toEqual([]);
  return { state, gradient, fallbacks: solver.fallbacks };
}

function compare(flat: FlatCircuit, values: Float64Array) {
  const [exact, kernel] = [solved(flat, values, 'typescript'), solved(flat, values, 'simd')];
  const expected = exact.gradient.map((g, k) => g * values[k]!);
  const largest = Math.max(...expected.map(Math.abs));
  expect(kernel.fallbacks).toBe(0);
  expect(Math.max(...exact.state.map((v, i) => Math.abs(v - kernel.state[i]!)))).toBeLessThan(1e-9);
  expect(Math.max(...expected.map((g, k) => Math.abs(g - kernel.gradient[k]! * values[k]!))) / largest).toBeLessThan(
    1e-6,
  );
  return kernel;
}

/** Every kind with thresholds and strengths of its own, one of them of a power that no table holds. */
const spread = mixedProcess((file) => {
  const kinds = file.transistors as Record<string, { parameters: Record<string, unknown> } & Record<string, unknown>>;
  const names: Record<string, [string, string]> = { ekv: ['i0', 'gamma'], pmos: ['k', 'n'] };
  file.transistors = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => {
      const parameters = [...(names[name] ?? [Object.keys(kind.parameters)[0]!]), 'vth'];
      const scale = parameters.map((one) => (one === 'vth' ? 'linear' : 'log'));
      const covariance = parameters.map((_, i) => parameters.map((_, j) => (i === j ? 4e-4 : 1e-4)));
      return [name, { ...kind, spread: { parameters, scale, covariance, sheetShare: 0.3, source: 'test' } }];
    }),
  );
});

describe('the kernel with laws of five kinds', () => {
  const technology = mixedProcess();

  it('finds the operating points and the gradient of the plain solver', () => {
    const flat = flatten(chain(technology), technology);
    compare(flat, componentValues(flat));
  });

  it('does so where transistors have parameters of their own', () => {
    const flat = flatten(chain(spread), spread, { spread: true });
    const own = flat.components.filter(({ unit }) => unit === 'law');
    expect(own).toHaveLength(flat.transistors.reduce((sum, { parameters }) => sum + parameters.length, 0));
    const draws = new Draws(5, 'own');
    const values = componentValues(flat).map((value, k) => value * (0.97 + 0.06 * draws.uniform(0, k)));
    const { gradient } = compare(flat, values);
    const k = flat.components.findIndex(({ name }) => name === 'act_0.n.vth');
    expect(Math.abs(gradient[k]!)).toBeGreaterThan(1e-3);
  });

  it('has the gradient by every component that finite differences have', () => {
    const flat = flatten(chain(spread), spread, { spread: true });
    const values = componentValues(flat);
    const { gradient } = solved(flat, values, 'simd');
    const loss = (at: Float64Array): number => {
      const solver = new ExactSolver(flat);
      solver.setValues(at);
      const state = solver.newState(ROWS);
      const byNode = new Float64Array(solver.size);
      let sum = 0;
      for (const row of rows) {
        expect(solver.solveRow(inputs, row, state)).toBe(true);
        weights(row, byNode);
        byNode.forEach((weight, i) => {
          sum += weight * state[row * solver.size + i]!;
        });
      }
      return sum;
    };
    values.forEach((value, k) => {
      const step = 1e-5 * Math.abs(value);
      const difference = (loss(values.with(k, value + step)) - loss(values.with(k, value - step))) / (2 * step);
      expect(Math.abs(gradient[k]! - difference) * Math.abs(value)).toBeLessThan(
        2e-5 * Math.abs(difference * value) + 1e-6,
      );
    });
  });

  it('gives the same bits in a thread, where the process came as plain data', () => {
    const [here, there] = [technology, structuredClone(technology)].map((of) => {
      const flat = flatten(chain(of), of);
      return solved(flat, componentValues(flat), 'simd');
    });
    expect(there).toEqual(here);
  });

  it('gives every row the same bits, whatever rows are beside it', () => {
    const flat = flatten(chain(spread), spread, { spread: true });
    const together = solved(flat, componentValues(flat), 'simd').state;
    const solver = new BatchSolver(flat, 'simd');
    solver.setValues(componentValues(flat));
    const alone = solver.newState(ROWS);
    for (const row of [...rows].reverse()) solver.solveRows(inputs, Int32Array.of(row), alone);
    expect(alone).toEqual(together);
  });

  it('leaves devices that its tables do not hold to the plain solver', () => {
    const flat = flatten(chain(spread), spread, { spread: true });
    const k = flat.components.findIndex(({ name }) => name === 'act_0.n.vth');
    const values = componentValues(flat).with(k, 1.4);
    expect(solved(flat, values, 'simd')).toEqual(solved(flat, values, 'typescript'));
  });
});

/** What the kernel stamps of one device with a driven source at two biases, [current, by drain, by gate] of each. */
function stamped(kind: TransistorKind, width: number, biases: readonly (readonly number[])[]): number[][] {
  const law = planLaw(kind, deviceLaw(kind).isFloating, false, 27, [-1.5, 1.5]);
  const memory = memoryOf();
  const { stamp } = new LinkedModule(emitLaws([law])).instance(memory) as { stamp: (block: number) => void };
  const numbers = new Float64Array(memory.buffer);
  const words = new Int32Array(memory.buffer);
  // from 0: pairs of gate, drain, source, row and two entries of the matrix, then values, outputs and tables
  const pairs = 16;
  const [values, outputs, tables] = [256, 512, 4096];
  words.set([pairs, 0, 2 * pairs, 3 * pairs, 4 * pairs, 5 * pairs], 200);
  let free = tables;
  const addresses = [...law.tables.values()].map(({ coefficients }) => {
    const at = free;
    numbers.set(coefficients, at / 8);
    free += 8 * coefficients.length;
    return at;
  });
  words.set([800, 1, values, outputs, 800, 0, values, outputs, ...addresses], 256);
  const found = new Float64Array(law.deviceNodes.length);
  compileNodes(law.deviceNodes, [])(0, 0, 0, width, 1, 27, [], found);
  numbers.set(found, values / 8);
  biases.forEach(([vg, vd, vs], lane) => {
    for (const [k, volts] of [vg, vd, vs].entries()) numbers[2 * k + lane] = volts!;
  });
  stamp(1024);
  return biases.map((_, lane) => [3, 4, 5].map((k) => numbers[2 * k + lane]!));
}

it('random laws are worth in the kernel what they are worth in TypeScript, with their derivatives', () => {
  for (let seed = 0; seed < 60; seed += 1) {
    const kind = randomKind(seed);
    if (kind === undefined) continue;
    const draws = new Draws(seed, 'bias');
    const biases = [0, 1].map((i) => Array.from({ length: 3 }, (_, k) => 3 * draws.uniform(i, k) - 1.5));
    const found = stamped(kind, 2, biases);
    biases.forEach((bias, lane) => {
      const [vg, vd, vs] = bias as [number, number, number];
      const out = { amperes: 0, byGate: 0, byDrain: 0, bySource: 0 };
      deviceLaw(kind).evaluate(vg, vd, vs, 2, 1, 27, out);
      const scale = Math.abs(out.amperes) + Math.abs(out.byGate) + Math.abs(out.byDrain);
      [out.amperes, out.byDrain, out.byGate].forEach((expected, k) => {
        expect(Math.abs(found[lane]![k]! - expected), JSON.stringify(kind.law.text)).toBeLessThanOrEqual(
          1e-9 * scale + 1e-24,
        );
      });
    });
  }
});

/** One function of the kernel on two numbers, called through its memory. */
function called(name: Elementary): (x: number) => number {
  const code = new Code([I32], []);
  code.get(0).get(0).load().call(ELEMENTARY.indexOf(name)).store();
  const memory = memoryOf();
  const run = new LinkedModule(assemble([...elementary(), code], 'run')).instance(memory).run as (at: number) => void;
  const pair = new Float64Array(memory.buffer, 0, 2);
  return (x) => {
    pair.fill(x);
    run(0);
    expect(pair[1]).toBe(pair[0]);
    return pair[0]!;
  };
}

/** What a linked module takes for its memory: Node's own types have no WebAssembly. */
type LinkedMemory = Parameters<LinkedModule['instance']>[0];

function memoryOf(): LinkedMemory {
  const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: new (of: object) => LinkedMemory } })
    .WebAssembly;
  return new Memory({ initial: 32 });
}

describe('the functions of the kernel', () => {
  const cases: [Elementary, (x: number) => number, number[]][] = [
    ['exp', Math.exp, Array.from({ length: 2000 }, (_, i) => -700 + 0.7003 * i)],
    ['ln', Math.log, Array.from({ length: 2000 }, (_, i) => 10 ** (-290 + 0.2901 * i))],
    ['ln', Math.log, Array.from({ length: 400 }, (_, i) => 0.6 + 0.0031 * i)],
    ['log1p', Math.log1p, Array.from({ length: 500 }, (_, i) => 10 ** (-0.05 * i))],
  ];
  it.each(cases)('%s is that of JavaScript to 1e-15', (name, expected, points) => {
    const found = called(name);
    for (const x of points) {
      const value = expected(x);
      expect(Math.abs(found(x) - value)).toBeLessThanOrEqual(1e-15 * Math.max(Math.abs(value), 1e-300) + 1e-17);
    }
  });
});

describe('tables of one quantity', () => {
  it.each<[string, (x: number) => number, number, number]>([
    ['the EKV power', (x) => Math.exp(1.46 * Math.log(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))))), -90, 110],
    ['tanh', Math.tanh, -20, 20],
  ])('err by less than 2e-12 of %s', (_, f, low, high) => {
    const { coefficients, intervals, scale, offset } = curveTable(f, low, high)!;
    const largest = Math.max(Math.abs(f(low)), Math.abs(f(high)));
    for (let x = low; x <= high; x += (high - low) / 9973) {
      const place = Math.min(intervals - 1, Math.max(0, scale * x + offset));
      const n = Math.round(place);
      const found = coefficients.subarray(8 * n, 8 * n + 8).reduceRight((sum, c) => sum * (place - n) + c, 0);
      expect(Math.abs(found - f(x))).toBeLessThan(
        2e-12 * Math.abs(f(x)) + 1e-28 * largest + (f === Math.tanh ? 1e-13 : 0),
      );
    }
  });

  it('are not made of what has a corner or too many', () => {
    expect(curveTable(Math.abs, -1, 1.7123)).toBeUndefined();
    expect(curveTable((x) => x / Math.sqrt(1 + x * x), -2e5, 2e5)).toBeUndefined();
    expect(curveTable(Math.log, -1, 1)).toBeUndefined();
  });
});
