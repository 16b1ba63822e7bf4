import { Draws, UsageError } from '@neuroprint/core';

/**
 * Direction numbers `new-joe-kuo-6` for dimensions 2 to 32 (S. Joe and F. Y. Kuo, "Constructing Sobol sequences with
 * better two-dimensional projections", SIAM J. Sci. Comput. 30, 2008): the coefficients a of the primitive polynomial
 * and the initial m_i; the polynomial's degree is their number.
 */
const JOE_KUO: readonly (readonly [a: number, m: readonly number[]])[] = [
  [0, [1]],
  [1, [1, 3]],
  [1, [1, 3, 1]],
  [2, [1, 1, 1]],
  [1, [1, 1, 3, 3]],
  [4, [1, 3, 5, 13]],
  [2, [1, 1, 5, 5, 17]],
  [4, [1, 1, 5, 5, 5]],
  [7, [1, 1, 7, 11, 19]],
  [11, [1, 1, 5, 1, 1]],
  [13, [1, 1, 1, 3, 11]],
  [14, [1, 3, 5, 5, 31]],
  [1, [1, 3, 3, 9, 7, 49]],
  [13, [1, 1, 1, 15, 21, 21]],
  [16, [1, 3, 1, 13, 27, 49]],
  [19, [1, 1, 1, 15, 7, 5]],
  [22, [1, 3, 1, 15, 13, 25]],
  [25, [1, 1, 5, 5, 19, 61]],
  [1, [1, 3, 7, 11, 23, 15, 103]],
  [4, [1, 3, 7, 13, 13, 15, 69]],
  [7, [1, 1, 3, 13, 7, 35, 63]],
  [8, [1, 3, 5, 9, 1, 25, 53]],
  [14, [1, 3, 1, 13, 9, 35, 107]],
  [19, [1, 3, 1, 5, 27, 61, 31]],
  [21, [1, 1, 5, 11, 19, 41, 61]],
  [28, [1, 3, 5, 3, 3, 13, 69]],
  [31, [1, 1, 7, 13, 1, 19, 1]],
  [32, [1, 3, 7, 5, 13, 19, 59]],
  [37, [1, 1, 3, 9, 25, 29, 41]],
  [41, [1, 3, 5, 13, 23, 1, 55]],
  [42, [1, 3, 7, 3, 13, 59, 17]],
];

const BITS = 32;
const TWO_32 = 2 ** BITS;

/** The largest number of dimensions, and the number of points before the sequence repeats. */
export const SOBOL_MAX_DIMENSIONS = JOE_KUO.length + 1;
export const SOBOL_MAX_POINTS = TWO_32;

/**
 * Sobol points in Gray-code order, as 32-bit binary fractions: x_i = ⊕ { v_j : bit j of i ⊕ (i >> 1) is set }.
 * With a seed every dimension is scrambled by a nested uniform permutation (Owen 1995) made by a hash (Laine and Karras
 * 2011, Burley 2020, with Vegdahl's constants of 2021): the points stay a (t, s)-sequence and become random.
 * A point depends on its index, the dimension and the seed, and on nothing else.
 */
export class Sobol {
  readonly dimensions: number;
  readonly #directions: readonly Uint32Array[];
  readonly #scrambleSeeds: Uint32Array | undefined;

  /** @param seed of the scrambling; without it the sequence is the plain one. Throws UsageError for too many dimensions. */
  constructor(dimensions: number, seed?: number) {
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > SOBOL_MAX_DIMENSIONS) {
      throw new UsageError(`A Sobol sequence has 1 to ${SOBOL_MAX_DIMENSIONS} dimensions, not ${dimensions}.`);
    }
    this.dimensions = dimensions;
    this.#directions = Array.from({ length: dimensions }, (_, k) => directionsOf(k));
    if (seed !== undefined) {
      const draws = new Draws(seed, 'owen');
      this.#scrambleSeeds = Uint32Array.from({ length: dimensions }, (_, k) =>
        Math.floor(draws.uniform(k, 0) * TWO_32),
      );
    }
  }

  /** Writes point `index` into `out`, every coordinate in [0, 1). Throws UsageError for an index beyond 2^32 − 1. */
  at(index: number, out: Float64Array): void {
    if (!Number.isInteger(index) || index < 0 || index >= TWO_32) {
      throw new UsageError(`A point of the Sobol sequence is numbered 0 to ${TWO_32 - 1}, not ${index}.`);
    }
    const gray = (index ^ (index >>> 1)) >>> 0;
    for (let k = 0; k < this.dimensions; k += 1) {
      const directions = this.#directions[k]!;
      let x = 0;
      for (let rest = gray, j = 0; rest !== 0; rest >>>= 1, j += 1) if ((rest & 1) === 1) x ^= directions[j]!;
      if (this.#scrambleSeeds !== undefined) x = owenScramble(x, this.#scrambleSeeds[k]!);
      out[k] = (x >>> 0) / TWO_32;
    }
  }
}

/** v_j = m_j·2^(32−j−1); beyond the initial ones by the recurrence of the primitive polynomial. */
function directionsOf(dimension: number): Uint32Array {
  const v = new Uint32Array(BITS);
  if (dimension === 0) return v.map((_, j) => 2 ** (BITS - 1 - j));
  const [a, m] = JOE_KUO[dimension - 1]!;
  const degree = m.length;
  for (let j = 0; j < BITS; j += 1) {
    if (j < degree) {
      v[j] = m[j]! * 2 ** (BITS - 1 - j);
      continue;
    }
    let x = v[j - degree]! ^ (v[j - degree]! >>> degree);
    for (let i = 1; i < degree; i += 1) if (((a >>> (degree - 1 - i)) & 1) === 1) x ^= v[j - i]!;
    v[j] = x;
  }
  return v;
}

/** Flips each bit depending on the bits above it only: multiplications carry upwards, so the bits are reversed around them. */
function owenScramble(value: number, seed: number): number {
  let x = reverseBits(value);
  x ^= Math.imul(x, 0x3d20adea);
  x = (x + seed) | 0;
  x = Math.imul(x, (seed >>> 16) | 1);
  x ^= Math.imul(x, 0x05526c56);
  x ^= Math.imul(x, 0x53a22864);
  return reverseBits(x);
}

function reverseBits(value: number): number {
  let x = value;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return (x >>> 16) | (x << 16);
}
