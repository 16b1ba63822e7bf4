import { loadTechnology } from '@neuroprint/circuit';
import { CLASSES, HIDDEN, STAGE_EPOCHS, STAGE_NUDGE, yinYangRows } from './stage-setup.ts';
import { type Feedback, learnStages, type StageCurves, type StageEpoch, type StageOptions } from './stages.ts';
import { StageCircuit, type StageDesign } from './stages-circuit.ts';

/** What leads the outputs' errors back in the circuit. */
export const FEEDBACKS = ['none', 'random', 'mirrored', 'gradient'] as const satisfies readonly Feedback[];
export const CIRCUIT_EPOCHS = 8;
const MEASURED = [0, 2, 4, CIRCUIT_EPOCHS];

/** A network that the mirrored rule taught on the fast model, taught further as an exact circuit by every feedback. */
export interface CircuitJob extends Pick<StageOptions, 'seed' | 'siemens'> {
  readonly kind: 'circuit';
  readonly curves: StageCurves;
  readonly design: StageDesign;
  /** Folder of the technologies, a name in it, and the hash of what is there. */
  readonly templates: string;
  readonly technology: string;
  readonly hash: string;
}

/** Test accuracy on the fast model, and what was measured of the circuit, by feedback. */
export interface CircuitResult {
  readonly ideal: number;
  readonly histories: readonly (readonly StageEpoch[])[];
}

export function doCircuitJob({ curves, design, templates, technology, seed, siemens }: CircuitJob): CircuitResult {
  const { train, test } = yinYangRows(seed);
  const common = { hidden: HIDDEN, nudge: STAGE_NUDGE, twoSided: true, seed, siemens };
  const taught = { ...common, feedback: 'mirrored', epochs: STAGE_EPOCHS } as const;
  const first = learnStages(curves, train, test, CLASSES.length, taught, [STAGE_EPOCHS]);
  const shape = { inputs: train.volts.length / train.labels.length, hidden: HIDDEN, classes: CLASSES.length };
  const histories = FEEDBACKS.map((feedback) => {
    const physics = new StageCircuit(loadTechnology(templates, technology), design, shape);
    const options = { ...common, feedback, epochs: CIRCUIT_EPOCHS, start: first.logSiemens };
    return learnStages(curves, train, test, CLASSES.length, options, MEASURED, physics).history;
  });
  return { ideal: first.history[0]!.testAccuracy, histories };
}
