import { type Engine, inspectEngines, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe } from 'vitest';

const reports = await inspectEngines();

/** Runs a suite with the embedded engine always, and with the ngspice binary where there is one (skipped, in so many words, elsewhere). */
export function describeEngines(title: string, suite: (engine: () => Engine) => void): void {
  for (const { name, usable, problem } of reports) {
    describe.skipIf(name === 'ngspice' && !usable)(`${title}, ${name}${usable ? '' : ` (${problem})`}`, () => {
      let engine: Engine;
      beforeAll(async () => {
        engine = await openEngine(name);
      });
      afterAll(() => engine.close());
      suite(() => engine);
    });
  }
}

/** The largest difference of two vectors; NaN where one holds NaN. */
export function largestDifference(a: Float64Array, b: Float64Array): number {
  let largest = a.length === b.length ? 0 : Number.NaN;
  for (let i = 0; i < a.length; i += 1) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
