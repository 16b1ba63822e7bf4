import type { Device } from '@neuroprint/core';
import { Draws } from '@neuroprint/core';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EliminationPlan } from '../src/solver/elimination.ts';
import type { ExactSolver } from '../src/solver/exact-solver.ts';
import { Pencil } from '../src/solver/pencil.ts';
import { pencilOf, rightmostPole } from '../src/solver/rightmost-pole.ts';
import { stabilityOf } from '../src/solver/stability.ts';
import { egt } from './example.ts';
import { MANY_NEGATIVES, opamp, withSourceResistances } from './negative.ts';
import { solvedAt, type Wired } from './solved-at.ts';

/**
 * Nodes with resistances to ground, to each other and to the input, and inverting stages from one to another at random: rings of
 * an even number are latches.
 */
function randomLoops(seed: number, nodes: number, stages: number): Wired {
  const draws = new Draws(seed, 'random loops');
  const origin = { role: 'falling', layer: 0 } as const;
  const node = (k: number, what: number): string => `n${Math.floor(draws.uniform(k, what) * nodes)}`;
  const devices: Device[] = [];
  for (let k = 0; k < nodes; k += 1)
    devices.push(
      { kind: 'resistor', name: `ri${k}`, nodes: ['in0', `n${k}`], ohms: 10 ** (6 + 3 * draws.uniform(k, 0)), origin },
      { kind: 'resistor', name: `rg${k}`, nodes: [`n${k}`, '0'], ohms: 10 ** (8 + draws.uniform(k, 1)), origin },
    );
  for (let k = 0; k < stages; k += 1) {
    const [input, output] = [node(k, 2), node(k, 3)];
    if (input === output) continue;
    const values = { R: 5e5, W: 4e-4, L: 4e-5 };
    devices.push({ kind: 'stage', name: `s${k}`, cell: 'negweight', input, output: `o${k}`, values, origin });
    devices.push({
      kind: 'resistor',
      name: `ro${k}`,
      nodes: [`o${k}`, output],
      ohms: 10 ** (4 + 2 * draws.uniform(k, 4)),
      origin,
    });
  }
  return { name: 'loops', inputs: ['in0'], outputs: ['n0'], devices };
}

/** Counts and the rightmost pole against all eigenvalues, by the dense way. */
function compare(solver: ExactSolver, farads: number): { readonly unstable: number; readonly complex: boolean } {
  const dense = stabilityOf(solver, farads);
  const { real, imaginary } = dense.eigenvalues;
  expect(real).toHaveLength(solver.size);
  const pencil = pencilOf(solver, farads, solver.size)!;
  const unstable = real.filter((value) => value > 0).length;
  expect(pencil.polesRightOf(0)?.poles).toBe(unstable);
  for (const value of real.slice(0, 4)) {
    const sigma = value * 1.03;
    expect(pencil.polesRightOf(sigma)?.poles).toBe(real.filter((other) => other > sigma).length);
  }
  const found = rightmostPole(pencil)!;
  expect(Math.abs(found.real / dense.largestRealPart - 1)).toBeLessThan(1e-3);
  expect(
    real.some(
      (value, i) =>
        Math.hypot(value - found.real, Math.abs(imaginary[i]!) - Math.abs(found.imaginary)) <
        1e-6 * Math.hypot(found.real, found.imaginary),
    ),
  ).toBe(true);
  return { unstable, complex: imaginary.some((value) => value !== 0) };
}

describe('poles by the argument principle', () => {
  it('are as many right of any line, and the rightmost the same, as among all eigenvalues of random circuits with loops', () => {
    let [unstable, several, complex] = [0, 0, 0];
    for (let seed = 0; seed < 40; seed += 1) {
      const found = compare(
        solvedAt(randomLoops(seed, 4 + (seed % 5), 6 + (seed % 7)), egt, [0.3 + 0.01 * seed]),
        1e-12,
      );
      if (found.unstable > 0) unstable += 1;
      if (found.unstable > 1) several += 1;
      if (found.complex) complex += 1;
    }
    expect(Math.min(unstable, several, complex)).toBeGreaterThan(3);
  });

  it('are those of op-amps too, whether they run away or not', () => {
    const { circuit, sourceOhms, inputVolts } = MANY_NEGATIVES;
    expect(compare(solvedAt(circuit, opamp, inputVolts), 1e-11).unstable).toBe(0);
    expect(compare(solvedAt(withSourceResistances(circuit, sourceOhms), opamp, inputVolts), 1e-11).unstable).toBe(1);
  });

  it('are counted one by one where copies of a loop have the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: 0.01, max: 3, noNaN: true })), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 1, max: 4 }),
        (pairs, copies) => {
          // blocks with the poles a ± ib
          const all = Array.from({ length: copies }, () => pairs).flat();
          const size = 2 * all.length;
          const entries = all.flatMap((_, k) =>
            [
              [0, 0],
              [0, 1],
              [1, 0],
              [1, 1],
            ].map(([i, j]) => (2 * k + i!) * size + 2 * k + j!),
          );
          const plan = new EliminationPlan(size, entries);
          const [g, c] = [new Float64Array(plan.slots + 1), new Float64Array(plan.slots + 1)];
          all.forEach(([a, b], k) => {
            g[plan.slot(2 * k, 2 * k)] = -a;
            g[plan.slot(2 * k + 1, 2 * k + 1)] = -a;
            g[plan.slot(2 * k, 2 * k + 1)] = b;
            g[plan.slot(2 * k + 1, 2 * k)] = -b;
            c[plan.slot(2 * k, 2 * k)] = 1;
            c[plan.slot(2 * k + 1, 2 * k + 1)] = 1;
          });
          const found = new Pencil(plan, g, c, size, 6).polesRightOf(0);
          if (pairs.every(([a]) => Math.abs(a) > 1e-6))
            expect(found?.poles).toBe(2 * all.filter(([a]) => a > 0).length);
        },
      ),
    );
  });
});
