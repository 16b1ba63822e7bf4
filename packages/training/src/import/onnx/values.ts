import { type OnnxConstant, OnnxUnsupported } from '@neuroprint/surrogate';
import type { DenseLayer } from '../perceptron.ts';
import type { Affine } from './affine.ts';

/** Layers that are complete; values over the same base can be added. */
export interface Base {
  readonly layers: readonly DenseLayer[];
}

/** What each row becomes: a sum of the base's outputs. `shape` counts the rows as one. */
export interface Data {
  readonly kind: 'data';
  readonly base: Base;
  readonly affine: Affine;
  readonly shape: readonly number[];
  /** What the columns are an increasing function of, such as logits of probabilities: their order is the data's. */
  readonly isRanked?: boolean;
}

/** The class of each row: the largest of the scores. */
export interface Label {
  readonly kind: 'label';
  readonly scores: Data;
}

export interface Constant extends OnnxConstant {
  readonly kind: 'constant';
}

export type Value = Data | Label | Constant;

export function constant(shape: readonly number[], data: ArrayLike<number>): Constant {
  return { kind: 'constant', shape, data: Float64Array.from(data) };
}

/** The input as data that is no function of something yet. Throws OnnxUnsupported for anything else. */
export function plain(value: Value | undefined, operator: string): Data {
  if (value?.kind === 'data' && value.isRanked !== true) return value;
  if (value?.kind === 'data') throw new OnnxUnsupported(`${operator} follows a Softmax`);
  throw new OnnxUnsupported(`${operator} takes ${value === undefined ? 'nothing' : `a ${value.kind}`}`);
}

export function constantAt(value: Value | undefined, operator: string): Constant {
  if (value?.kind === 'constant') return value;
  throw new OnnxUnsupported(`${operator} takes what is no constant`);
}
