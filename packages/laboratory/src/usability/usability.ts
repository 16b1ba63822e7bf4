import { InputFileError } from '@neuroprint/core';
import { chiSquareQuantile } from '@neuroprint/numeric';
import { atLimits, type Doubtful } from './at-limits.ts';
import type { IvCurves } from './current-curves.ts';

/** Points in a monotone run from which on a device can hold every weight: the 35 of the formula. */
export const FULL_LENGTH = 35;
/** Points of the moving mean that smooths the mean conductance; odd. */
export const SMOOTHING_POINTS = 5;
/** Decreases that the public code lets pass within a run. */
const FORGIVEN = 2;
/** The public code looks at rows 1 to 100 (from 0) and adds this to the volts. */
const PUBLIC_ROWS = [1, 101] as const;
const PUBLIC_VOLTS_OFFSET = 1e-12;
const UPPER_BOUND_TAIL = 0.05;
/** No device has a conductance beyond; squares of such numbers are still numbers. */
const MOST_SIEMENS = 1e100;

/** A run of points, first to last, both of it, as indices of `points`. */
export interface Run {
  readonly first: number;
  readonly last: number;
  /** Number of points. */
  readonly length: number;
}

/** How well a measured device can hold analog weights. */
export interface Usability {
  readonly name: string;
  /** Rows of the file (from 0) that the curve is made of. */
  readonly points: Int32Array;
  readonly volts: Float64Array;
  /** Siemens of every cycle at every point, [cycle][point]; NaN where there is none. */
  readonly siemens: readonly Float64Array[];
  /** Mean over the cycles, its standard deviation, and the moving mean of the mean. */
  readonly meanSiemens: Float64Array;
  readonly stdSiemens: Float64Array;
  readonly smoothSiemens: Float64Array;
  readonly run: Run;
  /** ML estimate of σ of ln(g/mean g) over the run, number of ratios, and the upper end of its one-sided 95 % interval. */
  readonly sigma: number;
  readonly ratios: number;
  readonly sigmaUpper: number;
  /** min(1, l/35)·e^(−σ), and the same with the upper bound of σ. */
  readonly usability: number;
  readonly usabilityLower: number;
  /** What was left out: rows at 0 V, empty cells, cells whose conductance is not above 0, and those at a current limit. */
  readonly excluded: {
    readonly zeroVolts: number;
    readonly empty: number;
    readonly nonPositive: number;
    readonly atLimit: number;
  };
  /** What was read, left out and is doubtful, a sentence each. */
  readonly notes: readonly string[];
  /** What the public code computes of the same file; undefined where it fails. */
  readonly publicCode: { readonly length: number; readonly sigma: number; readonly usability: number } | undefined;
}

/**
 * The usability of a measured device (Sun et al., "Synergistic development of perovskite memristors and algorithms for
 * robust analog computing", arXiv 2412.02779):
 *
 *   g_cv = i_cv/v,   usability = min(1, l/35)·e^(−σ)
 *
 * - Points: the first half-cycle of the sweep, up to where the voltage changes its sign. At 0 V there is no
 *   conductance: such rows are left out. Cells that are empty or not above 0 (a log-normal ratio has no such value) are
 *   left out one by one; a point needs two cells or it is left out.
 * - Currents at the instrument's limit are the instrument's, not the device's: they are left out where a cycle's largest currents
 *   are equal, or from `limitAmperes` on.
 * - l: points of the longest run in which the smoothed mean conductance (centred moving mean of 5 points) increases
 *   strictly.
 * - σ: ln(g_cv/mean_c g_cv) over the run is normal with a mean and a σ of its own, by maximum likelihood,
 *   σ̂² = Σ(λ − λ̄)²/n. As n·σ̂²/σ² is χ² with n − 1 degrees of freedom, σ ≤ σ̂·√(n/χ²₀.₀₅(n − 1)) with 95 % confidence:
 *   the lower tail of χ² makes the upper bound of σ.
 *
 * Throws InputFileError where no point is left or most are at the limit, and for a conductance that is beyond any device.
 */
