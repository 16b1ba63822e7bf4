import { conductorNodes, otherConductorNodes } from '../ir/conductors.ts';
import type { FlatCircuit } from '../ir/flatten.ts';
import { EliminationPlan } from './elimination.ts';

/** All of Newton's volts are shares of the bias: a circuit whose volts are all twice as many is solved in the same steps. */
const SHARES_OF_BIAS = {
  /** No voltage of a transistor moves by more in one step: the exponentials would throw Newton out of the circuit. */
  largestStep: 0.1,
  /** Newton is done when no voltage moves by more; the step after it is quadratically smaller. */
  converged: 1e-7,
  /** Voltages stay so near to the rails. */
  beyondRails: 0.05,
} as const;

const known = new WeakMap<FlatCircuit, CircuitEquations>();

/** The equations of a circuit, planned once for all of its solvers. */
export function equationsOf(flat: FlatCircuit): CircuitEquations {
  const equations = known.get(flat) ?? new CircuitEquations(flat);
  known.set(flat, equations);
  return equations;
}

/** Which equation stands in which row of the matrix of a circuit, and how it is eliminated. */
export class CircuitEquations {
  readonly size: number;
  /** Pairs row·size + column that may be nonzero, some of them more than once. */
  readonly entries: readonly number[];
  #plan: EliminationPlan | undefined;
  /**
   * The row that holds a node's currents; −1 at the output of an op-amp, whose currents are no equation. An op-amp's equation has
   * next to nothing on its diagonal, so it changes places with that of its minus node, which its feedback ties to the output.
   * Currents into the output of a series source are those into its open node, and its own equation stands in the output's row.
   */
  readonly rowOf: Int32Array;
  readonly opampRows: readonly number[];
  /** Largest step of each unknown: nodes of transistors are held back, all others are linear. */
  readonly stepLimits: Float64Array;
  /** Whether the matrix is the same at all voltages. */
  readonly isLinear: boolean;
  readonly convergedVolts: number;
  readonly beyondRailsVolts: number;
  readonly lowestVolts: number;
  readonly highestVolts: number;

  constructor(flat: FlatCircuit) {
    const n = flat.unknowns.length;
    this.size = n;
    const biasVolts = flat.technology.bias.volts;
    const largestStepVolts = SHARES_OF_BIAS.largestStep * biasVolts;
    this.convergedVolts = SHARES_OF_BIAS.converged * biasVolts;
    this.beyondRailsVolts = SHARES_OF_BIAS.beyondRails * biasVolts;
    const rowOf = assignRows(flat);
    this.rowOf = rowOf;
    this.opampRows = assignOpampRows(flat, rowOf);
    const entries: number[] = [];
    const couple = (node: number, column: number): void => {
      if (node < n && column < n && rowOf[node]! >= 0) entries.push(rowOf[node]! * n + column);
    };
    for (const nodes of [...conductorNodes(flat), ...otherConductorNodes(flat)])
      for (const row of nodes) for (const column of nodes) couple(row, column);
    for (const t of flat.transistors)
      for (const row of [t.drain, t.source]) for (const column of [t.drain, t.gate, t.source]) couple(row, column);
    flat.opamps.forEach(({ plus, minus, output }, i) => {
      for (const column of [plus, minus, output]) if (column < n) entries.push(this.opampRows[i]! * n + column);
    });
    for (const { input, open, output } of flat.sources)
      for (const column of [input, open, output]) if (column < n) entries.push(output * n + column);
    this.entries = entries;
    const isHeldBack = flat.opamps.length === 0 && flat.transistors.length > 0;
    this.stepLimits = new Float64Array(n).fill(isHeldBack ? largestStepVolts : Number.POSITIVE_INFINITY);
    for (const { drain, gate, source } of flat.transistors)
      for (const node of [drain, gate, source]) if (node < n) this.stepLimits[node] = largestStepVolts;
    this.isLinear =
      flat.transistors.length === 0 &&
      flat.sources.length === 0 &&
      flat.opamps.every(({ lowVolts }) => !Number.isFinite(lowVolts));
    this.lowestVolts = Math.min(0, ...flat.opamps.map(({ lowVolts }) => lowVolts));
    this.highestVolts = Math.max(0, ...flat.opamps.map(({ highVolts }) => highVolts));
  }

