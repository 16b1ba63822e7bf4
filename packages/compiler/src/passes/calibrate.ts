import { defaultSolver, hasFaults, isNominal, type Technology, variationOf } from '@neuroprint/circuit';
import { type Calibration, Draws, NeuroprintError } from '@neuroprint/core';
import { Adam, fallingRate } from '@neuroprint/numeric';
import { fitBudget } from '../budget/fit.ts';
import type { BudgetGauge } from '../budget/gauge.ts';
import { BudgetPressure } from '../budget/pressure.ts';
import type { PassContext } from '../context.ts';
import type { Metal } from '../ladder.ts';
import type { Layered } from '../layered.ts';
import { withLine } from '../output-line.ts';
import type { Pass, PassResult } from '../pass.ts';
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
  run: calibrate,
  check: (layered, { technology }) => {
    checkShape(layered);
    checkRange(layered, technology);
  },
  rungs: (layered, { ladder }) => [ladder.circuitRung('calibrated circuit', layered, true)],
};

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
/** Steps between two looks at what a circuit with a budget takes. */
const BUDGET_EVERY = VALIDATE_EVERY;
const VALIDATION_DRAWS = 12;
/** Copies of a step and of a validation where parts are broken: these differ far more. */
const DRAWS_UNDER_FAULTS = 16;
const VALIDATION_DRAWS_UNDER_FAULTS = 48;
const VALIDATION_ROWS = 512;
/** Where Newton is done, of the bias. Its last step is taken, so that volts are right to some millionths and slopes to a per cent or so. */
const CONVERGED_SHARE = 1e-3;
/** In 1 over the bias volts. */
const START_TEMPERATURE = 8;

/**
 * Fine-tunes every free component value on the exact circuit, loading included, under fresh draws of the printing variation:
 * Adam on the cross-entropy of the output volts with the network's own decisions (in regression on the squared error of the targets, and the line
 * that the output is read by is fitted with them), gradient by the adjoint. Keeps the state that is best on validation rows under fixed draws; the state it starts from
 * takes part. A circuit of a network with a budget is brought within it first, and whenever it is looked at; between, a price that grows
 * with what is beyond keeps it near (an augmented Lagrangian).
 */
function calibrate(given: Layered, context: PassContext): PassResult<Layered> {
  const { rows, calibrationSteps: steps = STEPS, gauge, technology } = context;
  const layered = gauge === undefined ? given : fitBudget(given, gauge, technology);
  const fitted = differing(given, layered);
  const brought = fitted === 0 ? '' : `; ${fitted} values moved before to keep the budget`;
  if (rows === undefined)
    return { output: fitted === 0 ? undefined : layered, changed: fitted, note: `${NO_ROWS}${brought}` };
  const { output, calibration } = tune(layered, context, { rows, steps });
  const note = `step ${calibration.bestStep} of ${steps} kept${brought}`;
  return { output, changed: differing(given, output), note, calibration };
}

export const NO_ROWS = 'left out: there are no rows to tune on';

interface Tuning {
  readonly rows: NonNullable<PassContext['rows']>;
  readonly steps: number;
  /** Between the devices of the circuit that is tuned; default: nothing. */
  readonly metal?: Metal;
}

/** Moves the values of a circuit step by step; `history` begins with those it was given. */
export function tune(
  layered: Layered,
  context: PassContext,
  { rows, steps, metal }: Tuning,
): { readonly output: Layered; readonly calibration: Calibration } {
  const { network, technology, seed, solver = defaultSolver(), gauge } = context;
  const pressure = gauge && new BudgetPressure(gauge, layered, technology);
  const { variation } = network;
  const [draws, validationDraws] = isNominal(variationOf(variation))
    ? [1, 1]
    : hasFaults(variation)
      ? [DRAWS_UNDER_FAULTS, VALIDATION_DRAWS_UNDER_FAULTS]
      : [DRAWS, VALIDATION_DRAWS];
  const wanted = calibrationRows(network, rows, technology);
  const parameters = new CalibrationParameters(layered, technology, START_TEMPERATURE);
  const lossOn = (part: 'train' | 'valid', purpose: string): CircuitLoss =>
    new CircuitLoss(technology, wanted[part], {
      ...{ draws: new Draws(seed, purpose), variation, solver, metal },
      convergedVolts: CONVERGED_SHARE * technology.bias.volts,
    });
  const train = lossOn('train', 'calibration');
  const valid = lossOn('valid', 'calibration validation');
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
      if (gauge !== undefined) keepWithin(parameters, gauge, technology);
      const tally = valid.run(parameters, validRows, 0, validationDraws);
      const validLoss = meanLoss(tally, 'validation');
      const score = objective.score(tally);
      const isAllowed = step === 0 || pressure === undefined || pressure.keeps(parameters.layered());
      if (score > best.score && isAllowed) best = { score, step, values: parameters.values.slice() };
      const shown = objective.shown(tally);
      history.push({ step, trainLoss: Number.isNaN(trainLoss) ? validLoss : trainLoss, validLoss, ...shown, score });
      const now =
        'validRmse' in shown ? `RMSE ${shown.validRmse.toPrecision(4)}` : `accuracy ${shown.validAccuracy.toFixed(3)}`;
      context.onProgress?.(step, steps, `calibrate, validation ${now}`);
    }
    if (step === steps) break;
    if (next >= batch.length) {
      batch = order.permutation(epoch, train.rowCount);
      epoch += 1;
      next = 0;
    }
    const chosen = batch.slice(next, next + BATCH_ROWS);
    next += BATCH_ROWS;
    wanted.train.objective.prepare(() => train.run(parameters, chosen, step * draws, draws));
    if (step % BUDGET_EVERY === 0) pressure?.look(parameters);
    gradient.fill(0);
    const tally = train.run(parameters, chosen, step * draws, draws, gradient);
    trainLoss = meanLoss(tally, 'training');
    for (let k = 0; k < gradient.length; k += 1) gradient[k]! /= tally.count;
    pressure?.addTo(gradient);
    adam.step(parameters.values, gradient, RATE * fallingRate(step / steps));
    parameters.project();
    pressure?.project(parameters);
  }
  parameters.values.set(best.values);
  const output = withLine(parameters.layered(), context);
  const calibration: Calibration = {
    seed,
    steps,
    draws,
    relativeSpread: variationOf(variation).relativeSpread,
    solver,
    bestStep: best.step,
    trainRows: train.rowCount,
    validRows: validRows.length,
    history,
  };
  return { output, calibration };
}

/** Brings the parameters within a budget where they are not; others keep what is too small to be printed and may come back. */
function keepWithin(parameters: CalibrationParameters, gauge: BudgetGauge, technology: Technology): void {
  const layered = parameters.layered();
  const within = fitBudget(layered, gauge, technology);
  if (within !== layered) parameters.set(within);
}

function meanLoss(tally: Tally, what: string): number {
  if (tally.unsolved > tally.count)
    throw new CalibrationError(
      `No operating point was found for ${tally.unsolved} of ${tally.unsolved + tally.count} ${what} rows.`,
      'Check the component ranges of the technology, or compile without --data to skip calibration.',
    );
  return tally.loss / tally.count;
}
