import { UsageError, type VoltRange } from '@neuroprint/core';

/** Volts between which each reading of a good sheet lies, and how often a good sheet is nevertheless outside of one. */
export interface Limits {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Copies that the limits were set with, and how many of them are outside. */
  readonly copies: number;
  readonly outside: number;
}

/** The copy that sets a limit is within it. */
const ROUNDED_OUTWARDS = 1 + 1e-9;

/** Of the sheets that limits are set with so many may be outside, so that with 95 % confidence the share of all is at most `share`. */
export function mostOutside(copies: number, share: number): number {
  let probability = (1 - share) ** copies;
  let sum = probability;
  let most = -1;
  for (let k = 0; sum <= 0.05; k += 1) {
    most = k;
    probability *= ((copies - k) / (k + 1)) * (share / (1 - share));
    sum += probability;
  }
  return most;
}

/** The same. Throws UsageError where so few copies promise nothing. */
export function allowedOutside(copies: number, falseAlarms: number): number {
  const allowed = mostOutside(copies, falseAlarms);
  if (allowed >= 0) return allowed;
  throw new UsageError(
    `${copies} good copies are too few to promise at most ${100 * falseAlarms} % false alarms.`,
    `Take at least ${Math.ceil(Math.log(0.05) / Math.log(1 - falseAlarms))}.`,
  );
}

/**
 * Limits that a person can check, one pair a reading: what the `first` good sheets span, widened around its middle by one factor for all
 * readings, such that of the `second` ones, which nothing else has seen, few enough are outside of any. No limit
 * lies beyond the volts that are possible. Both are [sheets × readings].
 * Throws UsageError where there are too few of the second to say so much.
 */
export function setLimits(
  first: Float64Array,
  second: Float64Array,
  readings: number,
  falseAlarms: number,
  possible: VoltRange,
): Limits {
  const [low, high] = spanOf(first, readings);
  const copies = second.length / readings;
  const allowed = allowedOutside(copies, falseAlarms);
  const reach = Float64Array.from({ length: copies }, (_, copy) =>
    reachOf(second.subarray(copy * readings, (copy + 1) * readings), low, high),
  ).sort();
  const factor = reach[copies - 1 - allowed]! * ROUNDED_OUTWARDS;
  for (let q = 0; q < readings; q += 1) {
    const [middle, half] = [0.5 * (low[q]! + high[q]!), 0.5 * (high[q]! - low[q]!)];
    low[q] = Math.max(possible.minimum, middle - factor * half);
    high[q] = Math.min(possible.maximum, middle + factor * half);
  }
  return { low, high, copies, outside: reach.filter((one) => one > factor).length };
}

/** The lowest and the highest of every reading. */
export function spanOf(sheets: Float64Array, readings: number): [Float64Array, Float64Array] {
  const low = new Float64Array(readings).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(readings).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < sheets.length; i += 1) {
    const q = i % readings;
    if (sheets[i]! < low[q]!) low[q] = sheets[i]!;
    if (sheets[i]! > high[q]!) high[q] = sheets[i]!;
  }
  return [low, high];
}

/** By how many half-widths the reading that is farthest off lies from the middle of its span; a reading that is none is off altogether. */
function reachOf(sheet: Float64Array, low: Float64Array, high: Float64Array): number {
  let most = 0;
  for (let q = 0; q < sheet.length; q += 1) {
    const off = Math.abs(2 * sheet[q]! - low[q]! - high[q]!) / (high[q]! - low[q]!);
    if (Number.isNaN(off)) return Number.POSITIVE_INFINITY;
    if (off > most) most = off;
  }
  return most;
}

/** Whether any reading is outside of its limits. */
export function isOutside(sheet: Float64Array, { low, high }: Pick<Limits, 'low' | 'high'>): boolean {
  for (let q = 0; q < sheet.length; q += 1) if (!(sheet[q]! >= low[q]! && sheet[q]! <= high[q]!)) return true;
  return false;
}
