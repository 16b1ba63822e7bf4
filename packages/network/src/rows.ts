import { UsageError, type VoltageRows } from '@neuroprint/core';

/** Rows of a block: few enough that a layer's columns stay in the first-level cache. */
export const BLOCK_ROWS = 256;

/** A block of examples, column by column. */
export interface Block {
  readonly rows: number;
  /** [inputs × rows] */
  readonly volts: Float64Array;
  readonly labels: Int32Array;
  /** What each row counts in the loss; 1 unless classes are weighted. */
  readonly weights: Float64Array;
}

/** Cuts row-major examples into blocks. Throws UsageError where rows and labels do not fit or a label is no class. */
export function blocksOf(
  data: VoltageRows,
  inputs: number,
  classes: number,
  classWeights?: ArrayLike<number>,
): Block[] {
  const rows = data.labels.length;
  if (rows === 0) throw new UsageError('There are no rows.');
  if (data.volts.length !== rows * inputs) {
    throw new UsageError(`${data.volts.length} voltages are no ${rows} rows of ${inputs} inputs.`);
  }
  if (data.labels.some((label) => label < 0 || label >= classes)) {
    throw new UsageError(`A label is none of the ${classes} classes.`);
  }
  return Array.from({ length: Math.ceil(rows / BLOCK_ROWS) }, (_, b) => {
    const first = b * BLOCK_ROWS;
    const count = Math.min(BLOCK_ROWS, rows - first);
    const volts = new Float64Array(count * inputs);
    for (let r = 0; r < count; r += 1) {
      for (let i = 0; i < inputs; i += 1) volts[i * count + r] = data.volts[(first + r) * inputs + i]!;
    }
    const labels = data.labels.slice(first, first + count);
    const weights = Float64Array.from(labels, (label) => classWeights?.[label] ?? 1);
    return { rows: count, volts, labels, weights };
  });
}

export function countRows(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + block.rows, 0);
}
