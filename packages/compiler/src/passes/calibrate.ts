import { defaultSolver, type SolverKind, type Technology, variationOf } from '@neuroprint/circuit';
import {
  type Calibration,
  Draws,
  type Labels,
  NeuroprintError,
  type TrainedNetwork,
  type Variation,
  type VoltageRows,
} from '@neuroprint/core';
import { Adam } from '@neuroprint/numeric';
import type { Layered } from '../layered.ts';
import type { Pass } from '../pass.ts';
import { differing } from '../vector.ts';
import { CircuitLoss } from './calibrate/circuit-loss.ts';
import type { Tally } from './calibrate/objective.ts';
import { CalibrationParameters } from './calibrate/parameters.ts';
import { calibrationRows } from './calibrate/targets.ts';
import { checkRange, checkShape } from './checks.ts';

export const calibratePass: Pass<'scaled', 'scaled'> = {
  name: 'calibrate',
  from: 'scaled',
  to: 'scaled',
  run: (layered, { network, technology, rows, seed, calibrationSteps: steps, solver, onProgress }) => {
    if (rows === undefined) return { output: undefined, changed: 0, note: 'left out: there are no rows to tune on' };
    const { layered: output, calibration } = calibrate(layered, network, technology, rows, {
      seed,
      variation: network.variation,
      solver,
      ...(steps === undefined ? {} : { steps }),
      onProgress: ({ step, validAccuracy, validRmse }, total) => {
        const score =
          validRmse === undefined ? `accuracy ${validAccuracy!.toFixed(3)}` : `RMSE ${validRmse.toPrecision(4)}`;
        onProgress?.(step, total, `calibrate, validation ${score}`);
      },
    });
    const note = `step ${calibration.bestStep} of ${calibration.steps} kept`;
    return { output, calibration, changed: differing(layered, output), note };
  },
  check: (layered, { technology }) => {
    checkShape(layered);
    checkRange(layered, technology);
  },
  rungs: (layered, { ladder }) => [ladder.circuitRung('calibrated circuit', layered, true)],
};

export interface CalibrationOptions {
  readonly seed: number;
  /** How prints differ: independent uniform factors 1 ± s, or a model. */
  readonly variation: number | Variation;
  readonly steps?: number;
  readonly draws?: number;
  /** Who solves the circuits; default: the kernel, where this machine has SIMD. */
  readonly solver?: SolverKind | undefined;
  readonly onProgress?: (entry: Calibration['history'][number], steps: number) => void;
}

/** The circuit has no operating point where it was calibrated. */
class CalibrationError extends NeuroprintError {
  override readonly exitCode = 1;
}

const STEPS = 600;
const DRAWS = 4;
const RATE = 0.03;
/** Rows of one step; larger tables are taken in turns. */
const BATCH_ROWS = 256;
const VALIDATE_EVERY = 25;
const VALIDATION_DRAWS = 12;
const VALIDATION_ROWS = 512;
const START_TEMPERATURE = 8;

/**
 * Fine-tunes every free component value on the exact circuit, loading included, under fresh draws of the printing variation:
 * Adam on the cross-entropy of the output volts with the network's own decisions (in regression on their squared distance from its
 * own outputs), gradient by the adjoint. Keeps the state that is best on validation rows
 * under fixed draws; the state it starts from takes part.
 */
export function calibrate(
  layered: Layered,
  network: Pick<TrainedNetwork, 'layers' | 'classes' | 'task'>,
  technology: Technology,
  rows: { readonly train: VoltageRows<Labels>; readonly valid: VoltageRows<Labels> },
  options: CalibrationOptions,
): { layered: Layered; calibration: Calibration } {
  const { seed, variation, steps = STEPS, draws = DRAWS, solver = defaultSolver() } = options;
  const wanted = calibrationRows(network, rows, technology);
  const parameters = new CalibrationParameters(layered, technology, START_TEMPERATURE);
  const train = new CircuitLoss(technology, wanted.train, solver);
  const valid = new CircuitLoss(technology, wanted.valid, solver);
  const fresh = new Draws(seed, 'calibration');
  const fixed = new Draws(seed, 'calibration validation');
  const order = new Draws(seed, 'calibration rows');
  const { objective } = wanted.valid;
  const validRows = Int32Array.from({ length: Math.min(VALIDATION_ROWS, valid.rowCount) }, (_, i) => i);
  const gradient = new Float64Array(parameters.values.length);
  const adam = new Adam(gradient.length);
  const history: Calibration['history'][number][] = [];
  let best = { score: Number.NEGATIVE_INFINITY, step: 0, values: parameters.values.slice() };
  let batch: Int32Array = new Int32Array(0);
  let next = 0;
  let epoch = 0;
  let trainLoss = Number.NaN;

  for (let step = 0; step <= steps; step += 1) {
    if (step % VALIDATE_EVERY === 0 || step === steps) {
      const tally = valid.run(parameters, validRows, fixed, 0, VALIDATION_DRAWS, variation);
      const loss = meanLoss(tally, 'validation');
      const score = objective.score(tally);
      if (score > best.score) best = { score, step, values: parameters.values.slice() };
      const entry = {
        step,
        trainLoss: Number.isNaN(trainLoss) ? loss : trainLoss,
        validLoss: loss,
        ...objective.shown(tally),
        score,
      };
      history.push(entry);
      options.onProgress?.(entry, steps);
    }
    if (step === steps) break;
    if (next >= batch.length) {
      batch = order.permutation(epoch, train.rowCount);
      epoch += 1;
      next = 0;
    }
    const chosen = batch.slice(next, next + BATCH_ROWS);
    next += BATCH_ROWS;
    gradient.fill(0);
    const tally = train.run(parameters, chosen, fresh, step * draws, draws, variation, gradient);
    trainLoss = meanLoss(tally, 'training');
    for (let k = 0; k < gradient.length; k += 1) gradient[k]! /= tally.count;
    adam.step(parameters.values, gradient, RATE * Math.min(1, 2 * (1 - step / steps) + 0.05));
    parameters.project();
  }
  parameters.values.set(best.values);
  return {
    layered: parameters.layered(),
    calibration: {
      seed,
      steps,
      draws,
      relativeSpread: variationOf(variation).relativeSpread,
      solver,
      bestStep: best.step,
      trainRows: train.rowCount,
      validRows: validRows.length,
      history,
    },
  };
}

function meanLoss(tally: Tally, what: string): number {
  if (tally.unsolved > tally.count) {
    throw new CalibrationError(
      `No operating point was found for ${tally.unsolved} of ${tally.unsolved + tally.count} ${what} rows.`,
      'Check the component ranges of the technology, or compile without --data to skip calibration.',
    );
  }
  return tally.loss / tally.count;
}
