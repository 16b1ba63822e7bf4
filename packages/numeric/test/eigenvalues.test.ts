import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eigenvalues } from '../src/linear/eigenvalues.ts';
import { eigenvectorMagnitudes } from '../src/linear/eigenvector.ts';

const matrices = fc
  .integer({ min: 1, max: 12 })
  .chain((n) =>
    fc.tuple(
      fc.constant(n),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n * n, maxLength: n * n }),
      fc.array(fc.integer({ min: -6, max: 6 }), { minLength: n, maxLength: n }),
    ),
  );

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += a[Math.floor(k / n) * n + i]! * b[i * n + (k % n)]!;
    return sum;
  });
}

const trace = (a: Float64Array, n: number): number => {
  let sum = 0;
  for (let i = 0; i < n; i += 1) sum += a[i * n + i]!;
  return sum;
};

describe('eigenvalues', () => {
  it('have powers that add up to the traces of the powers of the matrix', () => {
    fc.assert(
      fc.property(matrices, ([n, entries]) => {
        const matrix = Float64Array.from(entries);
        const { real, imaginary } = eigenvalues(matrix, n);
        const powers = Array.from(real, (re, i) => ({ re, im: imaginary[i]! }));
        let power = matrix;
        for (let k = 1; k <= 4; k += 1) {
          const sum = powers.reduce((total, { re }) => total + re, 0);
          expect(Math.abs(sum - trace(power, n))).toBeLessThan(1e-9 * n ** (k + 1));
          expect(Math.abs(powers.reduce((total, { im }) => total + im, 0))).toBeLessThan(1e-9 * n ** (k + 1));
          power = product(power, matrix, n);
          powers.forEach((z, i) => {
            const { re, im } = z;
            z.re = re * real[i]! - im * imaginary[i]!;
            z.im = re * imaginary[i]! + im * real[i]!;
          });
        }
      }),
    );
  });

  it('are the diagonal of a triangular matrix, however its rows are scaled', () => {
    fc.assert(
      fc.property(matrices, ([n, entries, exponents]) => {
        const matrix = Float64Array.from(entries, (value, k) => {
          const [row, column] = [Math.floor(k / n), k % n];
          if (row > column) return 0;
          return row === column ? row + 1 : value * 10 ** (exponents[row]! - exponents[column]!);
        });
        const { real, imaginary } = eigenvalues(matrix, n);
        expect(Math.max(...imaginary.map(Math.abs))).toBeLessThan(1e-4);
        [...real]
          .sort((a, b) => a - b)
          .forEach((value, i) => {
            expect(Math.abs(value - (i + 1))).toBeLessThan(1e-4);
          });
      }),
    );
  });

  it('of a rotation that grows are a pair', () => {
    const { real, imaginary } = eigenvalues(Float64Array.of(3, 4, -4, 3), 2);
    expect([...real]).toEqual([3, 3]);
    expect([...imaginary]).toEqual([4, -4]);
  });

  it('of a cyclic permutation are the roots of one', () => {
    const n = 7;
    const cyclic = new Float64Array(n * n);
    for (let i = 0; i < n; i += 1) cyclic[i * n + ((i + 1) % n)] = 1;
    const { real, imaginary } = eigenvalues(cyclic, n);
    real.forEach((re, i) => {
      expect(Math.hypot(re, imaginary[i]!)).toBeCloseTo(1, 12);
    });
  });

  it('are refused of a matrix that is not finite', () => {
    expect(() => eigenvalues(Float64Array.of(1, Number.NaN, 0, 1), 2)).toThrow(/not finite/);
  });
});

describe('the eigenvector of an eigenvalue', () => {
  it('has the magnitudes that the equation wants', () => {
    // A = S·diag(1, 2, −5)·S⁻¹ with S the columns (1,0,0), (1,1,0), (1,2,4)
    const matrix = Float64Array.of(1, 1, -2, 0, 2, -3.5, 0, 0, -5);
    const found = eigenvectorMagnitudes(matrix, 3, -5, 0);
    expect([...found].map((v) => v / found[2]!)).toEqual([
      expect.closeTo(1 / 4, 6),
      expect.closeTo(2 / 4, 6),
      expect.closeTo(1, 12),
    ]);
  });

  it('of a complex pair is found as well', () => {
    const found = eigenvectorMagnitudes(Float64Array.of(0, 1, -4, 0), 2, 0, 2);
    expect(found[0]! / found[1]!).toBeCloseTo(0.5, 8);
  });
});
