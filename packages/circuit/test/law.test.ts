import { Draws, type Variation } from '@neuroprint/core';
import { normalQuantile } from '@neuroprint/numeric';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { componentValues, flatten } from '../src/ir/flatten.ts';
import { variedValues } from '../src/variation/copies.ts';
import { OPEN_FACTOR, SHEET_NUMBERS, uniformFactor, VariationLaw } from '../src/variation/law.ts';
import { variationOf } from '../src/variation/model.ts';
import { egt, randomCircuit } from './example.ts';

const share = (max = 1) => fc.double({ min: 0, max, noNaN: true });
const spread = share(0.999_999_999);
/** Every base model that is accepted. */
const accepted: fc.Arbitrary<Variation> = fc
  .record({
    kind: fc.constantFrom('uniform' as const, 'gaussian' as const, 'lognormal' as const),
    relativeSpread: spread,
    resistorSpread: fc.option(spread, { nil: undefined }),
    transistorSpread: fc.option(spread, { nil: undefined }),
    commonShare: share(0.5),
    gradientShare: share(0.5),
    stuckOpen: share(0.4),
    stuckShort: share(0.4),
  })
  .map((model) => variationOf(model));
const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const place = fc.double({ min: -1, max: 1, noNaN: true });

describe('the variation law', () => {
  it('draws no factor that is negative, zero or no number, for any model that is accepted', () => {
    const numbers = fc.tuple(...Array.from({ length: SHEET_NUMBERS }, () => uniform));
    fc.assert(
      fc.property(
        accepted,
        uniform,
        numbers,
        fc.constantFrom(0, 1),
        place,
        place,
        (model, u, sheet, transistor, x, y) => {
          const law = new VariationLaw(model);
          const component = { spread: law.spread(transistor), transistor, x, y };
          const factor = law.factor(u, law.sheet(sheet), component);
          expect(factor).toBeGreaterThan(0);
          expect(factor).toBeLessThan(Number.POSITIVE_INFINITY);
          expect(law.logFactor(u, law.sheet(sheet), component)).toBeCloseTo(Math.log(factor), 9);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('keeps every value of a printed circuit positive, whatever the model', () => {
    const flat = flatten(randomCircuit(egt, [2, 2], 1), egt);
    const values = componentValues(flat);
    const out = new Float64Array(values.length);
    fc.assert(
      fc.property(accepted, fc.nat(1000), (model, index) => {
        variedValues(flat, values, new Draws(1, 'law'), index, model, out);
        for (const value of out) expect(value > 0 && value < Number.POSITIVE_INFINITY).toBe(true);
      }),
    );
  });

  it('is, for independent uniform factors, the short form bit for bit', () => {
    fc.assert(
      fc.property(spread, uniform, place, place, (relativeSpread, u, x, y) => {
        const law = new VariationLaw({ kind: 'uniform', relativeSpread });
        const component = { spread: relativeSpread, transistor: 1, x, y };
        expect(law.isUniform).toBe(true);
        expect(uniformFactor(relativeSpread, u)).toBe(law.factor(u, law.sheet([]), component));
        expect(Math.log(uniformFactor(relativeSpread, u))).toBe(law.logFactor(u, law.sheet([]), component));
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves of a component what an open circuit has, where a normal number would take it all', () => {
    const law = new VariationLaw({ kind: 'gaussian', relativeSpread: 0.45 });
    const component = { spread: 0.45, transistor: 0, x: 0, y: 0 };
    expect(law.factor(1e-9, law.sheet([]), component)).toBe(OPEN_FACTOR);
    expect(law.logFactor(1e-9, law.sheet([]), component)).toBe(Math.log(OPEN_FACTOR));
    expect(law.factor(1 - 1e-9, law.sheet([]), component)).toBeCloseTo(1 + 3 * 0.45, 12);
  });

  it('cuts normal numbers at three of them, and takes them from the normal distribution', () => {
    const known = [
      [0.5, 0],
      [0.8413447460685429, 1],
      [0.9772498680518208, 2],
      [0.01, -2.3263478740408408],
    ] as const;
    for (const [p, x] of known) expect(normalQuantile(p)).toBeCloseTo(x, 7);
    const law = new VariationLaw({ kind: 'gaussian', relativeSpread: 0.1 });
    const component = { spread: 0.1, transistor: 0, x: 0, y: 0 };
    for (const [p, x] of [...known, [1e-9, -3] as const])
      expect((law.factor(p, law.sheet([]), component) - 1) / 0.1).toBeCloseTo(x, 7);
  });
});
