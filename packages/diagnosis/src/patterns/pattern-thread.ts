import { type JobThread, openThread } from '@neuroprint/core';
import type { FaultFinding, PatternChoice, PatternRange, PatternRequest } from './search.ts';

/** One step of a search for patterns; see PatternSearch. */
export type PatternStep =
  | { readonly kind: 'choose' }
  | ({ readonly kind: 'fit'; readonly choice: PatternChoice } & PatternRange)
  | ({
      readonly kind: 'findings';
      readonly choice: PatternChoice;
      readonly mostChiSquare: number | undefined;
    } & PatternRange);

export type PatternStepResult =
  | PatternChoice
  | { readonly chiSquares: readonly (number | null)[] }
  | { readonly findings: readonly FaultFinding[] };

/** How far a step is. */
export interface PatternTold {
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** Starts a thread that does steps of one search. */
export function openPatternThread({
  onProgress: _,
  ...request
}: PatternRequest): JobThread<PatternStep, PatternStepResult, PatternTold> {
  return openThread(new URL('./pattern-worker.js', import.meta.url), request);
}
