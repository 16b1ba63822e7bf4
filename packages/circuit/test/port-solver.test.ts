import { Draws } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { componentValues, type FlatCircuit, flatten } from '../src/ir/flatten.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import { PortSolver } from '../src/solver/port-solver.ts';
import { variedValues } from '../src/variation/copies.ts';
import { date23, egt, randomCircuit } from './example.ts';

const ROWS = 12;

/** A circuit whose resistors each hang on a piece of metal of their own, as in a layout. */
function withMetal(flat: FlatCircuit, siemens: number): FlatCircuit {
  const size = flat.unknowns.length;
  const count = flat.resistors.length;
  const moved = (node: number): number => (node < size ? node : node + count);
  return {
    ...flat,
    unknowns: [...flat.unknowns, ...Array.from({ length: count }, (_, k) => `m${k}`)],
    metalNodes: count,
    resistors: flat.resistors.map(({ nodes: [, b], component }, k) => ({ nodes: [size + k, moved(b)], component })),
    leaks: flat.leaks.map((leak) => ({ ...leak, nodes: [moved(leak.nodes[0]), moved(leak.nodes[1])] })),
    transistors: flat.transistors.map((transistor) => {
      const { drain, gate, source } = transistor;
      return { ...transistor, drain: moved(drain), gate: moved(gate), source: moved(source) };
    }),
    lines: flat.resistors.map(({ nodes: [a] }, k) => ({ nodes: [moved(a), size + k], siemens })),
  };
}

function inputsOf(flat: FlatCircuit, seed: number): Float64Array {
  const volts = new Float64Array(ROWS * flat.inputs.length);
  new Draws(seed, 'test inputs').fillUniform(0, volts);
  return volts;
}

describe('a circuit solved by the currents of its transistors', () => {
  it.each([
    ['egt', egt],
    ['egt-date23', date23],
  ])(
    'has the voltages of the exact solver at every node, with the metal of a layout, varied, in %s',
    (_, technology) => {
      let largest = 0;
      let solved = 0;
      let all = 0;
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 1000 }), fc.double({ min: -3, max: 0, noNaN: true }), (seed, log) => {
          const flat = withMetal(flatten(randomCircuit(technology, [4, 3, 2], seed), technology), 10 ** log);
          const values = new Float64Array(flat.components.length);
          variedValues(flat, componentValues(flat), new Draws(seed, 'copy'), 0, 0.3, values);
          const inputs = inputsOf(flat, seed);
          const [exact, ports] = [new ExactSolver(flat), new PortSolver(flat)];
          exact.setValues(values);
          ports.setValues(values);
          const [wanted, found] = [exact.newState(ROWS), exact.newState(ROWS)];
          expect(exact.solve(inputs, ROWS, wanted)).toEqual([]);
          for (let row = 0; row < ROWS; row += 1) {
            all += 1;
            // ExactSolver, which ramps the sources up, is for the few others
            if (!ports.solveRow(inputs, row, found)) continue;
            solved += 1;
            for (let i = row * exact.size; i < (row + 1) * exact.size; i += 1)
              largest = Math.max(largest, Math.abs(wanted[i]! - found[i]!));
          }
          expect(largest).toBeLessThan(1e-8);
        }),
        { seed: 1, numRuns: 15 },
      );
      expect(largest).toBeGreaterThan(0);
      expect(solved / all).toBeGreaterThan(0.95);
    },
  );

  it('gives a row the same bits whatever was solved before it', () => {
    const flat = withMetal(flatten(randomCircuit(egt, [4, 3, 2], 3), egt), 0.1);
    const inputs = inputsOf(flat, 3);
    const [first, second] = [new PortSolver(flat), new PortSolver(flat)];
    const [forward, backward] = [0, 1].map(() => new Float64Array(ROWS * flat.unknowns.length).fill(Number.NaN));
    for (let row = 0; row < ROWS; row += 1) first.solveRow(inputs, row, forward!);
    for (let row = ROWS - 1; row >= 0; row -= 1) second.solveRow(inputs, row, backward!);
    expect(forward!.every(Number.isFinite)).toBe(true);
    expect(backward).toEqual(forward);
  });

  it('leaves the state of a row alone that has no solution', () => {
    const flat = flatten(randomCircuit(egt, [4, 3, 2], 4), egt);
    const ports = new PortSolver(flat);
    const state = new Float64Array(flat.unknowns.length).fill(0.25);
    expect(ports.solveRow(new Float64Array(flat.inputs.length).fill(Number.NaN), 0, state)).toBe(false);
    expect(state.every((volts) => volts === 0.25)).toBe(true);
  });
});
