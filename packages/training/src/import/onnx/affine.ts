import { OnnxUnsupported } from '@neuroprint/surrogate';
import type { DenseLayer } from '../perceptron.ts';

/** x·weights + biases; `weights` is [inputs × outputs]. */
export type Affine = Pick<DenseLayer, 'weights' | 'biases'>;

/** A column of a result: a sum of columns, each by its place with its factor. */
export type Terms = readonly (readonly [column: number, factor: number])[];

/** A printed network has as many inputs as a table has features: what pictures need is not mapped. */
const MOST_COLUMNS = 1024;

export function identity(size: number): Affine {
  if (size > MOST_COLUMNS)
    throw new OnnxUnsupported(`it has ${size} values side by side, and ${MOST_COLUMNS} can be mapped`);
  return {
    weights: Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, k) => (i === k ? 1 : 0))),
    biases: new Array<number>(size).fill(0),
  };
}

export function isIdentity({ weights, biases }: Affine): boolean {
  return (
    weights.length === biases.length &&
    biases.every((b) => b === 0) &&
    weights.every((row, i) => row.every((w, k) => w === (i === k ? 1 : 0)))
  );
}

/** Sums of columns, each plus a constant. */
export function combine({ weights, biases }: Affine, columns: readonly Terms[], constants?: readonly number[]): Affine {
  if (columns.length > MOST_COLUMNS)
    throw new OnnxUnsupported(`it has ${columns.length} values side by side, and ${MOST_COLUMNS} can be mapped`);
  const sumOf = (row: readonly number[]) =>
    columns.map((terms) => terms.reduce((sum, [column, factor]) => sum + factor * row[column]!, 0));
  const sums = sumOf(biases);
  return {
    weights: weights.map(sumOf),
    biases: constants === undefined ? sums : sums.map((sum, k) => sum + constants[k]!),
  };
}

/** Sum of two over the same columns. */
export function add(a: Affine, b: Affine, factor: number): Affine {
  return {
    weights: a.weights.map((row, i) => row.map((w, k) => w + factor * b.weights[i]![k]!)),
    biases: a.biases.map((value, k) => value + factor * b.biases[k]!),
  };
}

/** Outputs of several over the same columns, side by side. */
export function beside(parts: readonly Affine[]): Affine {
  return {
    weights: parts[0]!.weights.map((_, i) => parts.flatMap(({ weights }) => weights[i]!)),
    biases: parts.flatMap(({ biases }) => biases),
  };
}
