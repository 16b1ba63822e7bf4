import { covarianceRoot } from '@neuroprint/circuit';
import { meanAndStd } from '@neuroprint/core';
import { chiSquareQuantile } from '@neuroprint/numeric';
import type { FittedDevice } from './choose.ts';
import type { DeviceFit } from './fit-device.ts';

/** How devices of one kind differ, as technology.json has it. */
export interface Spread {
  readonly parameters: readonly string[];
  readonly scale: readonly ('log' | 'linear')[];
  /** Between devices, without what the fits' own errors add. */
  readonly covariance: readonly (readonly number[])[];
  /** The share of the variance that devices of one sheet have in common. */
  readonly sheetShare: number;
  readonly devices: number;
  readonly sheets: number;
  /** How much of the fits' own covariance could be taken off before nothing was left in some direction; 1: all of it. */
  readonly takenOff: number;
}

/** Fewer devices say nothing of a covariance. */
const FEWEST_DEVICES = 3;
const HALVINGS = 20;
const CERTAIN = 0.95;

/** Values of the law's parameters of one device on the scales of the fit, and the covariance of their errors. */
export interface DeviceValues {
  readonly sheet?: string | undefined;
  readonly values: readonly number[];
  readonly errors: readonly (readonly number[])[];
}

/**
 * The covariance of parameters between devices: that of the fitted values less the mean of the fits' own, as far as that leaves a
 * covariance. Of the variance, what sheets differ by more than their devices do is the sheets' share (one-way analysis of variance).
 */
export function spreadOf(
  parameters: readonly { readonly name: string; readonly log: boolean }[],
  devices: readonly DeviceValues[],
): Spread {
  const p = parameters.length;
  const range = Array.from({ length: p }, (_, k) => k);
  const mean = range.map((k) => meanAndStd(devices.map(({ values }) => values[k]!)).mean);
  const total = range.map((a) =>
    range.map(
      (b) =>
        devices.reduce((sum, { values }) => sum + (values[a]! - mean[a]!) * (values[b]! - mean[b]!), 0) /
        (devices.length - 1),
    ),
  );
  const own = range.map((a) => range.map((b) => meanAndStd(devices.map(({ errors }) => errors[a]![b]!)).mean));
  const less = (share: number) => total.map((row, a) => row.map((value, b) => value - share * own[a]![b]!));
  let [low, high] = [0, 1];
  if (covarianceRoot(less(1), total) !== undefined) low = 1;
  else
    for (let step = 0; step < HALVINGS; step += 1) {
      const middle = (low + high) / 2;
      if (covarianceRoot(less(middle), total) !== undefined) low = middle;
      else high = middle;
    }
  const covariance = less(low);
  const sheets = new Set(devices.map(({ sheet }) => sheet).filter((sheet) => sheet !== undefined));
  return {
    parameters: parameters.map(({ name }) => name),
    scale: parameters.map(({ log }) => (log ? 'log' : 'linear')),
    covariance,
    sheetShare: sheets.size > 1 ? sheetShare(devices, total, covariance) : 0,
    devices: devices.length,
    sheets: sheets.size,
    takenOff: low,
  };
}

/** Sheets' share of the variance: over all parameters, each in units of its own standard deviation. */
function sheetShare(
  devices: readonly DeviceValues[],
  total: readonly (readonly number[])[],
  between: readonly (readonly number[])[],
): number {
  const groups = new Map<string, DeviceValues[]>();
  for (const device of devices) groups.set(device.sheet ?? '', [...(groups.get(device.sheet ?? '') ?? []), device]);
  const counts = [...groups.values()].map((group) => group.length);
  const n = devices.length;
  const within = n - groups.size;
  if (within === 0) return 0;
  // devices a sheet, where sheets have different numbers of them
  const each = (n - counts.reduce((sum, c) => sum + c * c, 0) / n) / (groups.size - 1);
  let [shared, all] = [0, 0];
  total.forEach((row, k) => {
    if (!(row[k]! > 0)) return;
    const overall = meanAndStd(devices.map(({ values }) => values[k]!)).mean;
    let [squaresWithin, squaresBetween] = [0, 0];
    for (const group of groups.values()) {
      const middle = meanAndStd(group.map(({ values }) => values[k]!)).mean;
      squaresBetween += group.length * (middle - overall) ** 2;
      for (const { values } of group) squaresWithin += (values[k]! - middle) ** 2;
    }
    shared += (squaresBetween / (groups.size - 1) - squaresWithin / within) / each / row[k]!;
    all += between[k]![k]! / row[k]!;
  });
  return all > 0 ? Math.min(1, Math.max(0, shared / all)) : 0;
}

const DIGITS = 6;
/** What correlations lose, so that a covariance without any room stays one when it is written in few digits. */
const ROOM = 1e-4;

/** A covariance as it is written: symmetric to the last digit. */
export function writtenCovariance(covariance: readonly (readonly number[])[]): number[][] {
  return covariance.map((row, a) =>
    row.map((value, b) => {
      const own = a === b ? value : (1 - ROOM) * covariance[Math.min(a, b)]![Math.max(a, b)]!;
      return Number(own.toPrecision(DIGITS));
    }),
  );
}

/**
 * The spread of a kind's devices under one law; undefined where they are too few, or differ in nothing. A parameter varies where it is
 * at no bound and differs by more than the errors of its fits would make it in 19 of 20 populations.
 */
export function deviceSpread(devices: readonly FittedDevice[], law: string): Spread | undefined {
  if (devices.length < FEWEST_DEVICES) return undefined;
  const fits = devices.map(({ fits: all }) => all[law]!);
  const [first] = fits;
  const scaled = (fit: DeviceFit, k: number): number => {
    const { log, value } = fit.parameters[k]!;
    return log ? Math.log(value) : value;
  };
  const degrees = devices.length - 1;
  const isVarying = (k: number): boolean => {
    const { std } = meanAndStd(fits.map((fit) => scaled(fit, k)));
    const own = meanAndStd(fits.map(({ covariance }) => covariance[k]![k]!)).mean;
    return std ** 2 > (own * chiSquareQuantile(CERTAIN, degrees)) / degrees;
  };
  const kept = Array.from({ length: first!.lawParameters }, (_, k) => k).filter(
    (k) => fits.every(({ parameters }) => !parameters[k]!.atBound && !parameters[k]!.undetermined) && isVarying(k),
  );
  if (kept.length === 0) return undefined;
  return spreadOf(
    kept.map((k) => first!.parameters[k]!),
    fits.map((fit, d) => ({
      sheet: devices[d]!.entry.sheet,
      values: kept.map((k) => scaled(fit, k)),
      errors: kept.map((a) => kept.map((b) => fit.covariance[a]![b]!)),
    })),
  );
}
