import type { Technology } from '@neuroprint/circuit';
import { type Draft, type DraftLayer, driveOhms, negativesWith } from './draft.ts';

/**
 * Scales each column into the printable range, towards the largest resistances, which load the stages before them least: an
 * ideal column's voltage does not depend on its scale. Where the column spans more than the range its largest conductance becomes the
 * largest printable one, and those that are too small then are raised to the smallest.
 */
export function scaleColumns(draft: Draft, technology: Technology): Draft {
  const smallest = 1 / technology.crossbar.maxOhms;
  const scaled = fitColumns(draft, technology);
  return {
    layers: scaled.layers.map((layer) =>
      withOpamps(
        { ...layer, siemens: layer.siemens.map((g) => (g === 0 ? 0 : Math.sign(g) * Math.max(smallest, Math.abs(g)))) },
        technology.crossbar,
      ),
    ),
  };
}

/** Every column at the scale it is printed at, nothing raised: what does not fit the range lies below it. */
export function fitColumns(draft: Draft, technology: Technology): Draft {
  return { layers: draft.layers.map((layer) => withOpamps({ ...layer, siemens: fitted(layer, technology) })) };
}

/** The layer with the op-amp resistors that its conductances ask for, held in a range where one is given. */
function withOpamps(layer: DraftLayer, range?: Technology['crossbar']): DraftLayer {
  if (layer.negatives === undefined) return layer;
  const { form } = layer.negatives;
  const wanted = driveOhms(layer.siemens, layer.columns, form);
  if (range === undefined) return { ...layer, negatives: negativesWith(form, wanted) };
  const smallest = smallestDriveOhms(range);
  const held = wanted.map((ohms) => Math.min(range.maxOhms, Math.max(smallest, ohms)));
  return { ...layer, negatives: negativesWith(form, held) };
}

/** The smallest R whose R_f can still be printed. */
export function smallestDriveOhms(range: Technology['crossbar']): number {
  const { feedbackOhms, driveOhms: drive } = negativesWith('column', Float64Array.of(1));
  return (range.minOhms * drive[0]!) / feedbackOhms[0]!;
}

function fitted(layer: DraftLayer, technology: Technology): Float64Array {
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
    const factor = high * (smallest / low) <= largest ? smallest / low : largest / high;
    for (let at = c; at < out.length; at += layer.columns) out[at]! *= factor;
  }
  return out;
}
