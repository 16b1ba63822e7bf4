import { type FlatCircuit, findCell, type Technology, type ValueSlot } from '@neuroprint/circuit';
import { isInverted, type Layered, negativeRows } from '../../layered.ts';
import { LayeredVector, type StageEntries } from '../../vector.ts';
import type { PrintRange } from './grid.ts';

/** One value that is printed, and where it stands. */
export interface PrintedValue extends PrintRange {
  readonly slot: ValueSlot;
  /** Column that the value decides; −1 for a falling stage, which serves all columns. */
  readonly column: number;
}

/**
 * The values of a layered circuit that are printed, in ohms and metres: the resistances that are there and the stages. Of falling stages
 * that no column needs, and op-amps of columns without negative entries, there is nothing.
 */
export class PrintedValues {
  readonly list: readonly PrintedValue[];
  /** The stages, in entries of the list. */
  readonly stages: readonly StageEntries[];
  readonly vector: LayeredVector;
  /** By entry of the list that of the vector, and the other way: −1 is not printed. */
  readonly #entries: Int32Array;
  readonly #inList: Int32Array;

  constructor(layered: Layered, technology: Technology) {
    this.vector = new LayeredVector(layered);
    const { slots } = this.vector;
    const values = this.vector.values();
    this.#entries = Int32Array.from([...slots.keys()].filter((k) => this.#isPrinted(slots[k]!, values[k]!)));
    this.#inList = new Int32Array(slots.length).fill(-1);
    this.#entries.forEach((entry, v) => {
      this.#inList[entry] = v;
    });
    const { minOhms: min, maxOhms: max } = technology.crossbar;
    this.list = Array.from(this.#entries, (entry) => {
      const slot = slots[entry]!;
      const { layer, where, parameter } = slot;
      const range =
        where === 'falling' || where === 'activation'
          ? findCell(technology, layered.layers[layer]![where].cell).parameters[parameter]!
          : { unit: 'ohms' as const, min, max };
      return { slot, column: this.vector.placeOf(slot).column ?? -1, unit: range.unit, min: range.min, max: range.max };
    });
    this.stages = this.vector
      .stages(technology)
      .map(({ first, space }) => ({ first: this.#inList[first]!, space }))
      .filter(({ first }) => first >= 0);
  }

  #isPrinted({ layer, where, at }: ValueSlot, value: number): boolean {
    const inLayer = this.vector.layered.layers[layer]!;
    if (where === 'crossbar') return value !== 0;
    if (where === 'falling') return isInverted(inLayer, at);
    return where === 'activation' || negativeRows(inLayer, at).length > 0;
  }

  values(): Float64Array {
    const all = this.vector.values();
    return Float64Array.from(this.list, ({ slot }, v) => {
      const value = all[this.#entries[v]!]!;
      return slot.where === 'crossbar' ? 1 / Math.abs(value) : value;
    });
  }

  /** The layered circuit with other values; signs and connections stay. */
  with(values: Float64Array): Layered {
    const all = this.vector.values();
    this.list.forEach(({ slot }, v) => {
      const entry = this.#entries[v]!;
      all[entry] = slot.where === 'crossbar' ? Math.sign(all[entry]!) / values[v]! : values[v]!;
    });
    return this.vector.with(all);
  }

  /** For every component of the circuit the entry that it takes its value from. */
  ownersOf(flat: FlatCircuit): Int32Array {
    return this.vector.ownersOf(flat).map((entry) => this.#inList[entry]!);
  }
}
