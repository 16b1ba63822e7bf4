import { minimumDegreeOrder } from './ordering.ts';

/**
 * Sparse LU without pivoting, planned once for a pattern: order, entries filled in, and where each stands in a flat array of
 * values. Nodal matrices of these circuits keep their diagonal: it holds the sum of the conductances at a node, and gates draw no
 * current. Values are stored by rows in pivot order, and factored row by row: time grows as the multiplications, memory as the entries.
 */
export class EliminationPlan {
  readonly size: number;
  /** Number of stored values; `slots` itself is a bin for stamps that touch no unknown. */
  readonly slots: number;
  /** The unknown that is eliminated k-th. */
  readonly order: Int32Array;
  /** Where the k-th pivot is stored. */
  readonly diagonal: Int32Array;
  /** Row k in pivot order is stored from `start[k]` to `start[k + 1]`; `columns` are its pivots, ascending. */
  readonly start: Int32Array;
  readonly columns: Int32Array;
  readonly #place: Int32Array;
  /** One row, spread out, while it is factored. */
  readonly #row: Float64Array;

  /**
   * @param entries pairs row·size + column that may be nonzero; the diagonal is added. A pivot whose diagonal is no entry gets it
   * from those before it only: it comes last.
   */
  constructor(size: number, entries: Iterable<number>) {
    this.size = size;
    const rows: number[][] = Array.from({ length: size }, (_, i) => [i]);
    const hasDiagonal = new Uint8Array(size);
    const around: number[][] = Array.from({ length: size }, () => []);
    for (const entry of entries) {
      const row = Math.floor(entry / size);
      const column = entry % size;
      rows[row]!.push(column);
      if (row === column) {
        hasDiagonal[row] = 1;
        continue;
      }
      around[row]!.push(column);
      around[column]!.push(row);
    }
    const seen = new Int32Array(size).fill(-1);
    const order = minimumDegreeOrder(around.map((list, i) => distinct(list, seen, i)));
    this.order = Int32Array.from([...order.filter((i) => hasDiagonal[i]), ...order.filter((i) => !hasDiagonal[i])]);
    this.#place = new Int32Array(size);
    this.order.forEach((unknown, k) => {
      this.#place[unknown] = k;
    });
    const pattern = this.#filledIn(rows);
    this.start = new Int32Array(size + 1);
    pattern.forEach((list, k) => {
      this.start[k + 1] = this.start[k]! + list.length;
    });
    this.slots = this.start[size]!;
    this.columns = new Int32Array(this.slots);
    pattern.forEach((list, k) => {
      this.columns.set(list, this.start[k]!);
    });
    this.diagonal = Int32Array.from({ length: size }, (_, k) => this.find(k, k));
    this.#row = new Float64Array(size);
  }

  /** The rows in pivot order, ascending, with what the elimination fills in. */
  #filledIn(rows: readonly number[][]): Int32Array[] {
    const { size } = this;
    const seen = new Int32Array(size).fill(-1);
    const pattern: Int32Array[] = [];
    // where each finished row goes on right of its diagonal
    const right = new Int32Array(size);
    const own = new Int32Array(size);
    const waiting: number[] = [];
    for (let i = 0; i < size; i += 1) {
      let count = 0;
      const meet = (k: number): void => {
        if (seen[k] === i) return;
        seen[k] = i;
        own[count] = k;
        count += 1;
        if (k < i) waiting.push(k);
      };
      for (const column of rows[this.order[i]!]!) meet(this.#place[column]!);
      for (let k = waiting.pop(); k !== undefined; k = waiting.pop()) {
        const list = pattern[k]!;
        for (let at = right[k]!; at < list.length; at += 1) meet(list[at]!);
      }
      const list = own.slice(0, count).sort();
      pattern.push(list);
      right[i] = list.indexOf(i) + 1;
    }
    return pattern;
  }

