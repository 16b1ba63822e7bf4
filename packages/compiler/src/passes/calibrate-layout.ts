import type { Calibration } from '@neuroprint/core';
import type { PassContext } from '../context.ts';
import type { Layered } from '../layered.ts';
import type { PassResult, PlainPass } from '../pass.ts';
import { doHere, subjectOf } from '../rounds.ts';
import { differing } from '../vector.ts';
import { Workshop } from '../workshop.ts';
import { calibratePass, NO_ROWS, tune } from './calibrate.ts';
import { snap } from './snap.ts';

/** Calibration with the lines of the layout in the loop; it follows that without. */
export const calibrateLayoutPass: PlainPass<'scaled', 'scaled'> = {
  name: 'calibrate layout',
  from: 'scaled',
  to: 'scaled',
  run: calibrateLayout,
  check: calibratePass.check,
  // what it is with its lines the rung of the layout says
  rungs: () => [],
};

/** Layouts at most, the first being that of the circuit as it was calibrated without lines. */
const MOST_LAYOUTS = 5;
const STEPS = 150;
/** A layout whose validation score is better by less than that is no better: decisions kept, less a tenth of the loss. */
const SETTLED = 1e-3;

/**
 * Lays the circuit out as it would be printed, tunes its values with the lines of that layout as fixed resistors, and lays out again, until what is laid out
 * is no better by the validation score than the layout before. Every state is judged with the lines of its own layout; the best is kept, and the
 * one that it begins with takes part.
 */
function calibrateLayout(layered: Layered, context: PassContext): PassResult<Layered> {
  const { rows, metalOf, technology, grid, ladder, calibrationSteps: steps = STEPS } = context;
  if (rows === undefined || metalOf === undefined)
    return { output: undefined, changed: 0, note: rows === undefined ? NO_ROWS : 'left out: nothing lays out' };
  let best: { readonly layered: Layered; readonly score: number } | undefined;
  let now = layered;
  const scores: string[] = [];
  for (let round = 0; round < MOST_LAYOUTS; round += 1) {
    const printed = snap(now, technology, grid, rows.train.volts).layered;
    const metal = metalOf(ladder.circuitOf(printed));
    if (metal === undefined) return { output: undefined, changed: 0, note: 'left out: there is no layout' };
    const workshop = new Workshop(subjectOf(context), metal);
    const tuned = (by: number) => doHere(tune(now, context, { rows, steps: by }), (round) => workshop.do(round));
    // no step: the score as it stands
    const asIs = tuned(0).calibration.history[0]!;
    scores.push(inWords(asIs));
    const gained = asIs.score - (best?.score ?? Number.NEGATIVE_INFINITY);
    if (gained > 0) best = { layered: now, score: asIs.score };
    if (gained < SETTLED || round === MOST_LAYOUTS - 1) break;
    now = tuned(steps).output;
  }
  const output = best!.layered;
  const note = `${scores.length} layouts, ${steps} steps between; validation with lines ${scores.join(', ')}`;
  return { output, changed: differing(layered, output), note };
}

function inWords({ validAccuracy, validRmse, score }: Calibration['history'][number]): string {
  const shown = validRmse === undefined ? (validAccuracy ?? 0).toFixed(3) : `RMSE ${validRmse.toPrecision(3)}`;
  return `${shown} (score ${score.toFixed(4)})`;
}
