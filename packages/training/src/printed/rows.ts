import { type Labels, UsageError, type VoltageRows } from '@neuroprint/core';

/** Rows of a block: few enough that a layer's columns stay in the first-level cache. */
export const BLOCK_ROWS = 256;

/** Of a table with more cells, blocks do not keep their volts: asked for them, they are taken from the rows. */
const KEPT_CELLS = 2 ** 21;

/** A block of examples, column by column. */
export interface Block {
  readonly rows: number;
  /** [inputs × rows]; of a large table it is made anew with every look, so look once. */
  readonly volts: Float64Array;
  /** Class indices, or the volts that the one output shall have. */
  readonly labels: Labels;
  /** What each row counts in the loss; 1 unless classes are weighted, or targets scaled. */
  readonly weights: Float64Array;
}

/** Throws UsageError where there are no rows, rows and labels do not fit or a label is no class. */
export function checkExamples(data: VoltageRows<Labels>, inputs: number, classes: number): void {
  const rows = data.labels.length;
  if (rows === 0) throw new UsageError('There are no rows.');
  if (data.volts.length !== rows * inputs) {
    throw new UsageError(`${data.volts.length} voltages are no ${rows} rows of ${inputs} inputs.`);
  }
  if (data.labels instanceof Int32Array && data.labels.some((label) => label < 0 || label >= classes)) {
    throw new UsageError(`A label is none of the ${classes} classes.`);
  }
}

/** Cuts row-major examples into blocks, in another order where one is given. Throws UsageError as checkExamples does. */
export function blocksOf(
  data: VoltageRows<Labels>,
  inputs: number,
  classes: number,
  weightOf: (label: number) => number = () => 1,
  order?: Int32Array,
): Block[] {
  checkExamples(data, inputs, classes);
  const rows = data.labels.length;
  return Array.from({ length: Math.ceil(rows / BLOCK_ROWS) }, (_, b) => {
    const first = b * BLOCK_ROWS;
    const count = Math.min(BLOCK_ROWS, rows - first);
    const rowAt = (r: number): number => order?.[first + r] ?? first + r;
    const columns = (): Float64Array => {
      const volts = new Float64Array(count * inputs);
      for (let r = 0; r < count; r += 1) {
        const from = rowAt(r) * inputs;
        for (let i = 0; i < inputs; i += 1) volts[i * count + r] = data.volts[from + i]!;
      }
      return volts;
    };
    const labels = data.labels.slice(first, first + count).map((_, r) => data.labels[rowAt(r)]!);
    const block = { rows: count, labels, weights: Float64Array.from(labels, weightOf) };
    if (data.volts.length <= KEPT_CELLS) return { ...block, volts: columns() };
    return {
      ...block,
      get volts() {
        return columns();
      },
    };
  });
}

export function countRows(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + block.rows, 0);
}

/** What a row of each class counts so that all classes count alike, 1 on average. Throws UsageError for an absent class. */
export function balancedWeights(labels: Labels, classes: readonly string[]): number[] {
  return classes.map((name, k) => {
    const count = labels.filter((label) => label === k).length;
    if (count === 0) throw new UsageError(`No training row is of the class "${name}", so classes cannot be balanced.`);
    return labels.length / (classes.length * count);
  });
}

/** First and last block (exclusive) of every step of an epoch: as even as blocks allow, of about `batchRows` rows. */
export function batchesOf(blocks: readonly Block[], batchRows: number): (readonly [first: number, last: number])[] {
  const count = Math.min(blocks.length, Math.max(1, Math.floor(countRows(blocks) / batchRows)));
  const cut = (b: number) => Math.round((b * blocks.length) / count);
  return Array.from({ length: count }, (_, b) => [cut(b), cut(b + 1)] as const);
}
