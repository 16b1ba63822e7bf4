import type { VoltRange } from '@neuroprint/core';
import { climb } from './ascent.ts';
import { chosenPatterns, joined, startCandidates } from './candidates.ts';
import { cover } from './cover.ts';
import { equivalentFaults } from './groups.ts';
import { type Found, judgeFault, type SheetTest } from './judge.ts';
import { allowedOutside, isOutside, type Limits, setLimits } from './limits.ts';
import { PrintFit } from './print-fit.ts';
import { largestMove, type Missed, whyMissed } from './reasons.ts';
import { type Responses, respond } from './responses.ts';
import { type Patterns, SheetSampler, type SheetTask } from './sheets.ts';

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

/** The patterns that were chosen, and what is known once they are; plain numbers, as JSON keeps them. */
export interface PatternChoice {
  /** Input volts, row-major [rows × inputs]: of the patterns, and of all candidates. */
  readonly patterns: readonly number[];
  readonly candidates: readonly number[];
  /** Volts between which each reading of a good sheet lies [patterns × observed]. */
  readonly limits: {
    readonly low: readonly number[];
    readonly high: readonly number[];
    readonly copies: number;
    readonly outside: number;
  };
  /** Faults that no reading at any candidate tells apart, by places in the list. */
  readonly groups: readonly (readonly number[])[];
  /** Of every fault the most that it moves any reading at any candidate, as designed, volts; null without an operating point. */
  readonly mostVolts: readonly (number | null)[];
}

/** Places from `from` to before `to`. */
export interface PatternRange {
  readonly from: number;
  readonly to: number;
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

/**
 * The steps of the search for test patterns: the choice, then fits to good sheets and the faults, both in ranges, of which each depends on
 * the choice alone. Where prints are fitted too, half of the false alarms are for the limits and half for the fit.
 */
export class PatternSearch {
  readonly request: PatternRequest;
  #sampler: SheetSampler | undefined;

  constructor(request: PatternRequest) {
    this.request = request;
  }

  /** Made when it is first needed: it has a kernel for many a fault. */
  get sampler(): SheetSampler {
    this.#sampler ??= new SheetSampler(this.request);
    return this.#sampler;
  }

  /** Share of good sheets that either test may call broken. */
  get falseAlarms(): number {
    return this.isFitted ? 0.5 * this.request.falseAlarms : this.request.falseAlarms;
  }

  get isFitted(): boolean {
    return this.request.fittedCopies > 0;
  }

  /** Chooses the patterns, and sets limits by copies that the choice has not seen. Throws UsageError and NoExpectationError. */
  choose(): PatternChoice {
    const { sampler, request } = this;
    // said before the long choice, not after it
    allowedOutside(request.goodCopies, this.falseAlarms);
    const { patterns, responses, groups } = choosePatterns(sampler, request);
    const state = sampler.goodState(patterns);
    request.onProgress?.('good copies', 0, 1);
    const sheets = (purpose: string) => sampler.goodSheets(purpose, request.goodCopies, patterns, state);
    const { low, high, copies, outside } = setLimits(
      sheets('span of good copies'),
      sheets('limits of good copies'),
      patterns.rows * sampler.width,
      this.falseAlarms,
      possibleVolts(request),
    );
    return {
      patterns: [...patterns.inputVolts],
      candidates: [...responses.patterns.inputVolts],
      limits: { low: [...low], high: [...high], copies, outside },
      groups,
      mostVolts: responses.moves.map((move) => largestMove(move) ?? null),
    };
  }

  /** χ² of good sheets that nothing else has seen, each explained by the print that fits best; null where no print does. */
  chiSquares(choice: PatternChoice, { from, to }: PatternRange): (number | null)[] {
    const { patterns, state } = this.at(choice.patterns);
    const fit = this.#fitAt(patterns, state);
    return Array.from({ length: to - from }, (_, k) => {
      this.request.onProgress?.('good copies fitted', k, to - from);
      const chiSquare = fit.chiSquare(this.sampler.sheet('fitted good copies', from + k, patterns, state));
      return Number.isFinite(chiSquare) ? chiSquare : null;
    });
  }

  /** Prints copies of each fault of a range to see whether it is found; `mostChiSquare` is what a good sheet may leave of a fit, where there is one. */
  findings(choice: PatternChoice, mostChiSquare: number | undefined, { from, to }: PatternRange): FaultFinding[] {
    const { sampler, request } = this;
    const { patterns, state } = this.at(choice.patterns);
    const tests = this.testsOf(choice, mostChiSquare);
    const candidates = this.at(choice.candidates);
    const groupOf = new Map(choice.groups.flatMap((members, g) => members.map((f) => [f, g] as const)));
    return Array.from({ length: to - from }, (_, k): FaultFinding => {
      const f = from + k;
      const start = sampler.faultyState(f, patterns, state);
      const judge = (test: SheetTest, copies: number): Found =>
        judgeFault(sampler, patterns, start, f, test, { copies, share: request.foundShare });
      const byLimits = judge(tests.isOut, request.faultyCopies);
      const byFit = this.isFitted
        ? byLimits.isFound
          ? byLimits
          : judge(tests.isOff, request.fittedCopies)
        : undefined;
      request.onProgress?.('faulty copies', k + 1, to - from);
      const most = choice.mostVolts[f] ?? undefined;
      return {
        limits: byLimits,
        fit: byFit,
        group: groupOf.get(f)!,
        mostVolts: most,
        missed: (byFit ?? byLimits).isFound ? undefined : whyMissed(sampler, candidates, f, request.stages, most),
      };
    });
  }

  /** Whether a sheet is called broken: by its limits, and by limits or fit. */
  testsOf(
    choice: PatternChoice,
    mostChiSquare: number | undefined,
  ): { readonly isOut: SheetTest; readonly isOff: SheetTest } {
    const limits = limitsOf(choice);
    const isOut: SheetTest = (sheet) => isOutside(sheet, limits);
    if (mostChiSquare === undefined) return { isOut, isOff: isOut };
    const { patterns, state } = this.at(choice.patterns);
    const fit = this.#fitAt(patterns, state);
    return { isOut, isOff: (sheet) => isOut(sheet) || fit.chiSquare(sheet) > mostChiSquare };
  }

  /** Patterns of these input volts, and what the circuit as designed gives at them. */
  at(inputVolts: readonly number[]): { readonly patterns: Patterns; readonly state: Float64Array } {
    const patterns = {
      inputVolts: Float64Array.from(inputVolts),
      rows: inputVolts.length / this.request.flat.inputs.length,
    };
    return { patterns, state: this.sampler.goodState(patterns) };
  }

  #fitAt(patterns: Patterns, start: Float64Array): PrintFit {
    const { flat, observed, variation, meterVolts } = this.request;
    return new PrintFit(flat, patterns, observed, { variation, meterVolts, start });
  }
}

export function limitsOf({ limits: { low, high, copies, outside } }: PatternChoice): Limits {
  return { low: Float64Array.from(low), high: Float64Array.from(high), copies, outside };
}
