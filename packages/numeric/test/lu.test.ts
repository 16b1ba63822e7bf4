import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { luSolve } from '../src/linear/lu.ts';

describe('a dense system of equations', () => {
  it('has the solution that its right side was made from, also where a diagonal is zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 0, max: 1e6 }), (size, seed) => {
        const random = (k: number): number => 0.5 * Math.sin(seed + 78.233 * k * k);
        const x = Float64Array.from({ length: size }, (_, i) => random(i));
        // the large entries stand one beside the diagonal, which is zero
        const matrix = Float64Array.from({ length: size * size }, (_, k) => {
          const [row, column] = [Math.floor(k / size), k % size];
          if (row === column) return 0;
          return (column === (row + 1) % size ? 2 * size : 0) + random(size + k);
        });
        const b = Float64Array.from({ length: size }, (_, row) =>
          x.reduce((sum, value, column) => sum + matrix[row * size + column]! * value, 0),
        );
        expect(luSolve(matrix, size, b)).toBe(true);
        b.forEach((value, i) => {
          expect(value).toBeCloseTo(x[i]!, 10);
        });
      }),
      { seed: 1 },
    );
  });

  it('is refused where a row is another one', () => {
    expect(luSolve(Float64Array.of(1, 2, 1, 2), 2, Float64Array.of(1, 1))).toBe(false);
  });
});
