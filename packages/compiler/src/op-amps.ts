import type { Technology } from '@neuroprint/circuit';
import type { Layer, NegativeForm, Negatives } from './layered.ts';

/**
 * R_f/R of an op-amp that makes negative conductances. With equal resistors the + and the − input follow v_x alike at high frequency,
 * and the capacitances of the two nodes leave the loop without phase margin: it oscillates although Σg > 0. With R_f < R
 * the feedback to the − input is the stronger one at every frequency; at a half the loop is stable for any node capacitance
 * (Routh: (a + b)·(1/R_f − 1/R) > Σg/R_f, a and b the conductances at the two inputs).
 */
export const FEEDBACK_SHARE = 0.5;

/**
 * R of every column: one over the negative conductance that an op-amp serves, or over half of Σg where that is more. v_x is then as
 * far from the node as the node is from the mean of the negative inputs, or nearer. `siemens` are the resistors' conductances.
 */
export function driveOhms(siemens: Float64Array, columns: number, form: NegativeForm): Float64Array {
  const served = new Float64Array(columns);
  const totals = new Float64Array(columns);
  siemens.forEach((g, at) => {
    const c = at % columns;
    const negative = Math.max(0, -g) * FEEDBACK_SHARE;
    served[c] = form === 'column' ? served[c]! + negative : Math.max(served[c]!, negative);
    totals[c]! += g > 0 ? g : -negative;
  });
  return served.map((sum, c) => 1 / Math.max(sum, 0.5 * totals[c]!));
}

/** The op-amp resistors of a layer by R of every column. */
export function negativesWith(form: NegativeForm, drive: Float64Array): Negatives {
  return { model: 'rails', form, feedbackOhms: drive.map((ohms) => FEEDBACK_SHARE * ohms), driveOhms: drive };
}

/** The layer with the op-amp resistors that its conductances ask for, held in a range where one is given. */
export function withOpamps(layer: Layer, range?: Technology['crossbar']): Layer {
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
  return range.minOhms / FEEDBACK_SHARE;
}
