/** A symmetric positive definite matrix [size × size] that is zero further than `reach` from its diagonal; its lower half is kept. */
export class BandMatrix {
  readonly #size: number;
  readonly #reach: number;
  /** Row by row, the diagonal last. */
  readonly #values: Float64Array;

  constructor(size: number, reach: number) {
    this.#size = size;
    this.#reach = reach;
    this.#values = new Float64Array(size * (reach + 1));
  }

  /** Adds to the entry of a row and a column that is no larger. */
  add(row: number, column: number, value: number): void {
    this.#values[row * (this.#reach + 1) + this.#reach - (row - column)]! += value;
  }

  /** Replaces the matrix by its Cholesky factor and solves for the first `size` numbers of `b`. */
  solve(b: Float64Array): Float64Array {
    const [n, reach, l] = [this.#size, this.#reach, this.#values];
    const width = reach + 1;
    const x = b.slice(0, n);
    for (let i = 0; i < n; i += 1) {
      const from = Math.max(0, i - reach);
      // entry (i, k) is at row + k
      const row = i * width + reach - i;
      for (let j = from; j <= i; j += 1) {
        const other = j * width + reach - j;
        let sum = l[row + j]!;
        for (let k = Math.max(from, j - reach); k < j; k += 1) sum -= l[row + k]! * l[other + k]!;
        if (j < i) l[row + j] = sum / l[other + j]!;
        else {
          if (!(sum > 0)) throw new Error('the matrix is not positive definite');
          l[row + i] = Math.sqrt(sum);
        }
      }
      for (let k = from; k < i; k += 1) x[i]! -= l[row + k]! * x[k]!;
      x[i]! /= l[row + i]!;
    }
    for (let i = n - 1; i >= 0; i -= 1) {
      const row = i * width + reach - i;
      x[i]! /= l[row + i]!;
      for (let k = Math.max(0, i - reach); k < i; k += 1) x[k]! -= l[row + k]! * x[i]!;
    }
    return x;
  }
}
