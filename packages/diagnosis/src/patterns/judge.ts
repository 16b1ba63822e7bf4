import type { Patterns, SheetSampler } from './sheets.ts';

/** Says of a measured sheet whether it is called broken. */
export type SheetTest = (sheet: Float64Array) => boolean;

/** How often printed copies with a fault are called broken. */
export interface Found {
  /** Copies that were tried, and those that were found. */
  readonly copies: number;
  readonly found: number;
  /** Whether at least the asked share of all copies is found. */
  readonly isFound: boolean;
}

export interface JudgePlan {
  /** Printed copies of every fault. */
  readonly copies: number;
  /** Share of them that has to be found. */
  readonly share: number;
}

/**
 * Prints a fault's copies, each with a variation of its own, and tests them. A copy without an operating point is not found, because
 * nothing is known of it. Ends as soon as too many have been missed.
 */
export function judgeFault(
  sampler: SheetSampler,
  patterns: Patterns,
  start: Float64Array,
  fault: number,
  test: SheetTest,
  { copies, share }: JudgePlan,
): Found {
  const most = copies - Math.ceil(share * copies - 1e-9);
  let found = 0;
  let tried = 0;
  while (tried < copies && tried - found <= most) {
    const sheet = sampler.sheet('faulty copies', fault * copies + tried, patterns, start, fault);
    if (!sheet.some(Number.isNaN) && test(sheet)) found += 1;
    tried += 1;
  }
  return { copies: tried, found, isFound: tried - found <= most };
}
