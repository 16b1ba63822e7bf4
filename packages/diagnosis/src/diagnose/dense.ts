import { choleskyFactor, choleskySolve, dot } from '@neuroprint/numeric';

/** Aᵀ·v of a row-major [m × q] matrix. */
export function transposedTimes(a: Float64Array, v: Float64Array, m: number, q: number): Float64Array {
  const out = new Float64Array(q);
  for (let i = 0; i < m; i += 1) {
    const by = v[i]!;
    for (let k = 0; k < q; k += 1) out[k]! += a[i * q + k]! * by;
  }
  return out;
}

/** The Cholesky factor of diagonal + A·Aᵀ [m × m]. */
export function factorGram(a: Float64Array, m: number, q: number, diagonal: ArrayLike<number>): Float64Array {
  const matrix = new Float64Array(m * m);
  for (let i = 0; i < m; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let sum = i === j ? diagonal[i]! : 0;
      for (let k = 0, p = i * q, r = j * q; k < q; k += 1, p += 1, r += 1) sum += a[p]! * a[r]!;
      matrix[i * m + j] = sum;
    }
  choleskyFactor(matrix, m);
  return matrix;
}

/** The Cholesky factor of shift·I + Aᵀ·A [q × q]. */
function factorNormal(a: Float64Array, m: number, q: number, shift: number): Float64Array {
  const matrix = new Float64Array(q * q);
  for (let k = 0; k < q; k += 1) matrix[k * q + k] = shift;
  for (let i = 0; i < m; i += 1)
    for (let k = 0; k < q; k += 1) {
      const by = a[i * q + k]!;
      if (by !== 0) for (let j = 0; j <= k; j += 1) matrix[k * q + j]! += by * a[i * q + j]!;
    }
  choleskyFactor(matrix, q);
  return matrix;
}

/** shift·I + Aᵀ·A of a row-major [m × q] matrix, factored by whichever of m and q is less. */
export class ShiftedNormal {
  readonly #a: Float64Array;
  readonly #m: number;
  readonly #q: number;
  readonly #shift: number;
  readonly #factor: Float64Array;

  constructor(a: Float64Array, m: number, q: number, shift: number) {
    [this.#a, this.#m, this.#q, this.#shift] = [a, m, q, shift];
    this.#factor = m <= q ? factorGram(a, m, q, new Float64Array(m).fill(shift)) : factorNormal(a, m, q, shift);
  }

  /** x of (shift·I + Aᵀ·A)·x = b. */
  solve(b: Float64Array): Float64Array {
    const [a, m, q] = [this.#a, this.#m, this.#q];
    if (m > q) {
      const x = b.slice();
      choleskySolve(this.#factor, q, x);
      return x;
    }
    // by Woodbury: x = (b − Aᵀ·(shift·I + A·Aᵀ)⁻¹·A·b)/shift
    const inner = Float64Array.from({ length: m }, (_, i) => dot(a.subarray(i * q, (i + 1) * q), b));
    choleskySolve(this.#factor, m, inner);
    const back = transposedTimes(a, inner, m, q);
    return b.map((value, k) => (value - back[k]!) / this.#shift);
  }

  /** ln det of the matrix over shift^q. */
  get logDeterminant(): number {
    const size = Math.min(this.#m, this.#q);
    let sum = -size * Math.log(this.#shift);
    for (let i = 0; i < size; i += 1) sum += 2 * Math.log(this.#factor[i * size + i]!);
    return sum;
  }
}
