import type { ResistorNetwork } from './resistors.ts';

/**
 * Solves a resistor network exactly: Σ_j g_ij·(v_j − v_i) = −(current in) at every node without a source. The matrix is symmetric and
 * positive definite, so A = L·D·Lᵀ without pivoting, on a pattern that is planned once. The outputs are eliminated last: the
 * factors of the free state then hold those of the clamped state, in which the outputs are driven too, and one factorisation
 * serves both.
 */
export class LaplacianSolver {
  readonly network: ResistorNetwork;
  /** Nodes without a source in the order of elimination; the outputs last. */
  readonly #order: Int32Array;
  readonly #inner: number;
  /** Per pivot: slot of the diagonal, start and end of its rows in `#rows`; rows are places in the order, ascending. */
  readonly #starts: Int32Array;
  readonly #rows: Int32Array;
  /** Per entry of `#rows`: where its updates of the columns below begin in `#targets`. */
  readonly #targets: Int32Array;
  readonly #lower: Float64Array;
  readonly #diagonal: Float64Array;
  /** Per edge between unknown nodes: places of both and the entry of `#lower`; −1 where an end is driven. */
  readonly #edgeSlots: Int32Array;
  readonly #place: Int32Array;
  readonly #right: Float64Array;
  readonly #siemens: Float64Array;

  constructor(network: ResistorNetwork) {
    this.network = network;
    const { nodes, edges } = network.graph;
    const driven = new Set(network.driven);
    const last = new Set(network.outputs);
    const neighbours = Array.from({ length: nodes }, () => new Set<number>());
    for (const [a, b] of edges) {
      if (driven.has(a) || driven.has(b)) continue;
      neighbours[a]!.add(b);
      neighbours[b]!.add(a);
    }
    const left = new Set(Array.from({ length: nodes }, (_, node) => node).filter((node) => !driven.has(node)));
    const size = left.size;
    const order: number[] = [];
    const columns: number[][] = [];
    while (left.size > 0) {
      let best = -1;
      const rank = (node: number): number => (last.has(node) ? nodes : 0) + neighbours[node]!.size;
      for (const node of left) if (best < 0 || rank(node) < rank(best)) best = node;
      left.delete(best);
      order.push(best);
      const around = [...neighbours[best]!];
      columns.push(around);
      for (const a of around) {
        neighbours[a]!.delete(best);
        for (const b of around) if (a !== b) neighbours[a]!.add(b);
      }
    }
    this.#order = Int32Array.from(order);
    this.#inner = size - network.outputs.length;
    this.#place = new Int32Array(nodes).fill(-1);
    order.forEach((node, k) => {
      this.#place[node] = k;
    });
    const below = columns.map((around) => around.map((node) => this.#place[node]!).sort((a, b) => a - b));
    const starts = [0];
    for (const rows of below) starts.push(starts.at(-1)! + rows.length);
    this.#starts = Int32Array.from(starts);
    this.#rows = Int32Array.from(below.flat());
    const slot = (column: number, row: number): number => starts[column]! + below[column]!.indexOf(row);
    // the entry of (i, j) for every pair of rows i > j below a pivot, in the order in which factor() meets them
    this.#targets = Int32Array.from(
      below.flatMap((rows) => rows.flatMap((j, at) => rows.slice(at + 1).map((i) => slot(j, i)))),
    );
    this.#lower = new Float64Array(this.#rows.length);
    this.#diagonal = new Float64Array(size);
    this.#right = new Float64Array(size);
    this.#siemens = new Float64Array(edges.length);
    this.#edgeSlots = Int32Array.from(edges, ([a, b]) => {
      const [p, q] = [this.#place[a]!, this.#place[b]!];
      return p < 0 || q < 0 ? -1 : slot(Math.min(p, q), Math.max(p, q));
    });
  }

  /** Takes the conductance of every edge, in siemens, and factors. */
  setSiemens(siemens: Float64Array): void {
    this.#siemens.set(siemens);
    const { edges } = this.network.graph;
    const lower = this.#lower;
    const diagonal = this.#diagonal;
    lower.fill(0);
    diagonal.fill(0);
    for (let e = 0; e < edges.length; e += 1) {
      const [a, b] = edges[e]!;
      const g = siemens[e]!;
      const p = this.#place[a]!;
      const q = this.#place[b]!;
      if (p >= 0) diagonal[p]! += g;
      if (q >= 0) diagonal[q]! += g;
      const at = this.#edgeSlots[e]!;
      if (at >= 0) lower[at]! -= g;
    }
    const starts = this.#starts;
    const rows = this.#rows;
    const targets = this.#targets;
    let next = 0;
    for (let k = 0; k < diagonal.length; k += 1) {
      const from = starts[k]!;
      const to = starts[k + 1]!;
      const inverse = 1 / diagonal[k]!;
      for (let j = from; j < to; j += 1) {
        const value = lower[j]!;
        const factor = value * inverse;
        diagonal[rows[j]!]! -= factor * value;
        for (let i = j + 1; i < to; i += 1, next += 1) lower[targets[next]!]! -= lower[i]! * factor;
        lower[j] = factor;
      }
    }
  }

  /**
   * The free state: `volts` [nodes] holds the voltages of the driven nodes and gets those of all others. `amperes` [nodes] are
   * currents that flow into the nodes besides.
   */
  solveFree(volts: Float64Array, amperes?: Float64Array): void {
    this.#solve(volts, this.#diagonal.length, amperes);
  }

  /** The clamped state: `volts` [nodes] holds the voltages of the driven nodes and of the outputs, and gets those of all others. */
  solveClamped(volts: Float64Array): void {
    this.#solve(volts, this.#inner, undefined);
  }

  /** v with A·v = `amperes` at the nodes without a source and 0 V at the others: the adjoint state of a gradient by voltages. */
  solveAdjoint(amperes: Float64Array, volts: Float64Array): void {
    for (const node of this.network.driven) volts[node] = 0;
    this.#solve(volts, this.#diagonal.length, amperes);
  }

  #solve(volts: Float64Array, size: number, amperes: Float64Array | undefined): void {
    const { edges } = this.network.graph;
    const right = this.#right;
    const order = this.#order;
    for (let k = 0; k < size; k += 1) right[k] = amperes === undefined ? 0 : amperes[order[k]!]!;
    for (let e = 0; e < edges.length; e += 1) {
      const [a, b] = edges[e]!;
      const p = this.#place[a]!;
      const q = this.#place[b]!;
      const knowsA = p < 0 || p >= size;
      const knowsB = q < 0 || q >= size;
      if (knowsA && !knowsB) right[q]! += this.#siemens[e]! * volts[a]!;
      else if (knowsB && !knowsA) right[p]! += this.#siemens[e]! * volts[b]!;
    }
    const starts = this.#starts;
    const rows = this.#rows;
    const lower = this.#lower;
    for (let k = 0; k < size; k += 1) {
      const known = right[k]!;
      for (let j = starts[k]!; j < starts[k + 1]! && rows[j]! < size; j += 1) right[rows[j]!]! -= lower[j]! * known;
    }
    for (let k = size - 1; k >= 0; k -= 1) {
      let sum = right[k]! / this.#diagonal[k]!;
      for (let j = starts[k]!; j < starts[k + 1]! && rows[j]! < size; j += 1) sum -= lower[j]! * right[rows[j]!]!;
      right[k] = sum;
    }
    for (let k = 0; k < size; k += 1) volts[order[k]!] = right[k]!;
  }
}
