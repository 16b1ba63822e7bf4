import { defaultSolver, hasFaults, isNominal, type Technology, variationOf } from '@neuroprint/circuit';
import { type Calibration, Draws, NeuroprintError } from '@neuroprint/core';
import { Adam, fallingRate } from '@neuroprint/numeric';
import { fitBudget } from '../budget/fit.ts';
import type { BudgetGauge } from '../budget/gauge.ts';
import { BudgetPressure } from '../budget/pressure.ts';
import type { PassContext } from '../context.ts';
import type { Layered } from '../layered.ts';
import { withLine } from '../output-line.ts';
import type { PassResult, RoundsPass } from '../pass.ts';
import type { LossRound, Rounds } from '../rounds.ts';
import { differing } from '../vector.ts';
import type { ShardSums } from './calibrate/circuit-loss.ts';
import { sumOf, type Tally } from './calibrate/objective.ts';
import { CalibrationParameters } from './calibrate/parameters.ts';
import { Shards } from './calibrate/shards.ts';
import { Sides } from './calibrate/sides.ts';
import { calibrationRows } from './calibrate/targets.ts';
import { checkRange, checkShape } from './checks.ts';

export const calibratePass: RoundsPass<'scaled', 'scaled'> = {
  name: 'calibrate',
  from: 'scaled',
  to: 'scaled',
  rounds: calibrate,
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
/** Rows of one step; larger tables are taken in turns. Twice as many keep no more decisions (docs/notebook/compile.md). */
const BATCH_ROWS = 128;
const VALIDATE_EVERY = 25;
/** Steps between two looks at what a circuit with a budget takes. */
const BUDGET_EVERY = VALIDATE_EVERY;
const VALIDATION_DRAWS = 12;
/** Copies of a step and of a validation where parts are broken: these differ far more. */
const DRAWS_UNDER_FAULTS = 16;
const VALIDATION_DRAWS_UNDER_FAULTS = 48;
const VALIDATION_ROWS = 512;
/** In 1 over the bias volts. */
const START_TEMPERATURE = 8;

/**
 * Fine-tunes every free component value on the exact circuit, loading included, under fresh draws of the printing variation:
 * Adam on the cross-entropy of the output volts with the network's own decisions (in regression on the squared error of the targets, and the line
 * that the output is read by is fitted with them), gradient by the adjoint. Keeps the state that is best on validation rows under fixed draws; the state it starts from
 * takes part. A circuit of a network with a budget is brought within it first, and whenever it is looked at; between, a price that grows
 * with what is beyond keeps it near (an augmented Lagrangian).
 */
function* calibrate(given: Layered, context: PassContext): Rounds<PassResult<Layered>> {
  const { rows, calibrationSteps: steps = STEPS, gauge, technology } = context;
  const layered = gauge === undefined ? given : fitBudget(given, gauge, technology);
  const fitted = differing(given, layered);
  const brought = fitted === 0 ? '' : `; ${fitted} values moved before to keep the budget`;
  if (rows === undefined)
    return { output: fitted === 0 ? undefined : layered, changed: fitted, note: `${NO_ROWS}${brought}` };
  const { output, calibration } = yield* tune(layered, context, { rows, steps });
  const note = `step ${calibration.bestStep} of ${steps} kept${brought}`;
  return { output, changed: differing(given, output), note, calibration };
}

export const NO_ROWS = 'left out: there are no rows to tune on';

interface Tuning {
  readonly rows: NonNullable<PassContext['rows']>;
  readonly steps: number;
}

/** Moves the values of a circuit step by step; `history` begins with those it was given. */
export function* tune(
  layered: Layered,
  context: PassContext,
  { rows, steps }: Tuning,
): Rounds<{ readonly output: Layered; readonly calibration: Calibration }> {
  const { network, technology, seed, gauge } = context;
  const pressure = gauge && new BudgetPressure(gauge, layered, technology);
  const { variation } = network;
  const [draws, validationDraws] = isNominal(variationOf(variation))
    ? [1, 1]
    : hasFaults(variation)
      ? [DRAWS_UNDER_FAULTS, VALIDATION_DRAWS_UNDER_FAULTS]
      : [DRAWS, VALIDATION_DRAWS];
  const wanted = calibrationRows(network, rows, technology);
  const parameters = new CalibrationParameters(layered, technology, START_TEMPERATURE);
  const [trainRows, validRows] = [rows.train.labels.length, Math.min(VALIDATION_ROWS, rows.valid.labels.length)];
  const shards = new Shards(trainRows, BATCH_ROWS);
  const validShards = new Shards(validRows, validRows).inOrder();
  const order = new Draws(seed, 'calibration rows');
  const { objective } = wanted.train;
  const sides = new Sides();
  const ask = (
    parts: readonly Int32Array[],
    of: Omit<LossRound, 'kind' | 'parts' | 'start' | 'values' | 'sides' | 'inverted' | 'line'>,
  ) => {
    const now = { values: parameters.values, ...sides.of(parameters), line: objective.line };
    return lossOf({ kind: 'loss', start: layered, parts, ...now, ...of });
  };
  const adam = new Adam(parameters.values.length);
  const history: Calibration['history'][number][] = [];
  let best = { score: Number.NEGATIVE_INFINITY, step: 0, values: parameters.values.slice() };
  const batches = shards.batches(order);
  let trainLoss = Number.NaN;

  for (let step = 0; step <= steps; step += 1) {
    if (step % VALIDATE_EVERY === 0 || step === steps) {
      if (gauge !== undefined) keepWithin(parameters, gauge, technology);
      const of = { rows: 'valid', first: 0, copies: validationDraws, withGradient: false } as const;
      const { tally } = yield* ask(validShards, of);
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
    const parts = batches.next().value;
    const of = { rows: 'train', first: step * draws, copies: draws, withGradient: false } as const;
    if (objective.line.length > 0) objective.prepare((yield* ask(parts, of)).tally);
    if (step % BUDGET_EVERY === 0) pressure?.look(parameters);
    const { tally, gradient } = yield* ask(parts, { ...of, withGradient: true });
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
    solver: context.solver ?? defaultSolver(),
    bestStep: best.step,
    trainRows,
    validRows,
    history,
  };
  return { output, calibration };
}

/** The loss over all shards, and its gradient by every parameter where that is asked for, else zeros. */
function* lossOf(round: LossRound): Rounds<{ readonly tally: Tally; readonly gradient: Float64Array }> {
  const sums = (yield round) as readonly ShardSums[];
  const gradient = new Float64Array(round.values.length);
  for (const { gradient: own } of sums) for (let k = 0; k < (own?.length ?? 0); k += 1) gradient[k]! += own![k]!;
  return { tally: sumOf(sums.map(({ tally }) => tally)), gradient };
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
