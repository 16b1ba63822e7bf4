import type { Variation } from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyMerits } from '../src/copyPool.ts';
import { monteCarlo } from '../src/monteCarlo.ts';
import { cases, circuit, inputVolts, labels, technology } from './fixture.ts';

const uneven: Variation = {
  kind: 'gaussian',
  relativeSpread: 0.1,
  nonIdealities: [
    { kind: 'smooth', volts: 0.2 },
    { kind: 'noise', volts: 0.1 },
  ],
};
const task = { circuit, technology, inputVolts, labels, variation: 0.3, seed: 5 };

describe('printed copies', () => {
  it.each([
    ['spread', 0.3],
    ['noisy and uneven stages', uneven],
  ])('are the same bits whatever the number of threads, with %s', async (_, variation) => {
    const task = { circuit, technology, inputVolts, labels, variation, seed: 5 };
    const plan = { draws: 2100, limit: 0.9 };
    const one = await copyMerits(task, { ...plan, workers: 1 });
    expect(await copyMerits(task, { ...plan, workers: 2 })).toEqual(one);
    expect(await copyMerits(task, { ...plan, workers: 3 })).toEqual(one);
    expect(new Set(one).size).toBeGreaterThan(1);
  });

  it('are fewer where the interval is narrow enough, and then the same fewer', async () => {
    const all = await copyMerits(task, { draws: 3000, limit: 0.9, workers: 1 });
    const plan = { draws: 3000, limit: 0.9, interval: 0.1 };
    const some = await copyMerits(task, { ...plan, workers: 1 });
    expect(some.length).toBeLessThan(3000);
    expect(some).toEqual(all.slice(0, some.length));
    expect(await copyMerits(task, { ...plan, workers: 3 })).toEqual(some);
  });

  it('do not depend on how many are asked for', async () => {
    const many = await copyMerits(task, { draws: 500, limit: 0.9 });
    expect(await copyMerits(task, { draws: 30, limit: 0.9 })).toEqual(many.slice(0, 30));
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

  it('needs labels', async () => {
    const unlabelled = { ...cases(), labels: undefined };
    await expect(
      monteCarlo(engine, circuit, technology, unlabelled, { draws: 2, variation: 0.1, seed: 0 }),
    ).rejects.toThrow(/needs labels/);
  });
});
