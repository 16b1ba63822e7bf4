import {
  DesignPolytope,
  type FlatCircuit,
  findCell,
  type Place,
  type Technology,
  type ValueSlot,
} from '@neuroprint/circuit';
import type { Layer, Layered, StageRow } from './layered.ts';

/** The values of a stage from one entry on, and the space that they must lie in. */
export interface StageEntries {
  readonly first: number;
  readonly space: DesignPolytope;
}

/**
 * All values of a layered circuit as one vector: of every layer the signed conductances (siemens), the op-amps' resistors (ohms) and the
 * stages' values (ohms, metres), each with its slot.
 */
export class LayeredVector {
  readonly layered: Layered;
  readonly slots: readonly ValueSlot[];
  /** Where every layer's lists start, and the length of each. */
  readonly #starts: readonly Record<ValueSlot['where'], { readonly first: number; readonly each: number }>[];

  constructor(layered: Layered) {
    this.layered = layered;
    const slots: ValueSlot[] = [];
    const place = (layer: number, where: ValueSlot['where'], count: number, each = 1) => {
      const first = slots.length;
      for (let k = 0; k < count * each; k += 1)
        slots.push({ layer, where, at: Math.floor(k / each), parameter: k % each });
      return { first, each };
    };
    const stages = (layer: number, where: 'falling' | 'activation', { values }: StageRow) =>
      place(layer, where, values.length, values[0]?.length);
    this.#starts = layered.layers.map(({ siemens, columns, negatives, falling, activation }, l) => ({
      crossbar: place(l, 'crossbar', siemens.length),
      feedback: place(l, 'feedback', negatives === undefined ? 0 : columns),
      drive: place(l, 'drive', negatives === undefined ? 0 : columns),
      falling: stages(l, 'falling', falling),
      activation: stages(l, 'activation', activation),
    }));
    this.slots = slots;
  }

  values(): Float64Array {
    return Float64Array.from(
      this.layered.layers.flatMap(({ siemens, negatives, falling, activation }) => [
        ...siemens,
        ...(negatives?.feedbackOhms ?? []),
        ...(negatives?.driveOhms ?? []),
        ...[...falling.values, ...activation.values].flatMap((values) => [...values]),
      ]),
    );
  }

  /** The layered circuit with other values, in the order of `slots`. */
  with(values: Float64Array): Layered {
    let next = 0;
    const cut = ({ length }: Float64Array): Float64Array => {
      next += length;
      return values.slice(next - length, next);
    };
    const row = ({ cell, values: stages }: StageRow): StageRow => ({ cell, values: stages.map(cut) });
    const layer = ({ negatives, ...from }: Layer): Layer => ({
      ...from,
      siemens: cut(from.siemens),
      ...(negatives && {
        negatives: { ...negatives, feedbackOhms: cut(negatives.feedbackOhms), driveOhms: cut(negatives.driveOhms) },
      }),
      falling: row(from.falling),
      activation: row(from.activation),
    });
    return { layers: this.layered.layers.map(layer) };
  }

  /** The first entry of a layer's list. */
  startOf(layer: number, where: ValueSlot['where']): number {
    return this.#starts[layer]![where].first;
  }

  /** For every component of the layered circuit the entry that it takes its value from; −1: parameters of a transistor's law. */
  ownersOf(flat: FlatCircuit): Int32Array {
    return Int32Array.from(flat.components, ({ slot }) => {
      if (slot === undefined) return -1;
      const { first, each } = this.#starts[slot.layer]![slot.where];
      return first + slot.at * each + slot.parameter;
    });
  }

  /** Every stage. */
  stages(technology: Technology): StageEntries[] {
    return this.slots.flatMap(({ layer, where, parameter }, first) => {
      if ((where !== 'falling' && where !== 'activation') || parameter > 0) return [];
      return [{ first, space: new DesignPolytope(findCell(technology, this.layered.layers[layer]![where].cell)) }];
    });
  }

  placeOf({ layer, where, at }: ValueSlot): Place {
    if (where === 'falling') return { layer, row: at };
    if (where !== 'crossbar') return { layer, column: at };
    const { columns } = this.layered.layers[layer]!;
    return { layer, row: Math.floor(at / columns), column: at % columns };
  }
}

/** How many values two layered circuits of the same shape differ in. */
export function differing(before: Layered, after: Layered): number {
  const was = new LayeredVector(before).values();
  return new LayeredVector(after).values().reduce((count, value, k) => count + (value === was[k] ? 0 : 1), 0);
}