  /** Multiplications of one elimination. */
  get multiplications(): number {
    let sum = 0;
    for (let row = 0; row < this.size; row += 1)
      for (let at = this.start[row]!; at < this.diagonal[row]!; at += 1) {
        const pivot = this.columns[at]!;
        sum += this.start[pivot + 1]! - this.diagonal[pivot]!;
      }
    return sum;
  }

  /** Where the entry (row, column) lives in the values, or the bin where either is no unknown. */
  slot(row: number, column: number): number {
    if (row >= this.size || column >= this.size) return this.slots;
    return this.find(this.#place[row]!, this.#place[column]!);
  }

  /** Whether the entry (row, column) is stored. */
  has(row: number, column: number): boolean {
    return this.find(this.#place[row]!, this.#place[column]!) >= 0;
  }

  /** Where the entry of two places in the order is stored, −1: nowhere. */
  find(row: number, column: number): number {
    let [low, high] = [this.start[row]!, this.start[row + 1]! - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.columns[middle]!;
      if (found === column) return middle;
      if (found < column) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Replaces a matrix by its factors. Returns false where a pivot is not a usable number. */
  factor(values: Float64Array): boolean {
    const { size, start, columns, diagonal } = this;
    const row = this.#row;
    for (let i = 0; i < size; i += 1) {
      const [from, middle, end] = [start[i]!, diagonal[i]!, start[i + 1]!];
      for (let at = from; at < end; at += 1) row[columns[at]!] = values[at]!;
      for (let at = from; at < middle; at += 1) {
        const k = columns[at]!;
        const pivot = diagonal[k]!;
        const factor = row[k]! * (1 / values[pivot]!);
        values[at] = factor;
        const last = start[k + 1]!;
        for (let other = pivot + 1; other < last; other += 1) row[columns[other]!]! -= factor * values[other]!;
      }
      for (let at = middle; at < end; at += 1) values[at] = row[columns[at]!]!;
      if (!Number.isFinite(1 / values[middle]!)) return false;
    }
    return true;
  }

  /** Solves A·x = b with the factors; `b` and `x` in the order of the unknowns, `work` of that size. */
  solve(values: Float64Array, b: Float64Array, x: Float64Array, work: Float64Array): void {
    const { size, start, columns, diagonal, order } = this;
    for (let k = 0; k < size; k += 1) {
      let sum = b[order[k]!]!;
      const middle = diagonal[k]!;
      for (let at = start[k]!; at < middle; at += 1) sum -= values[at]! * work[columns[at]!]!;
      work[k] = sum;
    }
    for (let k = size - 1; k >= 0; k -= 1) {
      let sum = work[k]!;
      const end = start[k + 1]!;
      for (let at = diagonal[k]! + 1; at < end; at += 1) sum -= values[at]! * work[columns[at]!]!;
      work[k] = sum / values[diagonal[k]!]!;
    }
    for (let k = 0; k < size; k += 1) x[order[k]!] = work[k]!;
  }

  /** Solves Aᵀ·x = b with the factors of A. */
  solveTransposed(values: Float64Array, b: Float64Array, x: Float64Array, work: Float64Array): void {
    const { size, start, columns, diagonal, order } = this;
    for (let k = 0; k < size; k += 1) work[k] = b[order[k]!]!;
    for (let k = 0; k < size; k += 1) {
      const known = work[k]! / values[diagonal[k]!]!;
      work[k] = known;
      const end = start[k + 1]!;
      for (let at = diagonal[k]! + 1; at < end; at += 1) work[columns[at]!]! -= values[at]! * known;
    }
    for (let k = size - 1; k >= 0; k -= 1) {
      const known = work[k]!;
      const middle = diagonal[k]!;
      for (let at = start[k]!; at < middle; at += 1) work[columns[at]!]! -= values[at]! * known;
    }
    for (let k = 0; k < size; k += 1) x[order[k]!] = work[k]!;
  }
}

/** Every number of a list once; `seen` is marked with `round`. */
function distinct(list: readonly number[], seen: Int32Array, round: number): number[] {
  return list.filter((value) => {
    if (seen[value] === round) return false;
    seen[value] = round;
    return true;
  });
}