  /** The elimination of all equations together. */
  get plan(): EliminationPlan {
    this.#plan ??= new EliminationPlan(this.size, this.entries);
    return this.#plan;
  }

  /** Where ∂(current out of `node`)/∂(volts of `column`) lives, or the bin where there is no such entry. */
  slot(node: number, column: number): number {
    if (node >= this.size) return this.plan.slots;
    const row = this.rowOf[node]!;
    return row < 0 ? this.plan.slots : this.plan.slot(row, column);
  }
}

/** Nodes and matrix entries of every element, one element after the other. */
export interface SlotTables {
  /** Nodes a, b and the slots aa, ab, ba, bb. */
  readonly resistors: Int32Array;
  /** Drain, gate, source and the slots dd, dg, ds, sd, sg, ss. */
  readonly transistors: Int32Array;
  /** Plus, minus, output, the row of its equation and the slots of the three in that row. */
  readonly opamps: Int32Array;
  /** Series sources: input, open, output, and the slots of the three in the output's row. */
  readonly sources: Int32Array;
}

export function slotsOf(flat: FlatCircuit, equations: CircuitEquations): SlotTables {
  const { plan, opampRows } = equations;
  return {
    resistors: table(conductorNodes(flat), 6, (nodes) => [
      ...nodes,
      ...nodes.flatMap((node) => nodes.map((column) => equations.slot(node, column))),
    ]),
    transistors: table(flat.transistors, 9, ({ drain, gate, source }) => {
      const nodes = [drain, gate, source];
      return [...nodes, ...[drain, source].flatMap((node) => nodes.map((column) => equations.slot(node, column)))];
    }),
    opamps: table(flat.opamps, 7, ({ plus, minus, output }, i) => {
      const nodes = [plus, minus, output];
      return [...nodes, opampRows[i]!, ...nodes.map((node) => plan.slot(opampRows[i]!, node))];
    }),
    sources: table(flat.sources, 6, ({ input, open, output }) => {
      const nodes = [input, open, output];
      return [...nodes, ...nodes.map((node) => plan.slot(output, node))];
    }),
  };
}

/** So many numbers of every element, one element after the other. */
function table<T>(elements: readonly T[], width: number, of: (element: T, i: number) => readonly number[]): Int32Array {
  const out = new Int32Array(width * elements.length);
  elements.forEach((element, i) => {
    out.set(of(element, i), width * i);
  });
  return out;
}

/** The matrix row of every node's currents; −1 at the output of an op-amp, whose currents are no equation. */
function assignRows(flat: FlatCircuit): Int32Array {
  const n = flat.unknowns.length;
  const rowOf = Int32Array.from({ length: n }, (_, i) => i);
  const outputs = new Set(flat.opamps.map(({ output }) => output));
  for (const { output } of flat.opamps) rowOf[output] = -1;
  for (const { plus, minus, output } of flat.opamps) {
    // a follower's own equation has −1 on its diagonal
    if (minus === output) continue;
    const partner = [minus, plus].find((node) => node < n && !outputs.has(node) && rowOf[node] === node);
    if (partner !== undefined) rowOf[partner] = output;
  }
  for (const { open, output } of flat.sources) rowOf[output] = rowOf[open]!;
  return rowOf;
}

/** The row of each op-amp's equation: that of the node whose currents took the output's row, or the output's own. */
function assignOpampRows(flat: FlatCircuit, rowOf: Int32Array): number[] {
  return flat.opamps.map(({ output }) => {
    const partner = rowOf.indexOf(output);
    return partner < 0 ? output : partner;
  });
}
