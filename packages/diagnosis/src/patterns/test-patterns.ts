import { UsageError } from '@neuroprint/core';
import { type Limits, mostOutside } from './limits.ts';
import { type FaultFinding, limitsOf, type PatternChoice, type PatternRequest, PatternSearch } from './search.ts';
import type { Patterns } from './sheets.ts';
import { summaryOf } from './summary.ts';

/** Patterns with what to expect of a good sheet, and what they find. Tables are [patterns × observed]. */
export interface TestPatterns {
  readonly patterns: Patterns;
  readonly expected: Float64Array;
  readonly limits: Limits;
  readonly fit: CalibratedFit | undefined;
  /** Faults that no reading at any tried input tells apart, by places in the list. */
  readonly groups: readonly (readonly number[])[];
  readonly findings: readonly FaultFinding[];
  /** The same in plain lists. */
  readonly summary: ReturnType<typeof summaryOf>;
  /** Whether a fault of the list is found. */
  isFound(fault: number): boolean;
  /** Whether the test that finds a fault calls a sheet broken. */
  isCalledBroken(fault: number, sheet: Float64Array): boolean;
}

/** The most χ² that a fit may leave of a good sheet, and the sheets that say so. */
interface CalibratedFit {
  readonly most: number;
  readonly copies: number;
  readonly outside: number;
}

/** Good sheets that a fit is calibrated with: enough for half of 1 % with 95 % confidence. */
export const FITTED_GOOD = 600;

/** The χ² that few enough of the good sheets exceed. Throws UsageError where they are too few to promise so few false alarms. */
export function calibratedFit(chiSquares: readonly (number | null)[], falseAlarms: number): CalibratedFit {
  const left = Float64Array.from(chiSquares, (one) => one ?? Number.POSITIVE_INFINITY).sort();
  const outside = mostOutside(left.length, falseAlarms);
  if (outside < 0)
    throw new UsageError(
      `${left.length} fitted copies are too few to promise so few false alarms.`,
      'Allow 1 % or more.',
    );
  return { most: left[left.length - 1 - outside]!, copies: left.length, outside };
}

/** What the steps of a search came to: its choice, χ² of the good sheets where a fit was asked for, and what became of all faults. */
export function testPatternsOf(
  search: PatternSearch,
  choice: PatternChoice,
  chiSquares: readonly (number | null)[],
  findings: readonly FaultFinding[],
): TestPatterns {
  const fit = search.isFitted ? calibratedFit(chiSquares, search.falseAlarms) : undefined;
  const { patterns, state } = search.at(choice.patterns);
  const expected = search.sampler.read(state);
  const tested = { patterns, expected, limits: limitsOf(choice), fit, groups: choice.groups, findings };
  const { isOut, isOff } = search.testsOf(choice, fit?.most);
  return {
    ...tested,
    summary: summaryOf(search.request, tested),
    isFound: (fault) => (findings[fault]!.fit ?? findings[fault]!.limits).isFound,
    isCalledBroken: (fault, sheet) => (findings[fault]!.limits.isFound ? isOut(sheet) : isOff(sheet)),
  };
}

/** Chooses patterns, sets limits, and prints copies of every fault to see which are found, all in this process. */
export function testPatterns(request: PatternRequest): TestPatterns {
  const search = new PatternSearch(request);
  const choice = search.choose();
  const chiSquares = search.isFitted ? search.chiSquares(choice, { from: 0, to: FITTED_GOOD }) : [];
  const most = search.isFitted ? calibratedFit(chiSquares, search.falseAlarms).most : undefined;
  const findings = search.findings(choice, most, { from: 0, to: request.faults.length });
  return testPatternsOf(search, choice, chiSquares, findings);
}
