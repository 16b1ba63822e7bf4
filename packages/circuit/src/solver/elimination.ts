/**
 * Sparse LU without pivoting, planned once for a pattern and then run as a short list of multiply-subtract steps over a
 * flat array of values. The order is by minimum degree. Nodal matrices of these circuits keep their diagonal: it holds the
 * sum of the conductances at a node, and gates draw no current.
 */
export class EliminationPlan {
  readonly size: number;
  /** Number of stored values; `slots` itself is a bin for stamps that touch no unknown. */
  readonly slots: number;
  readonly #slotOf: Map<number, number>;
  readonly order: Int32Array;
  readonly diagonal: Int32Array;
  /** Per pivot: L entries, then per L entry the row it belongs to and its updates. */
  readonly factorProgram: Int32Array;
  /** Per pivot the entries below it (row, slot), and right of it (column, slot), both in pivot order. */
  readonly lower: readonly Int32Array[];
  readonly upper: readonly Int32Array[];

  /** @param entries pairs row·size + column that may be nonzero; the diagonal is added. */
  constructor(size: number, entries: Iterable<number>) {
    this.size = size;
    const neighbours = Array.from({ length: size }, () => new Set<number>());
    const pattern = new Set<number>();
    for (let i = 0; i < size; i += 1) pattern.add(i * size + i);
    for (const entry of entries) {
      pattern.add(entry);
      const row = Math.floor(entry / size);
      const column = entry % size;
      if (row !== column) {
        neighbours[row]!.add(column);
        neighbours[column]!.add(row);
      }
    }
    this.order = minimumDegreeOrder(neighbours);
    const place = new Int32Array(size);
    this.order.forEach((node, k) => {
      place[node] = k;
    });

    // pattern in pivot order, filled in as the elimination will do
    const rows = Array.from({ length: size }, () => new Set<number>());
    const columns = Array.from({ length: size }, () => new Set<number>());
    const add = (i: number, j: number): void => {
      rows[i]!.add(j);
      columns[j]!.add(i);
    };
    for (const entry of pattern) add(place[Math.floor(entry / size)]!, place[entry % size]!);
    const below: number[][] = [];
    const right: number[][] = [];
    for (let k = 0; k < size; k += 1) {
      below.push([...columns[k]!].filter((i) => i > k).sort((a, b) => a - b));
      right.push([...rows[k]!].filter((j) => j > k).sort((a, b) => a - b));
      for (const i of below[k]!) for (const j of right[k]!) add(i, j);
    }
    const slots = new Map<number, number>();
    for (let i = 0; i < size; i += 1) for (const j of rows[i]!) slots.set(i * size + j, slots.size);
    const slot = (i: number, j: number): number => slots.get(i * size + j)!;
    this.slots = slots.size;
    this.#slotOf = new Map();
    for (const [key, at] of slots) {
      this.#slotOf.set(this.order[Math.floor(key / size)]! * size + this.order[key % size]!, at);
    }
    this.diagonal = Int32Array.from({ length: size }, (_, k) => slot(k, k));
    this.lower = below.map((list, k) => Int32Array.from(list.flatMap((i) => [i, slot(i, k)])));
    this.upper = right.map((list, k) => Int32Array.from(list.flatMap((j) => [j, slot(k, j)])));
    const program: number[] = [];
    for (let k = 0; k < size; k += 1) {
      program.push(slot(k, k), below[k]!.length, right[k]!.length);
      for (const i of below[k]!) {
        program.push(slot(i, k));
        for (const j of right[k]!) program.push(slot(i, j), slot(k, j));
      }
    }
    this.factorProgram = Int32Array.from(program);
  }

  /** Where the entry (row, column) lives in the values, or the bin where either is no unknown. */
  slot(row: number, column: number): number {
    if (row >= this.size || column >= this.size) return this.slots;
    return this.#slotOf.get(row * this.size + column)!;
  }

  /** Whether the entry (row, column) is stored. */
  has(row: number, column: number): boolean {
    return this.#slotOf.has(row * this.size + column);
  }

  /** Replaces a matrix by its factors. Returns false where a pivot is not a usable number. */
  factor(values: Float64Array): boolean {
    const program = this.factorProgram;
    let at = 0;
    for (let k = 0; k < this.size; k += 1) {
      const diagonal = program[at]!;
      const below = program[at + 1]!;
      const right = program[at + 2]!;
      at += 3;
      const inverse = 1 / values[diagonal]!;
      if (!Number.isFinite(inverse)) return false;
      for (let i = 0; i < below; i += 1) {
        const factor = values[program[at]!]! * inverse;
        values[program[at]!] = factor;
        at += 1;
        for (let j = 0; j < right; j += 1, at += 2) values[program[at]!]! -= factor * values[program[at + 1]!]!;
      }
    }
    return true;
  }

  /** Solves A·x = b with the factors; `b` and `x` in the order of the unknowns, `work` of that size. */
  solve(values: Float64Array, b: Float64Array, x: Float64Array, work: Float64Array): void {
    const { size } = this;
    for (let k = 0; k < size; k += 1) work[k] = b[this.order[k]!]!;
    for (let k = 0; k < size; k += 1) {
      const known = work[k]!;
      const list = this.lower[k]!;
      for (let n = 0; n < list.length; n += 2) work[list[n]!]! -= values[list[n + 1]!]! * known;
    }
    for (let k = size - 1; k >= 0; k -= 1) {
      const list = this.upper[k]!;
      let sum = work[k]!;
      for (let n = 0; n < list.length; n += 2) sum -= values[list[n + 1]!]! * work[list[n]!]!;
      work[k] = sum / values[this.diagonal[k]!]!;
    }
    for (let k = 0; k < size; k += 1) x[this.order[k]!] = work[k]!;
  }

  /** Solves Aᵀ·x = b with the factors of A. */
  solveTransposed(values: Float64Array, b: Float64Array, x: Float64Array, work: Float64Array): void {
    const { size } = this;
    for (let k = 0; k < size; k += 1) work[k] = b[this.order[k]!]!;
    for (let k = 0; k < size; k += 1) {
      const known = work[k]! / values[this.diagonal[k]!]!;
      work[k] = known;
      const list = this.upper[k]!;
      for (let n = 0; n < list.length; n += 2) work[list[n]!]! -= values[list[n + 1]!]! * known;
    }
    for (let k = size - 1; k >= 0; k -= 1) {
      const list = this.lower[k]!;
      let sum = work[k]!;
      for (let n = 0; n < list.length; n += 2) sum -= values[list[n + 1]!]! * work[list[n]!]!;
      work[k] = sum;
    }
    for (let k = 0; k < size; k += 1) x[this.order[k]!] = work[k]!;
  }
}

/** Eliminates the node with the fewest neighbours first; ties go to the lowest number, so the order is always the same. */
function minimumDegreeOrder(neighbours: readonly Set<number>[]): Int32Array {
  const graph = neighbours.map((set) => new Set(set));
  const left = new Set(graph.keys());
  const order = new Int32Array(graph.length);
  for (let k = 0; k < order.length; k += 1) {
    let best = -1;
    for (const node of left) if (best < 0 || graph[node]!.size < graph[best]!.size) best = node;
    order[k] = best;
    left.delete(best);
    const around = [...graph[best]!];
    for (const a of around) {
      graph[a]!.delete(best);
      for (const b of around) if (a !== b) graph[a]!.add(b);
    }
  }
  return order;
}
