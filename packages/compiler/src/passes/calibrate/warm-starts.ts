/**
 * Where Newton starts: each row at the mean over the copies of its last visit, which is nearer to the next copy than any one of
 * them. A row that has never been solved starts cold, and its other copies from the copy before.
 */
export class WarmStarts {
  /** Row-major [rows × unknowns]: the copy at hand; NaN is a cold start. */
  readonly state: Float64Array;
  readonly #size: number;
  readonly #start: Float64Array;
  readonly #sum: Float64Array;

  constructor(rows: number, size: number) {
    this.#size = size;
    this.state = new Float64Array(rows * size).fill(Number.NaN);
    this.#start = this.state.slice();
    this.#sum = new Float64Array(rows * size);
  }

  /** Before a copy: puts the chosen rows where they start. */
  begin(chosen: Int32Array): void {
    for (const row of chosen) {
      const at = row * this.#size;
      if (Number.isNaN(this.#start[at]!)) continue;
      for (let i = at; i < at + this.#size; i += 1) this.state[i] = this.#start[i]!;
    }
  }

  /** After a copy: remembers where the chosen rows ended. */
  add(chosen: Int32Array, first: boolean): void {
    for (const row of chosen) {
      const at = row * this.#size;
      for (let i = at; i < at + this.#size; i += 1)
        this.#sum[i] = first ? this.state[i]! : this.#sum[i]! + this.state[i]!;
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
