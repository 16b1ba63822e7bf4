import type { Technology } from '@neuroprint/circuit';
import { NeuroprintError } from '@neuroprint/core';
import type { Draft, DraftLayer } from './draft.ts';

/** A column that no choice of resistances can print. */
export class UnprintableColumnError extends NeuroprintError {
  override readonly exitCode = 2;
}

/** Beyond this ratio to its column's largest a conductance is no small weight but a mistake, such as one of units. */
const MISTAKEN_RATIO = 1e6;
/** Share of a column's conductance that may be left out: more, and the node computes something else. */
const LARGEST_LOSS = 0.1;

/**
 * Leaves out conductances that no scale of their column can print beside its largest one: below half the smallest printable one when the
 * largest is at its limit. Throws UnprintableColumnError (layer, row, column) where that is no rounding.
 */
export function prune(draft: Draft, technology: Technology): { draft: Draft; removed: number } {
  let removed = 0;
  const layers = draft.layers.map((layer, l) => {
    const siemens = layer.siemens.slice();
    for (let c = 0; c < layer.columns; c += 1) removed += pruneColumn(siemens, layer, l, c, technology);
    return { ...layer, siemens };
  });
  return { draft: { layers }, removed };
}

function pruneColumn(siemens: Float64Array, layer: DraftLayer, l: number, c: number, technology: Technology): number {
  const { minOhms, maxOhms } = technology.crossbar;
  const where = `Layer ${l}, column ${c}`;
  let largest = 0;
  let total = 0;
  for (let at = c; at < siemens.length; at += layer.columns) {
    largest = Math.max(largest, Math.abs(siemens[at]!));
    total += Math.abs(siemens[at]!);
  }
  if (largest === 0) {
    throw new UnprintableColumnError(
      `${where} has no conductance at all: nothing drives its node.`,
      'Train again, with another seed or fewer neurons.',
    );
  }
  let lost = 0;
  let removed = 0;
  for (let at = c; at < siemens.length; at += layer.columns) {
    const magnitude = Math.abs(siemens[at]!);
    if (magnitude === 0 || largest / magnitude <= (2 * maxOhms) / minOhms) continue;
    if (largest / magnitude > MISTAKEN_RATIO) {
      throw new UnprintableColumnError(
        `Layer ${l}, row ${Math.floor(at / layer.columns)}, column ${c}: ${siemens[at]} siemens cannot be printed at any scale: the column's largest is ${largest}, and ${technology.name} prints resistances from ${minOhms} to ${maxOhms} ohms.`,
        'Check the units; write 0 where there is no resistor.',
      );
    }
    lost += magnitude;
    removed += 1;
    siemens[at] = 0;
  }
  if (lost > LARGEST_LOSS * total) {
    throw new UnprintableColumnError(
      `${where}: ${removed} conductances, ${((100 * lost) / total).toFixed(0)} % of the column, cannot be printed at any scale beside its largest, ${largest} siemens: ${technology.name} prints resistances from ${minOhms} to ${maxOhms} ohms.`,
      'Train with a smaller range of conductances.',
    );
  }
  return removed;
}
