/**
 * Where Newton starts: each row at the mean over the copies of its last visit, which is nearer to the next copy than any one of
 * them; where the copies are the same at every visit, each copy where it ended. A row that has never been solved starts cold, and its other copies from the copy before.
 */
export class WarmStarts {
  /** Row-major [rows × unknowns]: the copy at hand; NaN is a cold start. */
  readonly state: Float64Array;
  readonly #size: number;
  readonly #start: Float64Array;
  readonly #sum: Float64Array;
  /** Per row [copies × unknowns], in single precision: Newton begins there, and does not end there. Undefined: copies differ from visit to visit. */
  readonly #ends: Map<number, Float32Array> | undefined;

  constructor(rows: number, size: number, haveSameCopies: boolean) {
    this.#size = size;
    this.state = new Float64Array(rows * size).fill(Number.NaN);
    this.#start = this.state.slice();
    this.#sum = new Float64Array(rows * size);
    this.#ends = haveSameCopies ? new Map() : undefined;
  }

  /** Before copy `copy` of a visit: puts the chosen rows where they start. */
  begin(chosen: Int32Array, copy: number): void {
    const size = this.#size;
    for (const row of chosen) {
      const at = row * size;
      const ends = this.#ends?.get(row);
      const from = copy * size;
      if (ends !== undefined && !Number.isNaN(ends[from] ?? Number.NaN)) {
        for (let i = 0; i < size; i += 1) this.state[at + i] = ends[from + i]!;
        continue;
      }
      if (Number.isNaN(this.#start[at]!)) continue;
      for (let i = at; i < at + size; i += 1) this.state[i] = this.#start[i]!;
    }
  }

  /** After it, of so many copies: remembers where the chosen rows ended. */
  add(chosen: Int32Array, copy: number, copies: number): void {
    const size = this.#size;
    for (const row of chosen) {
      const at = row * size;
      if (this.#ends !== undefined) {
        const ends = this.#ends.get(row) ?? new Float32Array(copies * size).fill(Number.NaN);
        this.#ends.set(row, ends);
        for (let i = 0; i < size; i += 1) ends[copy * size + i] = this.state[at + i]!;
      }
      for (let i = at; i < at + size; i += 1)
        this.#sum[i] = copy === 0 ? this.state[i]! : this.#sum[i]! + this.state[i]!;
    }
  }

  /** After all copies: the chosen rows' next starts; one that was not solved for every copy starts cold. */
  finish(chosen: Int32Array, copies: number): void {
    for (const row of chosen) {
      const at = row * this.#size;
      for (let i = at; i < at + this.#size; i += 1) this.#start[i] = this.#sum[i]! / copies;
    }
  }
}
