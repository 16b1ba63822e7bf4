import type { Technology } from '@neuroprint/circuit';
import { NeuroprintError } from '@neuroprint/core';
import type { Draft, DraftLayer } from './draft.ts';

/** A column that no choice of resistances can print. */
export class UnprintableColumnError extends NeuroprintError {
  override readonly exitCode = 2;
}

/**
 * Scales each column into the printable range, towards the largest resistances, which load the stages before them least: an
 * ideal column's voltage does not depend on its scale. Where the column spans more than the range, its largest conductance is
 * kept printable, entries below half the smallest printable one are left out, and the others raised to it.
 */
export function scaleColumns(draft: Draft, technology: Technology): Draft {
  return { layers: draft.layers.map((layer, l) => ({ ...layer, siemens: scaled(layer, l, technology) })) };
}

function scaled(layer: DraftLayer, l: number, technology: Technology): Float64Array {
  const smallest = 1 / technology.crossbar.maxOhms;
  const largest = 1 / technology.crossbar.minOhms;
  const out = layer.siemens.slice();
  for (let c = 0; c < layer.columns; c += 1) {
    let low = Number.POSITIVE_INFINITY;
    let high = 0;
    for (let at = c; at < out.length; at += layer.columns) {
      const magnitude = Math.abs(out[at]!);
      if (magnitude > 0) low = Math.min(low, magnitude);
      high = Math.max(high, magnitude);
    }
    if (high === 0) {
      throw new UnprintableColumnError(
        `Layer ${l}, column ${c} has no conductance at all: nothing drives its node.`,
        'Train again, with another seed or fewer neurons.',
      );
    }
    const factor = Math.min(smallest / low, largest / high);
    for (let at = c; at < out.length; at += layer.columns) {
      const magnitude = Math.abs(out[at]!) * factor;
      out[at] = magnitude < smallest / 2 ? 0 : Math.sign(out[at]!) * Math.max(smallest, magnitude);
    }
  }
  return out;
}
