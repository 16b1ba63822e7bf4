import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meanAndStd, quantile, summariseCopies, summariseMargins } from '../src/statistics.ts';

test('a quantile lies between the order statistics around it', () => {
  expect([0, 0.25, 0.5, 0.9, 1].map((p) => quantile([5, 1, 3, 2, 4], p))).toEqual([1, 2, 3, 4.6, 5]);
  expect(quantile([], 0.5)).toBeNaN();
});

test('mean and sample deviation do not depend on the order, and a shift moves the mean alone', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2 }), (values) => {
      const [a, b] = [meanAndStd(values), meanAndStd(values.map((v) => v + 3).reverse())];
      expect(b.mean).toBeCloseTo(a.mean + 3, 10);
      expect(b.std).toBeCloseTo(a.std, 10);
    }),
  );
  expect(meanAndStd([2, 4]).std).toBeCloseTo(Math.SQRT2, 14);
  expect(meanAndStd([2]).std).toBe(0);
});

test('copies and margins are summarised', () => {
  expect(summariseCopies([0.9, 1, 0.8], 0.1)).toEqual({
    relativeSpread: 0.1,
    draws: 3,
    mean: expect.closeTo(0.9, 12),
    std: expect.closeTo(0.1, 12),
    p5: expect.closeTo(0.81, 12),
  });
  expect(summariseMargins([0.3, 0.1, 0.2])).toEqual({ p5: expect.closeTo(0.11, 12), median: 0.2 });
});
