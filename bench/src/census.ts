import { createHash } from 'node:crypto';
import { readSamples } from '@neuroprint/sampler';

/** The rows of a folder by index: how many are lost, how many are there twice, and a hash of all their bits. */
export function census(folder: string): { readonly lost: number; readonly doubled: number; readonly hash: string } {
  const { samples, rows } = readSamples(folder);
  const seen = new Uint8Array(samples.count);
  const hash = createHash('sha256');
  for (const row of rows()) {
    seen[row.index - samples.firstIndex]! += 1;
    const { values, eta = [], residualVolts, differenceVolts, inputVolts, outputVolts } = row;
    hash.update(Float64Array.of(row.index, ...values, ...eta, residualVolts, differenceVolts));
    hash.update(inputVolts).update(outputVolts);
  }
  return {
    lost: seen.filter((times) => times === 0).length,
    doubled: seen.filter((times) => times > 1).length,
    hash: hash.digest('hex'),
  };
}
