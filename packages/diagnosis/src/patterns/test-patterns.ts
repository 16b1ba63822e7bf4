import { UsageError, type VoltRange } from '@neuroprint/core';
import { climb } from './ascent.ts';
import { chosenPatterns, joined, startCandidates } from './candidates.ts';
import { cover } from './cover.ts';
import { equivalentFaults } from './groups.ts';
import { type Found, judgeFault, type SheetTest } from './judge.ts';
import { isOutside, type Limits, mostOutside, setLimits } from './limits.ts';
import { PrintFit } from './print-fit.ts';
import { largestMove, type Missed, whyMissed } from './reasons.ts';
import { type Responses, respond } from './responses.ts';
import { type Patterns, SheetSampler, type SheetTask } from './sheets.ts';
import { summaryOf } from './summary.ts';

export interface PatternRequest extends SheetTask {
  readonly range: VoltRange;
  /** Input volts of a table, row-major: candidates too. */
  readonly table?: Float64Array | undefined;
  /** Stages, so that what hides a fault has a name. */
  readonly stages: readonly { readonly name: string; readonly input: string; readonly output: string }[];
  readonly mostPatterns: number;
  /** Inputs to begin with; 400 unless given. */
  readonly candidates?: number;
  /** Most of good sheets that are called broken, a share. */
  readonly falseAlarms: number;
  /** A fault counts as found where at least this share of the printed copies with it is. */
  readonly foundShare: number;
  /** Good copies that set the limits, and printed copies of every fault. */
  readonly goodCopies: number;
  readonly faultyCopies: number;
  /** Printed copies of every fault that the limits miss, to which good prints are fitted; 0: none. */
  readonly fittedCopies: number;
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined;
}

/** What the patterns say of one fault. */
export interface FaultFinding {
  /** By the limits of the sheet. */
  readonly limits: Found;
  /** By limits and fit together; undefined where no fit was asked for. */
  readonly fit?: Found | undefined;
  /** Place of its group of equivalent faults. */
  readonly group: number;
  /** Most that it moves any reading at any input that was tried, as designed; undefined without an operating point. */
  readonly mostVolts: number | undefined;
  readonly missed?: Missed | undefined;
}

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

/** Candidates to begin with. */
const CANDIDATES = 400;

/** The patterns and what they were chosen from. */
interface ChosenPatterns {
  readonly patterns: Patterns;
  readonly responses: Responses;
  readonly groups: readonly (readonly number[])[];
}

/** Chooses input patterns that reveal the faults of a circuit: candidates, more of them where faults hide, and a greedy cover. */
function choosePatterns(sampler: SheetSampler, request: PatternRequest): ChosenPatterns {
  const { range, table, seed, meterVolts, mostPatterns, onProgress } = request;
  const inputs = request.flat.inputs.length;
  const first = startCandidates({ range, inputs, table, count: request.candidates ?? CANDIDATES, seed });
  const begun = respond(sampler, first, (done, total) => onProgress?.('faults solved', done, 2 * total));
  const options = { width: sampler.width, meterVolts, mostPatterns };
  const before = equivalentFaults(begun.moves, meterVolts);
  const { distances } = cover(begun, { ...options, weights: weightsOf(before, begun.moves.length) });
  const hard = before.map(([leader]) => leader!).filter((leader) => distances[leader]! < HARD_DISTANCE);
  onProgress?.('inputs by gradient', 0, 1);
  const candidates = joined(first, climb(sampler, begun, hard, range));
  const responses = respond(sampler, candidates, (done, total) =>
    onProgress?.('faults solved', total + done, 2 * total),
  );
  const groups = equivalentFaults(responses.moves, meterVolts);
  const { chosen } = cover(responses, { ...options, weights: weightsOf(groups, responses.moves.length) });
  return { patterns: chosenPatterns(candidates, chosen), responses, groups };
}

/** A fault whose distance after the first cover is less is looked for by gradient. */
const HARD_DISTANCE = 12;

/** The first of each group stands for all of it. */
function weightsOf(groups: readonly (readonly number[])[], count: number): Float64Array {
  const weights = new Float64Array(count);
  for (const group of groups) weights[group[0]!] = group.length;
  return weights;
}

