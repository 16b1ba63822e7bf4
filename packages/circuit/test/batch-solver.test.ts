import { Draws } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { componentValues, type FlatCircuit, flatten } from '../src/ir/flatten.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import { BatchSolver } from '../src/solver/kernel/batch-solver.ts';
import { blockPlanOf } from '../src/solver/kernel/blocks.ts';
import { hasSolverKernel } from '../src/solver/kernel/kernel.ts';
import { isForKernel } from '../src/solver/kernel/layout.ts';
import { variedValues } from '../src/variation/copies.ts';
import { date23, egt, randomCircuit } from './example.ts';
import { amplifier, columnWithNegatives, opamp, randomOhms } from './negative.ts';

const LARGEST_DIFFERENCE_VOLTS = 1e-10;

function randomInputs(rows: number, inputs: number, seed: number): Float64Array {
  const volts = new Float64Array(rows * inputs);
  new Draws(seed, 'test inputs').fillUniform(0, volts);
  return volts;
}

function upTo(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => i);
}

/** A loss that weighs every node of a row in its own way. */
function weights(row: number, byNode: Float64Array): boolean {
  new Draws(row, 'test loss').fillUniform(0, byNode);
  return true;
}

/** States and gradients of both solvers on the same rows, and how far they are apart. */
function compare(flat: FlatCircuit, values: Float64Array, inputs: Float64Array, rows: number) {
  const exact = new BatchSolver(flat, 'typescript');
  const kernel = new BatchSolver(flat, 'simd');
  const solve = (solver: BatchSolver) => {
    solver.setValues(values);
    const state = solver.newState(rows);
    const gradient = new Float64Array(values.length);
    expect(solver.solveRows(inputs, upTo(rows), state, { seed: weights, gradient })).toEqual([]);
    return { state, gradient };
  };
  const [a, b] = [solve(exact), solve(kernel)];
  const scaled = (gradient: Float64Array) =>
    gradient.map((g, k) => g * (Number.isFinite(values[k]!) ? values[k]! : 1e-7));
  const [expected, found] = [scaled(a.gradient), scaled(b.gradient)];
  const largest = Math.max(...expected.map(Math.abs));
  return {
    volts: Math.max(...a.state.map((v, i) => Math.abs(v - b.state[i]!))),
    gradient: Math.max(...expected.map((g, k) => Math.abs(g - found[k]!))) / largest,
    fallbacks: kernel.fallbacks,
  };
}

it('the kernel was built and this machine has SIMD', () => {
  expect(hasSolverKernel()).toBe(true);
});

