import { meanAndStd } from '@neuroprint/core';
import { denseUnderVariation } from './classify.ts';
import type { DenseNetwork } from './dense-network.ts';
import type { ClassRows } from './dense-rows.ts';

/** Accuracy against something: mean and standard deviation over copies. */
export interface Curve {
  readonly at: readonly number[];
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Accuracy of rows against σ of log-normal drift of every conductance: mean and standard deviation over `draws` copies. */
export function driftCurve(
  network: DenseNetwork,
  rows: ClassRows,
  sigmas: readonly number[],
  draws: number,
  seed: number,
): Curve {
  const found = sigmas.map((sigma) =>
    meanAndStd(denseUnderVariation(network, rows, [{ kind: 'drift', sigma }], sigma === 0 ? 1 : draws, seed)),
  );
  return { at: sigmas, mean: found.map(({ mean }) => mean), std: found.map(({ std }) => std) };
}

/** The curve of all copies of several networks, as many of each. */
export function pooled(curves: readonly Curve[]): Curve {
  const { at } = curves[0]!;
  const means = at.map((_, k) => meanAndStd(curves.map(({ mean }) => mean[k]!)));
  return {
    at,
    mean: means.map(({ mean }) => mean),
    std: means.map(({ std }, k) => Math.hypot(std, Math.sqrt(meanAndStd(curves.map((c) => c.std[k]! ** 2)).mean))),
  };
}

/** Where a curve has fallen by `lost` from its first value, by straight lines between its points; undefined where it never does. */
export function fallenAt({ at, mean }: Curve, lost: number): number | undefined {
  const limit = mean[0]! - lost;
  const k = mean.findIndex((value) => value < limit);
  if (k < 1) return undefined;
  return at[k - 1]! + ((mean[k - 1]! - limit) / (mean[k - 1]! - mean[k]!)) * (at[k]! - at[k - 1]!);
}

/** The value of a curve between its points. */
export function valueAt({ at, mean }: Curve, x: number): number {
  const k = at.findIndex((value) => value >= x);
  if (k <= 0) return mean[Math.max(0, k)]!;
  return mean[k - 1]! + ((mean[k]! - mean[k - 1]!) * (x - at[k - 1]!)) / (at[k]! - at[k - 1]!);
}