/** What a meter can read at any node: nothing in these circuits is beyond the supplies, the inputs and the rails of op-amps. */
function possibleVolts({ flat, range, meterVolts }: PatternRequest): VoltRange {
  const driven = [...flat.supplyVolts, range.minimum, range.maximum];
  const rails = flat.opamps.flatMap(({ lowVolts, highVolts }) => [lowVolts, highVolts]);
  return {
    minimum: Math.min(...driven, ...rails) - meterVolts,
    maximum: Math.max(...driven, ...rails) + meterVolts,
  };
}

/** Good sheets that a fit is calibrated with: enough for half of 1 % with 95 % confidence. */
const FITTED_GOOD = 600;

/**
 * Chooses the patterns, sets limits by copies that the choice has not seen, and prints copies of every fault to see which are found. Where
 * prints are fitted too, half of the false alarms are for the limits and half for the fit.
 */
export function testPatterns(request: PatternRequest): TestPatterns {
  const sampler = new SheetSampler(request);
  const { patterns, responses, groups } = choosePatterns(sampler, request);
  const { faults, goodCopies, fittedCopies, foundShare, onProgress } = request;
  const falseAlarms = fittedCopies > 0 ? 0.5 * request.falseAlarms : request.falseAlarms;
  const state = sampler.goodState(patterns);
  const expected = sampler.read(state);
  onProgress?.('good copies', 0, 1);
  const limits = setLimits(
    sampler.goodSheets('span of good copies', goodCopies, patterns, state),
    sampler.goodSheets('limits of good copies', goodCopies, patterns, state),
    expected.length,
    falseAlarms,
    possibleVolts(request),
  );
  const fit = fittedCopies > 0 ? calibrateFit(sampler, request, { patterns, state, falseAlarms }) : undefined;
  const isOut = (sheet: Float64Array): boolean => isOutside(sheet, limits);
  const isOff = (sheet: Float64Array): boolean => isOut(sheet) || fit!.fit.chiSquare(sheet) > fit!.most;
  const groupOf = new Int32Array(faults.length);
  for (const [g, members] of groups.entries()) for (const f of members) groupOf[f] = g;
  const findings = faults.map((_, f): FaultFinding => {
    const start = sampler.faultyState(f, patterns, state);
    const judge = (test: SheetTest, copies: number): Found =>
      judgeFault(sampler, patterns, start, f, test, { copies, share: foundShare });
    const byLimits = judge(isOut, request.faultyCopies);
    const byFit = fit && (byLimits.isFound ? byLimits : judge(isOff, fittedCopies));
    onProgress?.('faulty copies', f + 1, faults.length);
    const isFound = (byFit ?? byLimits).isFound;
    return {
      limits: byLimits,
      fit: byFit,
      group: groupOf[f]!,
      mostVolts: largestMove(responses.moves[f]),
      missed: isFound ? undefined : whyMissed(sampler, responses, f, request.stages),
    };
  });
  const tested = { patterns, expected, limits, fit, groups, findings };
  return {
    ...tested,
    summary: summaryOf(request, tested),
    isFound: (fault) => (findings[fault]!.fit ?? findings[fault]!.limits).isFound,
    isCalledBroken: (fault, sheet) => (findings[fault]!.limits.isFound ? isOut(sheet) : isOff(sheet)),
  };
}

/** A fit, and the most χ² that it may leave of a good sheet. */
interface CalibratedFit {
  readonly fit: PrintFit;
  readonly most: number;
  readonly copies: number;
  readonly outside: number;
}

/** Fits good sheets that nothing else has seen, and takes the χ² that few enough of them exceed. */
function calibrateFit(
  sampler: SheetSampler,
  { flat, observed, variation, meterVolts, onProgress }: PatternRequest,
  {
    patterns,
    state,
    falseAlarms,
  }: { readonly patterns: Patterns; readonly state: Float64Array; readonly falseAlarms: number },
): CalibratedFit {
  const fit = new PrintFit(flat, patterns, observed, { variation, meterVolts, start: state });
  const left = Float64Array.from({ length: FITTED_GOOD }, (_, copy) => {
    onProgress?.('good copies fitted', copy, FITTED_GOOD);
    return fit.chiSquare(sampler.sheet('fitted good copies', copy, patterns, state));
  }).sort();
  const outside = mostOutside(FITTED_GOOD, falseAlarms);
  if (outside < 0)
    throw new UsageError(
      `${FITTED_GOOD} fitted copies are too few to promise so few false alarms.`,
      'Allow 1 % or more.',
    );
  return { fit, most: left[FITTED_GOOD - 1 - outside]!, copies: FITTED_GOOD, outside };
}
