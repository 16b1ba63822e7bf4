/** Points at a limit that make it one. */
const LEAST_POINTS = 3;
/** Currents are equal within the first share; within the second where the limit is a number that a person would set. */
const EQUAL = 1e-5;
const EQUAL_AT_SET_LIMIT = 1e-3;
/** Currents that are close, over voltages that are not, may be a limit: nobody knows, so that it is said. */
const CLOSE = { share: 0.01, volts: 0.1, points: 5 } as const;

/** Where the instrument, not the device, decided a cycle's currents. */
export interface CurrentLimit {
  /** Amperes of the limit. */
  readonly amperes: number;
  /** Points at it. */
  readonly points: readonly number[];
}

/**
 * The compliance of a source meter in one cycle: its largest currents are equal at three points or more, though their voltages are
 * so different that a conductance would have changed them by several steps of the meter. Undefined where there is none.
 */
export function currentLimitOf(volts: ArrayLike<number>, amperes: ArrayLike<number>): CurrentLimit | undefined {
  const magnitudes = Array.from(amperes, Math.abs);
  const most = Math.max(...magnitudes.filter((i) => !Number.isNaN(i)));
  if (!(most > 0)) return undefined;
  const share = isSetByHand(most) ? EQUAL_AT_SET_LIMIT : EQUAL;
  const points = pointsAbove(magnitudes, most * (1 - share));
  if (points.length < LEAST_POINTS) return undefined;
  const resolution = smallestStep(magnitudes);
  const expected = most * spanOf(volts, points);
  return expected >= 5 * Math.max(resolution, share * most) ? { amperes: most, points } : undefined;
}

/** The points of a cycle that are near its largest current over very different voltages: a limit, or a device that saturates. */
export function plateauOf(volts: ArrayLike<number>, amperes: ArrayLike<number>): CurrentLimit | undefined {
  const magnitudes = Array.from(amperes, Math.abs);
  const most = Math.max(...magnitudes.filter((i) => !Number.isNaN(i)));
  const points = pointsAbove(magnitudes, most * (1 - CLOSE.share));
  return points.length >= CLOSE.points && spanOf(volts, points) >= CLOSE.volts ? { amperes: most, points } : undefined;
}

/** Points whose current is at or beyond a limit that was said, up to what a meter reads. */
export function pointsAtLimit(amperes: ArrayLike<number>, limit: number): number[] {
  return pointsAbove(Array.from(amperes, Math.abs), limit * (1 - EQUAL_AT_SET_LIMIT));
}

function pointsAbove(magnitudes: readonly number[], least: number): number[] {
  return [...magnitudes.keys()].filter((k) => magnitudes[k]! >= least);
}

/** By which share the largest voltage of some points is above the smallest. */
function spanOf(volts: ArrayLike<number>, points: readonly number[]): number {
  const magnitudes = points.map((k) => Math.abs(volts[k]!));
  const most = Math.max(...magnitudes);
  return (most - Math.min(...magnitudes)) / most;
}

/** Limits are set to one or two digits, and met within a part in a thousand. */
function isSetByHand(amperes: number): boolean {
  return Math.abs(Number(amperes.toPrecision(2)) / amperes - 1) < EQUAL_AT_SET_LIMIT;
}

/** The smallest difference of two currents that differ: what the meter, or the file, resolves. */
function smallestStep(magnitudes: readonly number[]): number {
  const sorted = [...new Set(magnitudes.filter((i) => !Number.isNaN(i)))].sort((a, b) => a - b);
  return sorted.slice(1).reduce((least, i, k) => Math.min(least, i - sorted[k]!), Number.POSITIVE_INFINITY);
}
