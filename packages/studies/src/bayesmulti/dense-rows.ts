import { type Dataset, InputFileError } from '@neuroprint/core';

/** Rows of features and their classes. */
export interface ClassRows {
  /** Row-major [rows × features]. */
  readonly features: Float64Array;
  readonly labels: Int32Array;
}

/**
 * The rows of some splits (0 train, 1 valid, 2 test), every feature less its mean over the training rows and divided by its
 * standard deviation there. A weight's error is multiplied by what is fed into it, so an offset, which tells no row from
 * another, would only cost; a feature that is constant there becomes 0 in such rows. Throws InputFileError for values whose
 * squares are no numbers.
 */
export function denseRows(data: Dataset, splits: readonly number[]): ClassRows {
  const width = data.featureNames.length;
  const every = [...data.labels.keys()];
  const training = every.filter((row) => data.split[row] === 0);
  const scales = data.featureNames.map((column, k) => {
    const values = training.map((row) => data.columns[k]![row]!);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const std = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
    if (!Number.isFinite(std))
      throw new InputFileError({ file: data.file, column }, 'is too large to be scaled', 'Give it in another unit.');
    return { mean, std: std > 0 ? std : 1 };
  });
  const rows = every.filter((row) => splits.includes(data.split[row]!));
  const features = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    scales.forEach(({ mean, std }, k) => {
      features[i * width + k] = (data.columns[k]![row]! - mean) / std;
    });
  });
  return { features, labels: Int32Array.from(rows, (row) => data.labels[row]!) };
}