export function usabilityOf(curves: IvCurves, limitAmperes?: number): Usability {
  const half = firstHalfCycle(curves.volts);
  const { clipped, notes, doubtful } = atLimits(curves, half, limitAmperes);
  const excluded = { zeroVolts: 0, empty: 0, nonPositive: 0, atLimit: 0 };
  const points: number[] = [];
  for (let row = 0; row < half; row += 1) {
    const volts = curves.volts[row]!;
    if (volts === 0) {
      excluded.zeroVolts += 1;
      continue;
    }
    let usable = 0;
    for (const [c, cycle] of curves.amperes.entries()) {
      const g = cycle[row]! / volts;
      if (Math.abs(g) > MOST_SIEMENS)
        throw new InputFileError(
          { file: curves.file, row: curves.lines[row]!, column: curves.cycleNames[c]! },
          `${cycle[row]} A at ${volts} V is no conductance`,
          'Give currents in amperes and voltages in volts.',
        );
      if (Number.isNaN(g)) excluded.empty += 1;
      else if (clipped[c]!.has(row)) excluded.atLimit += 1;
      else if (!(g > 0)) excluded.nonPositive += 1;
      else usable += 1;
    }
    if (usable >= 2) points.push(row);
  }
  if (points.length === 0)
    throw new InputFileError(
      { file: curves.file },
      'no point of the first half-cycle has two currents with the sign of the voltage',
      'A conductance is current over voltage and must be above 0: check the sign and the columns.',
    );
  const siemens = curves.amperes.map((cycle, c) =>
    Float64Array.from(points, (row) => {
      const g = cycle[row]! / curves.volts[row]!;
      return g > 0 && !clipped[c]!.has(row) ? g : Number.NaN;
    }),
  );
  const across = points.map((_, p) => siemens.map((cycle) => cycle[p]!).filter((g) => !Number.isNaN(g)));
  const meanSiemens = Float64Array.from(across, mean);
  const stdSiemens = Float64Array.from(across, (values, p) =>
    Math.sqrt(mean(values.map((g) => (g - meanSiemens[p]!) ** 2))),
  );
  const smoothSiemens = movingMean(meanSiemens, SMOOTHING_POINTS);
  const run = longestIncrease(smoothSiemens, 0);
  const logs = across
    .slice(run.first, run.last + 1)
    .flatMap((values, k) => values.map((g) => Math.log(g / meanSiemens[run.first + k]!)));
  const middle = mean(logs);
  const sigma = Math.sqrt(mean(logs.map((l) => (l - middle) ** 2)));
  const sigmaUpper = sigma * Math.sqrt(logs.length / chiSquareQuantile(UPPER_BOUND_TAIL, logs.length - 1));
  const share = Math.min(1, run.length / FULL_LENGTH);
  return {
    name: curves.name,
    points: Int32Array.from(points),
    volts: Float64Array.from(points, (row) => curves.volts[row]!),
    siemens,
    meanSiemens,
    stdSiemens,
    smoothSiemens,
    run,
    sigma,
    ratios: logs.length,
    sigmaUpper,
    usability: share * Math.exp(-sigma),
    usabilityLower: share * Math.exp(-sigmaUpper),
    excluded,
    notes: [...curves.notes, ...notes, ...(doubtful === undefined ? [] : [doubtInWords(curves, doubtful)])],
    publicCode: publicCode(curves),
  };
}

/** What the usability would be if a limit, and not the device, held the largest currents. */
function doubtInWords(curves: IvCurves, { cycles, amperes }: Doubtful): string {
  let then: string;
  try {
    then = `usability would be ${usabilityOf(curves, amperes).usability.toFixed(4)}`;
  } catch (error) {
    if (!(error instanceof InputFileError)) throw error;
    then = 'too little would be left';
  }
  return `the largest currents of ${cycles} of ${curves.amperes.length} cycles hardly change with the voltage: if an instrument's limit held them, leave them out with --limit ${amperes}, and ${then}`;
}

/** Rows before the voltage takes the other sign. */
function firstHalfCycle(volts: Float64Array): number {
  const first = volts.find((v) => v !== 0) ?? 0;
  const end = volts.findIndex((v) => v * first < 0);
  return end < 0 ? volts.length : end;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Mean over the points at most `width`/2 away; fewer at the ends. */
export function movingMean(values: Float64Array, width: number): Float64Array {
  const reach = (width - 1) / 2;
  return values.map((_, i) => mean([...values.subarray(Math.max(0, i - reach), i + reach + 1)]));
}

/** The longest run of consecutive points that increases but for at most `forgiven` steps; the first of equals. */
export function longestIncrease(values: Float64Array, forgiven: number): Run {
  let best: Run = { first: 0, last: 0, length: 1 };
  const falls: number[] = [];
  let first = 0;
  for (let i = 1; i < values.length; i += 1) {
    if (!(values[i]! > values[i - 1]!)) falls.push(i);
    if (falls.length > forgiven) first = falls.shift()!;
    if (i - first + 1 > best.length) best = { first, last: i, length: i - first + 1 };
  }
  return best;
}

/**
 * What the published code does (github.com/qiaosun22/BayesMulti, hardware_noise/weight_mapping.py), where it differs from
 * the formula: 10⁻¹² is added to the volts; its smoother is given no observation noise and so smooths nothing; a run may
 * fall twice; l is the last index minus the first; and σ is the standard deviation of the ratios g/mean g, not of their
 * logarithms. Rows 1 to 100. Fails where the table has fewer rows or an empty cell among them.
 */
function publicCode(curves: IvCurves): Usability['publicCode'] {
  const [from, to] = PUBLIC_ROWS;
  if (curves.volts.length < to) return undefined;
  const rows = Array.from({ length: to - from }, (_, k) => from + k);
  const means = Float64Array.from(rows, (row) =>
    mean(curves.amperes.map((cycle) => cycle[row]! / (curves.volts[row]! + PUBLIC_VOLTS_OFFSET))),
  );
  if (means.some((g) => Number.isNaN(g))) return undefined;
  const { first, last } = longestIncrease(means, FORGIVEN);
  const ratios = rows.slice(first, last + 1).flatMap((row) => {
    const own = curves.amperes.map((cycle) => cycle[row]! / curves.volts[row]!);
    return own.map((g) => g / mean(own)).filter((ratio) => ratio > 0 && Number.isFinite(ratio));
  });
  const middle = mean(ratios);
  const sigma = Math.sqrt(mean(ratios.map((ratio) => (ratio - middle) ** 2)));
  const length = last - first;
  return { length, sigma, usability: Math.min(1, length / FULL_LENGTH) * Math.exp(-sigma) };
}

/** How far along the device's monotone part every weight lies: what `mapping` non-idealities are made of. */
export function conductanceRatios({ smoothSiemens, run }: Pick<Usability, 'smoothSiemens' | 'run'>): number[] {
  const [low, high] = [Math.min(...smoothSiemens), Math.max(...smoothSiemens)];
  const room = Math.max(0, Math.min(run.first, smoothSiemens.length - FULL_LENGTH));
  return Array.from({ length: FULL_LENGTH }, (_, k) => {
    const at = Math.min(smoothSiemens.length - 1, room + k);
    return (at >= run.first && at <= run.last) || high === low ? 1 : (smoothSiemens[at]! - low) / (high - low);
  });
}
