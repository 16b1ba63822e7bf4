import { type Fit, fitSheet } from './evidence.ts';
import type { Hypothesis } from './hypothesis.ts';

/** From level to level the meter is taken as finer by so much. */
const FINER = 0.31622776601683794;
/** Most steps at a level, and at the last. */
const STEPS = 8;
const LAST_STEPS = 40;
/** Who is less probable than the best by e^−20 at a level drops out. */
const OUT_OF_REACH = 20;

/** What the meter is taken for, from the first level to the last: a tenth of the bias, then finer, down to its own error. */
export function levelsOf(biasVolts: number, meterVolts: number): number[] {
  const levels: number[] = [];
  for (let volts = 0.1 * biasVolts; volts > 1.5 * meterVolts; volts *= FINER) levels.push(volts);
  return [...levels, meterVolts];
}

/** A hypothesis, and where else than at its nominal circuit a fit may start. */
interface Entrant {
  readonly hypothesis: Hypothesis;
  readonly near?: Float64Array | undefined;
}

/**
 * Fits hypotheses to a measured sheet, all by the same levels: a meter that is coarse at first leads every fit along its valley, where one
 * that is exact at once would leave it in the nearest dent, and shows early who has no chance. The first is never dropped. Returns
 * those that are left with their fits.
 */
export function tournament<T extends Entrant>(
  entrants: readonly T[],
  measured: Float64Array,
  latentCount: number,
  levels: readonly number[],
): (T & { readonly fit: Fit })[] {
  for (const { hypothesis } of entrants) hypothesis.model.restart();
  let left: readonly (T & { readonly fit?: Fit })[] = entrants;
  levels.forEach((meterVolts, level) => {
    const steps = level === levels.length - 1 ? LAST_STEPS : STEPS;
    const fitted = left.flatMap((one) => {
      const from = (start: Float64Array | undefined): Fit | undefined =>
        fitSheet(one.hypothesis.model, measured, latentCount, { meterVolts, steps, start });
      let fit = from(one.fit?.z);
      // a stage that switches at another input than the nominal one has no slope to follow
      if (level === 0 && one.near !== undefined && !(fit !== undefined && fit.chiSquare < measured.length)) {
        const other = from(one.near);
        if (other !== undefined && !(fit !== undefined && fit.chiSquare <= other.chiSquare)) fit = other;
      }
      return fit === undefined ? [] : [{ ...one, fit }];
    });
    const best = Math.max(...fitted.map(({ fit }) => fit.logEvidence));
    left = fitted.filter(
      ({ hypothesis, fit }) => hypothesis === entrants[0]!.hypothesis || fit.logEvidence > best - OUT_OF_REACH,
    );
  });
  return left as (T & { readonly fit: Fit })[];
}
