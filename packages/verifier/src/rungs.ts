import type { ErrorMonteCarlo, Manifest, MonteCarlo, TargetScore } from '@neuroprint/core';

/** What Monte Carlo found, as a rung of the ladder has it. */
export function variationRung(spread: MonteCarlo): Manifest['ladder'][number]['underVariation'] {
  const { relativeSpread, draws, meanAccuracy, stdAccuracy, p5Accuracy } = spread;
  return { relativeSpread, draws, mean: meanAccuracy, std: stdAccuracy, p5: p5Accuracy };
}

/** The error in ngspice, and what Monte Carlo found of it, as a rung has them. */
export function errorRung(
  score: TargetScore | undefined,
  spread: ErrorMonteCarlo | undefined,
): Pick<Manifest['ladder'][number], 'regression'> {
  if (score === undefined) return {};
  if (spread === undefined) return { regression: { ...score, underVariation: null } };
  const { relativeSpread, draws, mean, std, p5, p95 } = spread;
  return { regression: { ...score, underVariation: { relativeSpread, draws, mean, std, p5, p95 } } };
}
