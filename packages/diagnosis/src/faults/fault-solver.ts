import {
  BatchSolver,
  type Component,
  componentValues,
  type FlatCircuit,
  NO_CHANNEL,
  type SeriesVolts,
} from '@neuroprint/circuit';
import { withFault } from './apply.ts';
import { namedElements } from './elements.ts';
import type { Fault } from './fault.ts';

/** One circuit that becomes several faulty ones by its values alone. */
interface Shared {
  readonly solver: BatchSolver;
  /** Of the circuit with all its faults' components: those of the good circuit first. */
  readonly length: number;
}

/** How a fault is solved. */
interface Way {
  readonly shared: Shared;
  /** Volts where a node that the fault adds begins: those of its pad. */
  readonly padVolts: number;
  /** Writes the fault into the values, given those of the good circuit. */
  readonly apply: (values: Float64Array) => void;
}

/** Faults that only change values, so that many of them share one kernel. */
const BY_VALUE: ReadonlySet<Fault['kind']> = new Set(['open', 'short', 'factor', 'no channel']);
const SHORTS: ReadonlySet<Fault['kind']> = new Set(['drain-source short', 'gate-drain short', 'gate-source short']);

/**
 * Solves a circuit, and it with each of its faults, at any component values (those of a printed copy), exactly: the equations are
 * those of `withFault`. Faults that change or add a resistance share one kernel in which all of them stand, absent ones as an infinite
 * resistance; each of the rest, which move a connection, has a kernel of its own. States are [rows × nodes of the good circuit].
 */
export class FaultSolver {
  readonly flat: FlatCircuit;
  readonly faults: readonly Fault[];
  readonly size: number;
  readonly #good: BatchSolver;
  readonly #ways: readonly Way[];
  #values: Float64Array;
  #series: SeriesVolts | undefined;
  #scratch = new Float64Array(0);

  constructor(flat: FlatCircuit, faults: readonly Fault[]) {
    this.flat = flat;
    this.faults = faults;
    this.size = flat.unknowns.length;
    this.#good = new BatchSolver(flat);
    this.#values = componentValues(flat);
    this.#ways = waysOf(flat, faults);
    this.#good.setValues(this.#values);
  }

  /** Takes the values of a copy (ohms, metres, units of laws) and what is in series with its stages, for all that is solved next. */
  setCopy(values: Float64Array, series?: SeriesVolts): void {
    this.#values = values.slice();
    this.#series = series;
    this.#good.setValues(this.#values);
    this.#good.setSeries(series);
  }

  /** Solves the copy without a fault; `state` is the start (NaN: cold) and becomes the solution. Returns the rows that have none. */
  solveGood(inputVolts: Float64Array, rows: number, state: Float64Array): number[] {
    return this.#good.solve(inputVolts, rows, state);
  }

  /** Solves the copy with fault `k` of the list, in the same way. Throws Error where there is no such fault. */
  solve(k: number, inputVolts: Float64Array, rows: number, state: Float64Array): number[] {
    const { shared, apply, padVolts } = this.#ways[k]!;
    const { solver } = shared;
    const values = new Float64Array(shared.length).fill(Number.POSITIVE_INFINITY);
    values.set(this.#values);
    apply(values);
    solver.setValues(values);
    solver.setSeries(this.#series);
    if (solver.size === this.size) return solver.solve(inputVolts, rows, state);
    return this.#solveWider(solver, padVolts, inputVolts, rows, state);
  }

  /** A circuit with a node of its own after those of the good one. */
  #solveWider(
    solver: BatchSolver,
    padVolts: number,
    inputVolts: Float64Array,
    rows: number,
    state: Float64Array,
  ): number[] {
    const { size } = this;
    const wide = solver.size;
    if (this.#scratch.length < rows * wide) this.#scratch = new Float64Array(rows * wide);
    const own = this.#scratch.subarray(0, rows * wide).fill(padVolts);
    for (let row = 0; row < rows; row += 1) own.set(state.subarray(row * size, (row + 1) * size), row * wide);
    const failed = solver.solve(inputVolts, rows, own);
    for (let row = 0; row < rows; row += 1) state.set(own.subarray(row * wide, row * wide + size), row * size);
    return failed;
  }
}

/** How every fault is solved; those that share a kernel stand in one circuit. */
function waysOf(flat: FlatCircuit, faults: readonly Fault[]): Way[] {
  const good = flat.components.length;
  const users = usersOf(flat);
  let all = flat;
  /** Components of the shorts in the shared circuit, by their ends. */
  const shorts = new Map<string, number>();
  /** The component that each fault writes in the shared circuit; undefined: it needs one of its own. */
  const places = faults.map((fault): number | undefined => {
    if (SHORTS.has(fault.kind)) {
      const ends = [...fault.nodes].sort().join(' ');
      const at = shorts.get(ends) ?? all.components.length;
      if (!shorts.has(ends)) all = withFault(all, fault);
      shorts.set(ends, at);
      return at;
    }
    if (!BY_VALUE.has(fault.kind)) return undefined;
    const at = componentOf(flat, fault);
    return users[at] === 1 ? at : undefined;
  });
  const shared: Shared = { solver: new BatchSolver(all), length: all.components.length };
  return faults.map((fault, k) => {
    const faulty = withFault(flat, fault);
    const apply = writing(flat, fault, faulty.components[good], places[k] ?? good);
    if (places[k] !== undefined) return { shared, apply, padVolts: 0 };
    const own: Shared = { solver: new BatchSolver(faulty), length: faulty.components.length };
    const padVolts = flat.supplyVolts[flat.driven.indexOf(fault.nodes[0]!)] ?? 0;
    return { shared: own, apply, padVolts };
  });
}

/** The component of the part that a fault of `BY_VALUE` changes. */
function componentOf(flat: FlatCircuit, { kind, components: [part] }: Fault): number {
  const { resistors, transistors } = namedElements(flat);
  return kind === 'no channel'
    ? flat.transistors[transistors.get(part!)!]!.width
    : flat.resistors[resistors.get(part!)!]!.component;
}

/** Writes the component that a fault adds into the values of a copy; a fault that adds none only moves a connection. */
function writing(flat: FlatCircuit, fault: Fault, added: Component | undefined, at: number): Way['apply'] {
  if (added === undefined) return () => undefined;
  const shares: Partial<Record<Fault['kind'], number>> = { 'no channel': NO_CHANNEL, factor: fault.factor ?? 1 };
  const times = shares[fault.kind];
  if (times === undefined)
    return (values) => {
      values[at] = added.value;
    };
  const from = componentOf(flat, fault);
  return (values) => {
    values[at] = times * values[from]!;
  };
}

/** How many resistors, channels and leaks have each component. */
function usersOf({ components, resistors, transistors, leaks }: FlatCircuit): Int32Array {
  const users = new Int32Array(components.length);
  for (const { component } of resistors) users[component]! += 1;
  for (const { width } of transistors) users[width]! += 1;
  for (const { width } of leaks) users[width]! += 1;
  return users;
}
