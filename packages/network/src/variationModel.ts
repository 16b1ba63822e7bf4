import { UsageError, type Variation } from '@neuroprint/core';

/** Normal numbers are cut off here, so that a trained network stays in what the surrogate knows. */
const NORMAL_REACH = 3;

const SHARES = ['commonShare', 'gradientShare', 'stuckOpen', 'stuckShort'] as const;
const SPREADS = ['relativeSpread', 'resistorSpread', 'transistorSpread'] as const;

/** A spread alone means independent uniform factors. Throws UsageError that names what is out of range. */
export function variationOf(variation: number | Variation): Variation {
  const model = typeof variation === 'number' ? { kind: 'uniform' as const, relativeSpread: variation } : variation;
  for (const name of SPREADS) {
    const value = model[name];
    if (value !== undefined && !(value >= 0 && value < 1)) {
      throw new UsageError(`variation: ${name} is ${value}, and it must be from 0 to below 1 (0.1 is 10 %).`);
    }
  }
  for (const name of SHARES) {
    const value = model[name];
    if (value !== undefined && !(value >= 0 && value <= 1)) {
      throw new UsageError(`variation: ${name} is ${value}, and it must be from 0 to 1.`);
    }
  }
  for (const [a, b] of [
    ['commonShare', 'gradientShare'],
    ['stuckOpen', 'stuckShort'],
  ] as const) {
    if ((model[a] ?? 0) + (model[b] ?? 0) > 1) {
      throw new UsageError(`variation: ${a} and ${b} together are more than 1.`);
    }
  }
  return model;
}

/** Whether every print is the same. */
export function isNominal(model: Variation): boolean {
  return SPREADS.every((name) => (model[name] ?? 0) === 0) && !model.stuckOpen && !model.stuckShort;
}

/** The largest relative deviation of a component value that a draw can have: how far from its edges a design must stay. */
export function reachOf(model: Variation): number {
  const [common, gradient] = [model.commonShare ?? 0, model.gradientShare ?? 0];
  const { resistorSpread = model.relativeSpread, transistorSpread = model.relativeSpread } = model;
  const spread = Math.max(resistorSpread, transistorSpread);
  const unit = model.kind === 'uniform' ? 1 : NORMAL_REACH;
  // a gradient's value at a corner: see gradientAt in variation.ts
  const corner = Math.SQRT2 * (model.kind === 'uniform' ? 1 : Math.sqrt(3));
  const reach = spread * (unit * (Math.sqrt(1 - common - gradient) + Math.sqrt(common)) + corner * Math.sqrt(gradient));
  return model.kind === 'lognormal' ? Math.expm1(reach) : reach;
}

/** The standard normal number with Φ(x) = p, cut off at ±NORMAL_REACH (Acklam's rational approximation, 1e-9). */
export function normalQuantile(p: number): number {
  const x = quantile(p);
  return Math.min(NORMAL_REACH, Math.max(-NORMAL_REACH, x));
}

const TAIL = 0.02425;

function quantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  if (p > 1 - TAIL) return p >= 1 ? Number.POSITIVE_INFINITY : -tail(1 - p);
  if (p < TAIL) return tail(p);
  const q = p - 0.5;
  const r = q * q;
  const numerator =
    ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
    2.506628277459239;
  const denominator =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
    1;
  return (q * numerator) / denominator;
}

function tail(p: number): number {
  const q = Math.sqrt(-2 * Math.log(p));
  const numerator =
    ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
      4.374664141464968) *
      q +
    2.938163982698783;
  const denominator =
    (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1;
  return numerator / denominator;
}
