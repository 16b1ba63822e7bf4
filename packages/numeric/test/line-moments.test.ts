import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineMoments } from '../src/index.ts';

const thousandths = (most: number) => fc.integer({ min: -1000 * most, max: 1000 * most }).map((n) => n / 1000);
const pairs = fc.array(fc.tuple(thousandths(2), thousandths(5)), { minLength: 3, maxLength: 30 });

function momentsOf(all: readonly (readonly [number, number])[]): LineMoments {
  const moments = new LineMoments();
  for (const [v, t] of all) moments.add(v, t);
  return moments;
}

describe('the line of least squares', () => {
  it('is the line itself where the pairs lie on one', () => {
    const [a, b] = momentsOf([0, 0.3, 0.9].map((v) => [v, 2 + 7 * v] as const)).line();
    expect(a).toBeCloseTo(2, 12);
    expect(b).toBeCloseTo(7, 12);
  });

  it('has the mean squared error of reading every pair by it, whichever line it is', () => {
    fc.assert(
      fc.property(pairs, fc.double({ min: -3, max: 3, noNaN: true }), (all, slope) => {
        const found = momentsOf(all).meanSquare([0.5, slope]);
        const direct = all.reduce((sum, [v, t]) => sum + (0.5 + slope * v - t) ** 2, 0) / all.length;
        expect(found).toBeCloseTo(direct, 9);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('is beaten by no line that rises', () => {
    fc.assert(
      fc.property(
        pairs,
        fc.double({ min: 0.001, max: 20, noNaN: true }),
        fc.double({ min: -5, max: 5, noNaN: true }),
        (all, b, a) => {
          const moments = momentsOf(all);
          expect(moments.meanSquare(moments.line())).toBeLessThanOrEqual(moments.meanSquare([a, b]) + 1e-9);
        },
      ),
      { seed: 2, numRuns: 100 },
    );
  });

  it('still rises where the targets fall, or where the outputs are all the same', () => {
    expect(
      momentsOf([
        [0, 3],
        [1, 1],
      ]).line()[1],
    ).toBeGreaterThan(0);
    expect(
      momentsOf([
        [0.4, 3],
        [0.4, 1],
      ]).line()[0],
    ).toBeCloseTo(2, 2);
  });

  it('counts rows by their weights, and adds up', () => {
    const whole = new LineMoments();
    whole.add(0.1, 1, 2);
    whole.add(0.5, 3);
    const parts = momentsOf([
      [0.1, 1],
      [0.1, 1],
    ]);
    parts.addAll(momentsOf([[0.5, 3]]));
    expect(whole.line()).toEqual(parts.line());
  });
});
