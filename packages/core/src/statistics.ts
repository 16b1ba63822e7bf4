import { describeVariation } from './describe-variation.ts';
import type { UnderVariation, Variation } from './schemas/network.ts';

/** The p-quantile (0..1) of some numbers by linear interpolation between order statistics; NaN where there are none. */
export function quantile(values: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const place = p * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (place - low);
}

/** Mean and standard deviation of a sample (over n − 1); the deviation of a single number is 0. */
export function meanAndStd(values: ArrayLike<number>): { readonly mean: number; readonly std: number } {
  const { length } = values;
  let sum = 0;
  for (let i = 0; i < length; i += 1) sum += values[i]!;
  const mean = sum / length;
  let squares = 0;
  for (let i = 0; i < length; i += 1) squares += (values[i]! - mean) ** 2;
  return { mean, std: Math.sqrt(squares / Math.max(1, length - 1)) };
}

/** What the accuracies of printed copies come to: mean, sample standard deviation and 5th percentile. */
export function summariseCopies(accuracies: ArrayLike<number>, variation: number | Variation): UnderVariation {
  const spread =
    typeof variation === 'number'
      ? { relativeSpread: variation }
      : {
          relativeSpread: variation.relativeSpread,
          ...(isPlain(variation) ? {} : { law: describeVariation(variation) }),
        };
  return { ...spread, draws: accuracies.length, ...meanAndStd(accuracies), p5: quantile(accuracies, 0.05) };
}

/** Whether a model says no more than its relative spread does: uniform, independent, nothing else. */
function isPlain({ kind, relativeSpread: _, ...more }: Variation): boolean {
  return kind === 'uniform' && Object.values(more).every((value) => value === undefined);
}

/** The 5th percentile and the median of sensing margins, in volts. */
export function summariseMargins(volts: ArrayLike<number>): { readonly p5: number; readonly median: number } {
  return { p5: quantile(volts, 0.05), median: quantile(volts, 0.5) };
}
