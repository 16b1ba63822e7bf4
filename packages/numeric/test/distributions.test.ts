import { describe, expect, test } from 'vitest';
import { chiSquareQuantile, normalDensity, normalDistribution, normalQuantile } from '../src/distributions.ts';

describe('the normal distribution', () => {
  test('is undone by its quantile, in the middle and in both tails', () => {
    for (const p of [1e-9, 1e-4, 0.02, 0.1, 0.5, 0.8, 0.98, 1 - 1e-4])
      expect(normalDistribution(normalQuantile(p))).toBeCloseTo(p, 8);
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  test('has its density as its slope', () => {
    const h = 1e-4;
    for (const x of [-2, -0.3, 0, 1.5])
      expect((normalDistribution(x + h) - normalDistribution(x - h)) / (2 * h)).toBeCloseTo(normalDensity(x), 7);
  });

  test('squared is χ² with one degree of freedom', () => {
    for (const p of [0.5, 0.95]) expect(chiSquareQuantile(p, 1)).toBeCloseTo(normalQuantile((1 + p) / 2) ** 2, 6);
  });
});
