import { ExactSolver, flatten, stabilityOf } from '@neuroprint/circuit';
import type { Variation } from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANY_NEGATIVES, opamp } from '../../circuit/test/negative.ts';
import { CopySolver } from '../src/copies/copies.ts';
import { countGood, judgeCopies } from '../src/copies/copy-pool.ts';
import { monteCarlo } from '../src/copies/monte-carlo.ts';
import { cases, circuit, inputVolts, labels, technology } from './fixture.ts';

const uneven: Variation = {
  kind: 'gaussian',
  relativeSpread: 0.1,
  nonIdealities: [
    { kind: 'smooth', volts: 0.2 },
    { kind: 'noise', volts: 0.1 },
  ],
};
const broken: Variation = { kind: 'uniform', relativeSpread: 0.1, faultRate: 0.2 };
const task = { circuit, technology, inputVolts, labels, variation: 0.3, seed: 5 };

describe('printed copies', () => {
  it.each([
    ['spread', 0.3],
    ['noisy and uneven stages', uneven],
    ['broken parts', broken],
  ])('are the same bits whatever the number of threads, with %s', async (_, variation) => {
    const task = { circuit, technology, inputVolts, labels, variation, seed: 5 };
    const plan = { draws: 2100, limit: 0.9 };
    const one = await judgeCopies(task, { ...plan, workers: 1 });
    expect(await judgeCopies(task, { ...plan, workers: 2 })).toEqual(one);
    expect(await judgeCopies(task, { ...plan, workers: 3 })).toEqual(one);
    expect(new Set(one.merits).size).toBeGreaterThan(1);
  });

  it.each<[string, number | Variation]>([
    ['little spread', 0.2],
    ['much spread', 0.6],
    ['normal factors and stuck resistors', { kind: 'gaussian', relativeSpread: 0.3, stuckOpen: 0.1, stuckShort: 0.05 }],
    ['noisy and uneven stages', uneven],
  ])('are judged without exact volts as they are with them, with %s', (_, variation) => {
    const copies = new CopySolver({ circuit, technology, inputVolts, labels, model: labels, variation, seed: 2 });
    const judged = copies.judge(0, 300);
    expect([...judged.merits]).toEqual(Array.from({ length: 300 }, (_, copy) => copies.merit(copy)));
    expect(judged.alike).toEqual(judged.merits);
    expect(new Set(judged.merits).size).toBeGreaterThan(1);
  });

  it('are fewer where the interval is narrow enough, and then the same fewer', async () => {
    const all = await judgeCopies(task, { draws: 3000, limit: 0.9, workers: 1 });
    const plan = { draws: 3000, limit: 0.9, interval: 0.1 };
    const some = await judgeCopies(task, { ...plan, workers: 1 });
    expect(some.merits.length).toBeLessThan(3000);
    expect(some.merits).toEqual(all.merits.slice(0, some.merits.length));
    expect(await judgeCopies(task, { ...plan, workers: 3 })).toEqual(some);
  });

  it('do not depend on how many are asked for', async () => {
    const many = await judgeCopies(task, { draws: 500, limit: 0.9 });
    const few = await judgeCopies(task, { draws: 30, limit: 0.9 });
    expect(few.merits).toEqual(many.merits.slice(0, 30));
  });
});

describe('copies beside the model that their network was made from', () => {
  it('are as it in as many rows as they are right in, where it is right, and are the same bits on two threads', async () => {
    const plan = { draws: 2100, limit: 0.9 };
    const judged = await judgeCopies({ ...task, model: labels }, { ...plan, workers: 1 });
    expect(judged.alike).toEqual(judged.merits);
    expect(await judgeCopies({ ...task, model: labels }, { ...plan, workers: 2 })).toEqual(judged);
    const opposite = labels.map((label) => 1 - label);
    const against = await judgeCopies({ ...task, model: opposite }, plan);
    against.alike!.forEach((share, copy) => {
      expect(share).toBeCloseTo(1 - judged.merits[copy]!, 12);
    });
  });
});

describe('copies of a circuit that may run away', () => {
  const watched = { row: 0, farads: opamp.nodeFarads! };
  const column = {
    circuit: { ...MANY_NEGATIVES.circuit, outputs: ['y'], classes: ['only'] },
    technology: opamp,
    inputVolts: Float64Array.from(MANY_NEGATIVES.inputVolts),
    labels: Int32Array.of(0),
    variation: 0.4,
    seed: 1,
  };

  it('are good only where they stay at their operating point, whatever they would decide there', async () => {
    const plan = { draws: 60, limit: 1, workers: 1 };
    const unwatched = await judgeCopies(column, plan);
    const judged = await judgeCopies({ ...column, watched }, plan);
    expect(judged.merits).toEqual(unwatched.merits);
    const flat = flatten(column.circuit, opamp);
    const solver = new ExactSolver(flat);
    const copies = new CopySolver(column);
    const stable = judged.merits.map((_, copy) => {
      solver.setValues(copies.values(copy));
      const state = solver.newState(1);
      return solver.solveRow(column.inputVolts, 0, state) && stabilityOf(solver, watched.farads).stable ? 1 : 0;
    });
    expect([...judged.stable]).toEqual([...stable]);
    expect(new Set(judged.stable)).toEqual(new Set([0, 1]));
    expect(countGood(judged, 1)).toBe(
      judged.stable.filter((one, copy) => one === 1 && judged.merits[copy] === 1).length,
    );
    expect(countGood(judged, 1)).toBeLessThan(countGood(unwatched, 1));
  });
});

describe('Monte Carlo in both solvers', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine('auto');
  });
  afterAll(() => engine.close());

  it('simulates all of a few copies, and a random sample of many', async () => {
    const few = await monteCarlo(engine, circuit, technology, cases(), { draws: 20, variation: 0.1, seed: 0 });
    expect(few).toMatchObject({ draws: 20, simulatedDraws: 20, decisionsDiffering: 0 });
    const many = await monteCarlo(engine, circuit, technology, cases(), { draws: 400, variation: 0.1, seed: 0 });
    expect(many).toMatchObject({ draws: 400, simulatedDraws: 100, decisionsDiffering: 0 });
    expect(many.maxErrorVolts).toBeLessThan(1e-7);
    expect(many.yieldInterval[0]).toBeLessThanOrEqual(many.yield);
  });

  it('agree at every node of every copy with voltages in series with the stages', async () => {
    const copies = await monteCarlo(engine, circuit, technology, cases(), { draws: 10, variation: uneven, seed: 1 });
    expect(copies).toMatchObject({ simulatedDraws: 10, decisionsDiffering: 0 });
    expect(copies.maxErrorVolts).toBeLessThan(1e-7);
  });

  it('agree at every node of every copy with broken parts', async () => {
    const plan = { draws: 20, variation: broken, seed: 1 };
    const copies = await monteCarlo(engine, circuit, technology, cases(), plan);
    expect(copies).toMatchObject({ simulatedDraws: 20, decisionsDiffering: 0 });
    expect(copies.maxErrorVolts).toBeLessThan(1e-6);
    const whole = await monteCarlo(engine, circuit, technology, cases(), { draws: 20, variation: 0.1, seed: 1 });
    expect(copies.meanAccuracy).toBeLessThan(whole.meanAccuracy - 0.1);
  });

  it('needs labels', async () => {
    const unlabelled = { ...cases(), labels: undefined };
    await expect(
      monteCarlo(engine, circuit, technology, unlabelled, { draws: 2, variation: 0.1, seed: 0 }),
    ).rejects.toThrow(/needs labels/);
  });
});
