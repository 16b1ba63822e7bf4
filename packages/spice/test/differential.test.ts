import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareRandomNetlists } from '../../../bench/src/differential.ts';

/** `npm run bench -- foreign` does the same with 2,000 netlists. */
const NETLISTS = 300;
const TAKEN_BY_EMBEDDED = 60;

const seeds = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

let embedded: Engine;
let auto: Engine;
beforeAll(async () => {
  auto = await openEngine('auto');
  embedded = await openEngine('embedded');
});
afterAll(async () => {
  await auto.close();
  await embedded.close();
});

describe('random netlists with names from a small pool', () => {
  it('are the circuits that ngspice makes of them, or are refused', async () => {
    const { same, different, refusedBySimulator } = await compareRandomNetlists(auto, seeds(1, NETLISTS));
    expect(different).toEqual([]);
    expect(refusedBySimulator).toEqual([]);
    // so many are taken that the comparison means something
    expect(same).toBeGreaterThan(100);
  });

  it('are so by the embedded ngspice too', async () => {
    const { same, different } = await compareRandomNetlists(embedded, seeds(5001, 400), TAKEN_BY_EMBEDDED);
    expect(different).toEqual([]);
    expect(same).toBe(TAKEN_BY_EMBEDDED);
  });
});
