import { checkCircuit, type Technology } from '@neuroprint/circuit';
import type { Calibration, Rung, TrainedNetwork, VoltageRows } from '@neuroprint/core';
import { calibrate } from './calibrate/calibrate.ts';
import { circuitOf, type Draft } from './draft.ts';
import { circuitRung, type LadderContext, networkRung } from './ladder.ts';
import { scaleColumns } from './scale.ts';
import { snap } from './snap.ts';

export interface PassContext {
  readonly network: TrainedNetwork;
  readonly technology: Technology;
  /** Rows to calibrate on; without them the calibration is left out. */
  readonly rows: { readonly train: VoltageRows; readonly valid: VoltageRows } | undefined;
  readonly seed: number;
  readonly relativeSpread: number;
  readonly steps: number | undefined;
  readonly onProgress: ((pass: string, done: number, total: number, note: string) => void) | undefined;
}

interface PassResult {
  readonly draft: Draft;
  readonly calibration?: Calibration;
}

/** One step from the network to print: a function of drafts, and the name of its rung on the error ladder. */
export interface Pass {
  readonly name: string;
  readonly rung: string;
  /** Undefined where the pass does not apply; the draft then stays as it is and gets no rung. */
  run(draft: Draft, context: PassContext): PassResult | undefined;
}

/** All passes, in the order in which they run. Inverters are shared by construction: one per input and layer that needs it. */
export const PASSES: readonly Pass[] = [
  {
    name: 'scale columns',
    rung: 'naive circuit',
    run: (draft, { technology }) => ({ draft: scaleColumns(draft, technology) }),
  },
  {
    name: 'calibrate',
    rung: 'calibrated circuit',
    run: (draft, { network, technology, rows, seed, relativeSpread, steps, onProgress }) =>
      rows &&
      calibrate(draft, network, technology, rows, {
        seed,
        relativeSpread,
        ...(steps === undefined ? {} : { steps }),
        onProgress: (done, total, valid) =>
          onProgress?.('calibrate', done, total, `validation accuracy ${valid.toFixed(3)}`),
      }),
  },
  {
    name: 'snap',
    rung: 'snapped circuit',
    run: (draft, { technology }) => ({ draft: snap(draft, technology) }),
  },
];

/** Runs the passes; after each the circuit is checked and its rung measured. */
export function runPasses(start: Draft, context: PassContext, ladderContext: LadderContext) {
  const ladder: Rung[] = [networkRung(ladderContext)];
  let draft = start;
  let calibration: Calibration | undefined;
  for (const pass of PASSES) {
    const result = pass.run(draft, context);
    if (result === undefined) continue;
    draft = result.draft;
    calibration ??= result.calibration;
    const circuit = circuitOf(draft, context.network, context.technology, {});
    checkCircuit(circuit, context.technology);
    ladder.push(circuitRung(pass.rung, circuit, ladderContext));
  }
  return { draft, ladder, calibration };
}
