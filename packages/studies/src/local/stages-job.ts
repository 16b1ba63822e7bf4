import { CLASSES, HIDDEN, STAGE_EPOCHS, STAGE_NUDGE, yinYangRows } from './stage-setup.ts';
import { learnStages, type StageCurves, type StageEpoch, type StageOptions } from './stages.ts';

/** Epochs at which a network of stages is measured. */
export const MEASURED = [0, 1, 2, 5, 10, 20, 40, 70, 100, 150, 200];

/** One network of stages that learns on the fast model; everything follows from this. */
export interface StagesJob extends Pick<StageOptions, 'feedback' | 'twoSided' | 'seed' | 'siemens'> {
  readonly kind: 'stages';
  readonly curves: StageCurves;
}

/** What was measured at the epochs above. */
export interface StagesResult {
  readonly histories: readonly [readonly StageEpoch[]];
}

export function doStagesJob({ curves, feedback, twoSided, seed, siemens }: StagesJob): StagesResult {
  const options = { hidden: HIDDEN, feedback, nudge: STAGE_NUDGE, twoSided, epochs: STAGE_EPOCHS, seed, siemens };
  const { train, test } = yinYangRows(seed);
  return { histories: [learnStages(curves, train, test, CLASSES.length, options, MEASURED).history] };
}
