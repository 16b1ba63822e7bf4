import type { Circuit } from '@neuroprint/core';
import { expect } from 'vitest';
import { componentValues, flatten } from '../src/ir/flatten.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import type { Technology } from '../src/technology/technology.ts';

export type Wired = Pick<Circuit, 'name' | 'inputs' | 'outputs' | 'devices'>;

/** A solver of a circuit that was solved last at these input volts. */
export function solvedAt(circuit: Wired, technology: Technology, volts: readonly number[]): ExactSolver {
  const solver = new ExactSolver(flatten(circuit, technology));
  solver.setValues(componentValues(solver.flat));
  expect(solver.solveRow(Float64Array.from(volts), 0, solver.newState(1))).toBe(true);
  return solver;
}