describe.each([
  ['egt', egt],
  ['egt-date23', date23],
])('the kernel on random networks of %s', (_, technology) => {
  it('finds the operating points and the gradient of the exact solver', () => {
    fc.assert(
      fc.property(
        fc.record({ seed: fc.nat(1e6), hidden: fc.integer({ min: 1, max: 4 }), rows: fc.integer({ min: 1, max: 40 }) }),
        ({ seed, hidden, rows }) => {
          const flat = flatten(randomCircuit(technology, [4, hidden, 3], seed), technology);
          const values = componentValues(flat);
          variedValues(flat, values, new Draws(seed, 'test values'), 0, 0.1, values);
          const difference = compare(flat, values, randomInputs(rows, 4, seed), rows);
          expect(difference.volts).toBeLessThan(LARGEST_DIFFERENCE_VOLTS);
          expect(difference.gradient).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('gives the gradient of every component that finite differences give', () => {
    const flat = flatten(randomCircuit(technology, [3, 2, 2], 5), technology);
    const solver = new BatchSolver(flat, 'simd');
    const values = componentValues(flat);
    const rows = 3;
    const inputs = randomInputs(rows, 3, 7);
    const state = solver.newState(rows);
    const gradient = new Float64Array(values.length);
    solver.setValues(values);
    solver.solveRows(inputs, upTo(rows), state, { seed: weights, gradient });
    const byNode = new Float64Array(solver.size);
    const loss = (vector: Float64Array): number => {
      solver.setValues(vector);
      expect(solver.solve(inputs, rows, state)).toEqual([]);
      let sum = 0;
      for (let row = 0; row < rows; row += 1) {
        weights(row, byNode);
        byNode.forEach((weight, i) => {
          sum += weight * state[row * solver.size + i]!;
        });
      }
      return sum;
    };
    values.forEach((value, k) => {
      const h = 1e-4 * value;
      const shifted = (by: number): number => loss(values.map((v, i) => (i === k ? v + by : v)));
      const difference = (8 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / 12 / h;
      const scale = Math.abs(difference * value) + 1e-4;
      expect(Math.abs(gradient[k]! - difference) * value, flat.components[k]!.name).toBeLessThan(1e-5 * scale);
    });
    expect(solver.fallbacks).toBe(0);
  });

  it('is left to the plain solver where its elimination would fill the memory', () => {
    const flat = flatten(randomCircuit(technology, [4, 3, 3], 11), technology);
    const plan = blockPlanOf(flat);
    expect(isForKernel(flat)).toBe(true);
    expect(isForKernel(flat, 4 * plan.multiplications + 256 * plan.slots)).toBe(true);
    expect(isForKernel(flat, 4 * plan.multiplications + 256 * plan.slots - 1)).toBe(false);
  });

  it('gives a row the same bits alone, with any partner and in any order', () => {
    const rows = 45;
    const flat = flatten(randomCircuit(technology, [4, 3, 3], 11), technology);
    const inputs = randomInputs(rows, 4, 3);
    const solver = new BatchSolver(flat, 'simd');
    solver.setValues(componentValues(flat));
    const together = solver.newState(rows);
    solver.solve(inputs, rows, together);
    const alone = solver.newState(rows);
    for (let row = 0; row < rows; row += 1) solver.solveRows(inputs, Int32Array.of(row), alone);
    const shuffled = solver.newState(rows);
    solver.solveRows(inputs, new Draws(1, 'order').permutation(0, rows), shuffled);
    expect(alone).toEqual(together);
    expect(shuffled).toEqual(together);

    const gradients = (chosen: Int32Array) => {
      const gradient = new Float64Array(chosen.length * flat.components.length);
      solver.solveRows(inputs, chosen, together.slice(), { seed: weights, gradient, byRow: true });
      return gradient;
    };
    const width = flat.components.length;
    expect(gradients(upTo(rows)).subarray(17 * width, 18 * width)).toEqual(gradients(Int32Array.of(17)));
  });
});

describe('the kernel', () => {
  it('solves op-amps of every model as the exact solver does', () => {
    for (const model of ['ideal', 'gain', 'rails'] as const) {
      for (let seed = 0; seed < 10; seed += 1) {
        const circuit = columnWithNegatives(model, randomOhms(seed, 2, 1e5), randomOhms(seed + 100, 3, 1e6));
        const flat = flatten(circuit, opamp);
        const difference = compare(flat, componentValues(flat), randomInputs(20, 5, seed), 20);
        expect(difference.volts).toBeLessThan(LARGEST_DIFFERENCE_VOLTS);
        expect(difference.gradient).toBeLessThan(1e-6);
        expect(difference.fallbacks).toBe(0);
      }
    }
    const flat = flatten(amplifier('rails'), opamp);
    const difference = compare(flat, componentValues(flat), Float64Array.of(0, 0.1, 0.3, 0.45, 0.6, 1), 6);
    expect(difference.volts).toBeLessThan(LARGEST_DIFFERENCE_VOLTS);
  });

  it('leaves rows beyond its table of the drain current to the exact solver', () => {
    const flat = flatten(randomCircuit(egt, [3, 2, 2], 1), egt);
    const difference = compare(flat, componentValues(flat), Float64Array.of(0.1, 0.5, 0.9, 0.1, 2.5, 0.9), 2);
    expect(difference.volts).toBeLessThan(LARGEST_DIFFERENCE_VOLTS);
    expect(difference.fallbacks).toBe(1);
  });

  it('names the rows without an operating point, and goes on with the others', () => {
    const flat = flatten(randomCircuit(egt, [3, 2, 2], 1), egt);
    const solver = new BatchSolver(flat, 'simd');
    solver.setValues(componentValues(flat));
    const inputs = randomInputs(3, 3, 1);
    inputs[4] = Number.NaN;
    const state = solver.newState(3);
    const gradient = new Float64Array(flat.components.length);
    expect(solver.solveRows(inputs, upTo(3), state, { seed: weights, gradient })).toEqual([1]);
    expect(state.subarray(0, solver.size).every(Number.isFinite)).toBe(true);
    expect(state.subarray(solver.size, 2 * solver.size).every(Number.isNaN)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });

  it('answers for an open resistor with the derivative by its conductance', () => {
    const flat = flatten(randomCircuit(egt, [3, 2, 2], 4), egt);
    const values = componentValues(flat);
    values[flat.components.findIndex(({ name }) => name === 'r_l0_i1_c0')] = Number.POSITIVE_INFINITY;
    expect(compare(flat, values, randomInputs(5, 3, 9), 5).gradient).toBeLessThan(1e-6);
  });
});

it('the solver without SIMD is the exact solver, bit for bit', () => {
  const flat = flatten(randomCircuit(egt, [4, 3, 3], 2), egt);
  const values = componentValues(flat);
  const inputs = randomInputs(4, 4, 2);
  const exact = new ExactSolver(flat);
  exact.setValues(values);
  const expected = exact.newState(4);
  for (let row = 0; row < 4; row += 1) exact.solveRow(inputs, row, expected);
  const solver = new BatchSolver(flat, 'typescript');
  solver.setValues(values);
  const state = solver.newState(4);
  expect(solver.solve(inputs, 4, state)).toEqual([]);
  expect(state).toEqual(expected);
});
