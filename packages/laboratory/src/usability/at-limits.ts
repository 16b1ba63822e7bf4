import { InputFileError } from '@neuroprint/core';
import type { IvCurves } from './current-curves.ts';
import { currentLimitOf, plateauOf, pointsAtLimit } from './limit.ts';

/** Cycles whose largest currents may be an instrument's, and a limit that leaves them out. */
export interface Doubtful {
  readonly cycles: number;
  readonly amperes: number;
}

interface AtLimits {
  /** Rows of every cycle. */
  readonly clipped: readonly ReadonlySet<number>[];
  readonly notes: readonly string[];
  readonly doubtful?: Doubtful;
}

/**
 * The rows of every cycle's first half at which a limit decided the current: from `limitAmperes` on, or where it is found. Throws
 * InputFileError where they are most.
 */
export function atLimits({ file, volts, amperes }: IvCurves, half: number, limitAmperes: number | undefined): AtLimits {
  const first = volts.subarray(0, half);
  const found = amperes.map((cycle) => {
    const own = cycle.subarray(0, half);
    return limitAmperes === undefined
      ? currentLimitOf(first, own)
      : { amperes: limitAmperes, points: pointsAtLimit(own, limitAmperes) };
  });
  const clipped = found.map((limit) => new Set(limit?.points));
  const count = clipped.reduce((sum, { size }) => sum + size, 0);
  const recorded = amperes.reduce(
    (sum, cycle) => sum + cycle.subarray(0, half).filter((i) => !Number.isNaN(i)).length,
    0,
  );
  const limits = [...new Set(found.flatMap((limit) => (limit ? [limit.amperes.toPrecision(3)] : [])))].map(Number);
  if (2 * count > recorded)
    throw new InputFileError(
      { file },
      `${count} of ${recorded} currents are at the limit of the instrument (${limits.join(', ')} A)`,
      'Measure with a larger compliance, or over fewer volts.',
    );
  const cycles = clipped.filter(({ size }) => size > 0).length;
  if (count > 0)
    return {
      clipped,
      notes: [
        `${count} currents of ${cycles} cycles are at a limit of ${limits.join(', ')} A (compliance) and are left out`,
      ],
    };
  const flat = limitAmperes === undefined ? amperes.filter((cycle) => plateauOf(first, cycle.subarray(0, half))) : [];
  if (2 * flat.length <= amperes.length) return { clipped, notes: [] };
  const least = Math.min(
    ...flat.map((cycle) => Math.max(...cycle.subarray(0, half).map(Math.abs).filter(Number.isFinite))),
  );
  return { clipped, notes: [], doubtful: { cycles: flat.length, amperes: Number((0.99 * least).toPrecision(2)) } };
}
