import { type Technology, variationOf } from '@neuroprint/circuit';
import { type Ageing, type AgeingReport, type CaseTable, UsageError, type Variation } from '@neuroprint/core';
import type { Engine } from '@neuroprint/spice';
import { CopySolver } from './copies/copies.ts';
import { type MonteCarloOptions, monteCarlo } from './copies/monte-carlo.ts';
import type { Subject } from './subject.ts';

/** Points of accuracy against days: close at first, where most of it happens. */
const POINTS = 13;
/** Bisections of the step in which the accuracy falls below the limit. */
const BISECTIONS = 7;

export interface AgeingRequest {
  /** Days at which copies are printed, judged and simulated. */
  readonly days: readonly number[];
  readonly copies: Pick<MonteCarloOptions, 'draws' | 'seed' | 'workers'>;
  /** The accuracy that the circuit has to keep. */
  readonly limitAccuracy: number;
}

/** How resistors age: as the network was trained for, or as the technology says. Throws UsageError where neither says it. */
export function ageingOf(technology: Technology, variation: Variation): Omit<Ageing, 'days'> {
  const { ageing } = variation;
  if (technology.thresholdsAge)
    throw new UsageError(
      `In ${technology.name} thresholds age too, and no copy is drawn with that.`,
      'To look at its resistors alone, leave ageing.thresholds out of technology.json.',
    );
  if (ageing !== undefined) return ageing;
  if (technology.ageing !== undefined) return technology.ageing;
  throw new UsageError(
    `The technology ${technology.name} does not say how its resistors age.`,
    'Fit it to measured resistors: neuroprint technology fit --ageing resistors.csv --into the technology.',
  );
}

/**
 * Printed copies at certain days, every resistor grown by its own law: accuracy over the days by the exact solver, always of the same
 * copies; the day at which their mean falls below the limit; and at every day that was asked for the copies once more in ngspice, every
 * node compared. Days beyond the measured ones are marked: there the law is only continued.
 */
export async function ageing(
  engine: Engine,
  circuit: Subject,
  technology: Technology,
  cases: CaseTable,
  trained: number | Variation,
  { days: asked, copies, limitAccuracy }: AgeingRequest,
  onProgress?: (what: string, done: number, total: number) => void,
): Promise<AgeingReport> {
  const { labels } = cases;
  if (labels === undefined)
    throw new UsageError('Ageing is judged by accuracy, and these cases have no labels.', 'Verify with --data.');
  const variation = variationOf(trained);
  const law = ageingOf(technology, variation);
  const at = (days: number): Variation => ({ ...variation, ageing: { ...law, days: [days, days] } });
  const isExtrapolated = (days: number): boolean => days > law.measuredDays[1];
  const accuraciesAt = (days: number): Float64Array => {
    const { inputVolts } = cases;
    const task = { circuit, technology, inputVolts, labels, variation: at(days), seed: copies.seed };
    return new CopySolver(task).judge(0, copies.draws).merits;
  };
  const meanAt = (days: number): number => accuraciesAt(days).reduce((sum, value) => sum + value, 0) / copies.draws;

  const last = Math.max(...asked);
  const points = Array.from({ length: last > 0 ? POINTS : 1 }, (_, i) => {
    onProgress?.('accuracy against days', i, POINTS);
    const days = last * (i / (POINTS - 1)) ** 2;
    const accuracies = accuraciesAt(days).sort();
    const meanAccuracy = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
    return { days, meanAccuracy, p5Accuracy: accuracies[Math.floor(0.05 * (accuracies.length - 1))]! };
  });
  const judged = [];
  for (const days of asked) {
    onProgress?.(`copies after ${days} days`, judged.length, asked.length);
    const options = { ...copies, variation: at(days), yieldAccuracy: limitAccuracy };
    const { histogram: _, law: __, ...found } = await monteCarlo(engine, circuit, technology, cases, options);
    judged.push({ days, extrapolated: isExtrapolated(days), ...found });
  }
  const { law: name, measuredDays } = law;
  return {
    law: name,
    measuredDays: [measuredDays[0], measuredDays[1]],
    limitAccuracy,
    points,
    failsAtDay: failingDay(points, limitAccuracy, meanAt),
    asked: judged,
  };
}

/** The first day at which the mean accuracy is below the limit; null where it is not as far as was looked. */
function failingDay(points: AgeingReport['points'], limit: number, meanAt: (days: number) => number): number | null {
  const first = points.findIndex(({ meanAccuracy }) => meanAccuracy < limit - 1e-12);
  if (first <= 0) return first === 0 ? points[0]!.days : null;
  let [holds, fails] = [points[first - 1]!.days, points[first]!.days];
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = 0.5 * (holds + fails);
    if (meanAt(middle) < limit - 1e-12) fails = middle;
    else holds = middle;
  }
  return fails;
}
