import type { FlatCircuit } from '../../ir/flatten.ts';
import { EliminationPlan } from '../elimination.ts';
import { type CircuitEquations, equationsOf } from '../equations.ts';

/** Unknowns that are solved together, once those of the blocks before are known. */
export interface Block {
  /** Its unknowns stand from this place on. */
  readonly first: number;
  /** The elimination of the block's own equations, its unknowns numbered from 0. */
  readonly plan: EliminationPlan;
  /** Every entry has a mirror image of the same value: the half right of the diagonal is stored alone. */
  readonly isSymmetric: boolean;
  /** Where each entry of the plan is stored, −1: nowhere, and where the block's entries begin and end. */
  readonly slots: Int32Array;
  readonly firstSlot: number;
  readonly endSlot: number;
  /** Entries of its equations by unknowns of blocks before: places of the equation and of the unknown, and where they are stored. */
  readonly outer: readonly (readonly [row: number, column: number, slot: number])[];
}

/**
 * The elimination of a circuit block by block: unknowns that depend on each other in a circle are one block (a strongly connected component, by Tarjan's
 * algorithm), and those that depend on equally many blocks one after the other share one. Gates draw no current, so each layer of a network is a
 * block of its own, and within it what only conducts is symmetric. Circuits with op-amps or series sources are one block.
 */
export class BlockPlan {
  readonly blocks: readonly Block[];
  /** Where each unknown stands in the order of elimination. */
  readonly place: Int32Array;
  readonly slots: number;
  readonly #blockOf: Int32Array;
  readonly #outer = new Map<number, number>();
  readonly #size: number;

  constructor(flat: FlatCircuit, { size, entries }: CircuitEquations) {
    this.#size = size;
    const rows: number[][] = Array.from({ length: size }, () => []);
    for (const entry of entries) rows[Math.floor(entry / size)]!.push(entry % size);
    const isOne = flat.opamps.length + flat.sources.length > 0;
    const depths = isOne ? new Int32Array(size) : depthsOf(rows);
    this.#blockOf = depths;
    this.place = new Int32Array(size);
    const members: number[][] = Array.from({ length: Math.max(-1, ...depths) + 1 }, () => []);
    depths.forEach((depth, unknown) => {
      members[depth]!.push(unknown);
    });
    const local = new Int32Array(size);
    const isOneWay = isOne ? undefined : oneWay(flat);
    const blocks: Block[] = [];
    let [first, slot] = [0, 0];
    members.forEach((own, b) => {
      own.forEach((unknown, k) => {
        local[unknown] = k;
      });
      const inside = own.flatMap((row) =>
        rows[row]!.filter((column) => depths[column] === b).map((column) => local[row]! * own.length + local[column]!),
      );
      const plan = new EliminationPlan(own.length, inside);
      plan.order.forEach((k, at) => {
        this.place[own[k]!] = first + at;
      });
      const isSymmetric =
        isOneWay !== undefined &&
        !own.some((row) => rows[row]!.some((column) => depths[column] === b && isOneWay.has(row * size + column)));
      const firstSlot = slot;
      const slots = new Int32Array(plan.slots).fill(-1);
      for (let k = 0; k < own.length; k += 1)
        for (let at = isSymmetric ? plan.diagonal[k]! : plan.start[k]!; at < plan.start[k + 1]!; at += 1) {
          slots[at] = slot;
          slot += 1;
        }
      const outer: [number, number, number][] = [];
      for (const row of own)
        for (const column of new Set(rows[row]!.filter((column) => depths[column] !== b))) {
          outer.push([this.place[row]!, this.place[column]!, slot]);
          this.#outer.set(row * size + column, slot);
          slot += 1;
        }
      blocks.push({ first, plan, isSymmetric, slots, firstSlot, endSlot: slot, outer });
      first += own.length;
    });
    this.blocks = blocks;
    this.slots = slot;
  }

  /** Multiplications of one elimination. */
  get multiplications(): number {
    return this.blocks.reduce((sum, { plan, isSymmetric }) => sum + plan.multiplications * (isSymmetric ? 0.5 : 1), 0);
  }

  /** The block of a row of the matrix. */
  blockOf(row: number): number {
    return this.#blockOf[row]!;
  }

  /** Where the entry (row, column) is stored, or `slots`, a bin, where it is not. */
  slot(row: number, column: number): number {
    if (row < 0 || row >= this.#size || column >= this.#size) return this.slots;
    const block = this.#blockOf[row]!;
    if (block !== this.#blockOf[column]!) return this.#outer.get(row * this.#size + column) ?? this.slots;
    const { first, plan, slots } = this.blocks[block]!;
    const stored = plan.find(this.place[row]! - first, this.place[column]! - first);
    return stored < 0 || slots[stored]! < 0 ? this.slots : slots[stored]!;
  }
}

const known = new WeakMap<FlatCircuit, BlockPlan>();

/** The blocks of a circuit, planned once. */
export function blockPlanOf(flat: FlatCircuit): BlockPlan {
  const plan = known.get(flat) ?? new BlockPlan(flat, equationsOf(flat));
  known.set(flat, plan);
  return plan;
}

/** Entries row·size + column off the diagonal whose mirror image has another value, or none: what transistors add but at their drain or source alone. */
function oneWay({ transistors, unknowns: { length: size } }: FlatCircuit): Set<number> {
  const found = new Set<number>();
  for (const { drain, gate, source } of transistors)
    for (const row of [drain, source])
      for (const column of [drain, gate, source])
        if (row !== column && row < size && column < size) found.add(row * size + column);
  return found;
}

/**
 * How many blocks stand before that of each unknown. Components come out of Tarjan's algorithm (SIAM J. Computing 1:146, 1972) after all that they
 * depend on; without recursion, because chains are long.
 */
function depthsOf(rows: readonly (readonly number[])[]): Int32Array {
  const size = rows.length;
  const depths = new Int32Array(size);
  const found = new Int32Array(size).fill(-1);
  const lowest = new Int32Array(size);
  const next = new Int32Array(size);
  const isOpen = new Uint8Array(size);
  const open: number[] = [];
  let count = 0;
  for (let root = 0; root < size; root += 1) {
    if (found[root]! >= 0) continue;
    const path = [root];
    while (path.length > 0) {
      const at = path.at(-1)!;
      if (found[at]! < 0) {
        found[at] = count;
        lowest[at] = count;
        count += 1;
        open.push(at);
        isOpen[at] = 1;
      }
      const list = rows[at]!;
      let deeper = -1;
      while (next[at]! < list.length && deeper < 0) {
        const other = list[next[at]!]!;
        if (found[other]! < 0) deeper = other;
        else {
          if (isOpen[other] === 1) lowest[at] = Math.min(lowest[at]!, lowest[other]!);
          next[at]! += 1;
        }
      }
      if (deeper >= 0) {
        path.push(deeper);
        continue;
      }
      path.pop();
      if (lowest[at] === found[at]) close(at);
    }
  }
  return depths;

  /** Takes the component that was found last off the stack. */
  function close(root: number): void {
    const members = open.splice(open.lastIndexOf(root));
    let depth = 0;
    for (const member of members) isOpen[member] = 2;
    for (const member of members)
      for (const other of rows[member]!) if (isOpen[other] === 0) depth = Math.max(depth, depths[other]! + 1);
    for (const member of members) {
      isOpen[member] = 0;
      depths[member] = depth;
    }
  }
}
