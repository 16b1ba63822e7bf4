import fc from 'fast-check';
import { expect, test } from 'vitest';
import { histogramOf } from '../src/copies/histogram.ts';

const count = (bins: ReturnType<typeof histogramOf>): number => bins.reduce((sum, { copies }) => sum + copies, 0);

test('accuracies stand in the middle of their bins, one for every number of rows', () => {
  const bins = histogramOf(Float64Array.of(0.9, 1, 0.9, 0.8), 0.1);
  expect(bins.map(({ copies }) => copies)).toEqual([1, 2, 1]);
  expect(bins[0]!.from).toBeCloseTo(0.75, 12);
  expect(bins.at(-1)!.to).toBeCloseTo(1.05, 12);
});

test('copies that are all alike have one bin', () => {
  expect(histogramOf(Float64Array.of(1, 1, 1), 1 / 30).map(({ copies }) => copies)).toEqual([3]);
  expect(histogramOf(Float64Array.of(2.5, 2.5)).map(({ copies }) => copies)).toEqual([2]);
});

test('no copy is lost or counted twice, each lies in its bin, and the bins join', () => {
  const rows = fc.integer({ min: 1, max: 400 });
  fc.assert(
    fc.property(rows, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), (n, shares) => {
      const accuracies = Float64Array.from(shares, (share) => Math.round(share * n) / n);
      for (const bins of [histogramOf(accuracies, 1 / n), histogramOf(Float64Array.from(shares))]) {
        expect(count(bins)).toBe(shares.length);
        expect(bins.length).toBeLessThanOrEqual(30);
        for (const [i, bin] of bins.entries()) if (i > 0) expect(bin.from).toBeCloseTo(bins[i - 1]!.to, 9);
      }
      const bins = histogramOf(accuracies, 1 / n);
      for (const accuracy of accuracies)
        expect(bins.some(({ from, to, copies }) => copies > 0 && from < accuracy && accuracy < to)).toBe(true);
    }),
  );
});
