import { Draws } from '@neuroprint/core';
import { Adam, Mlp, minimiseBfgs, mlpParameterCount } from '@neuroprint/numeric';

/** Standardised inputs [rows × inputs] and targets [rows × outputs], and how much each squared error counts. */
export interface FitRows {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  /** [rows × outputs] */
  readonly weights: Float64Array;
  readonly rows: number;
}

export interface FitPlan {
  readonly sizes: readonly number[];
  /** Batches that Adam sees, whatever the number of rows. */
  readonly adamSteps: number;
  readonly bfgsIterations: number;
  /** Draws starting weights and batches. */
  readonly seed: number;
}

export interface FitResult {
  readonly parameters: Float64Array;
  readonly validationError: number;
}

/** Fits an Mlp of the plan's sizes; `onStep` hears of the validation error on the way. */
export type Fitter = (
  train: FitRows,
  valid: FitRows,
  plan: FitPlan,
  onStep: (validationError: number) => void,
) => FitResult;

/** Validation rows are looked at after so many iterations. */
const LOOK_EVERY = 10;
/** Iterations without a better validation error that end it. */
const PATIENCE = 300;
/** Validation error that ends it: 1e-4 standard deviations, which is 1e-9 normalised. */
const GOOD_ENOUGH = 1e-8;
const BATCH_ROWS = 64;
const ADAM_RATE = 1e-2;
const BIAS_SPREAD = 0.5;

/**
 * Fits an Mlp by weighted least squares: Adam on batches with a cosine rate to get near, BFGS with the whole inverse Hessian
 * to get exact (the problem is so ill-conditioned that L-BFGS of 100 pairs stops ten times as high). What is returned had
 * the lowest error on the validation rows on the way.
 */
export function fitMlp(
  train: FitRows,
  valid: FitRows,
  plan: FitPlan,
  onStep: (validationError: number) => void,
): FitResult {
  const mlp = new Mlp(plan.sizes, { parameters: startWeights(plan) });
  const validationError = () => loss(valid, mlp.forward(valid.inputs, valid.rows));
  adamPhase(mlp, train, plan);
  let best: FitResult = { parameters: mlp.parameters.slice(), validationError: validationError() };
  let bestAt = 0;
  const objective = (x: Float64Array, gradient: Float64Array) => {
    mlp.parameters.set(x);
    return lossAndGradient(mlp, train, gradient);
  };
  minimiseBfgs(objective, mlp.parameters, {
    iterations: plan.bfgsIterations,
    onIteration: (iteration, _value, x) => {
      if (iteration % LOOK_EVERY !== 0) return false;
      mlp.parameters.set(x);
      const error = validationError();
      onStep(error);
      if (error < best.validationError) {
        best = { parameters: x.slice(), validationError: error };
        bestAt = iteration;
      }
      return error < GOOD_ENOUGH || iteration - bestAt >= PATIENCE;
    },
  });
  return best;
}

/** Weights normal with variance 1/inputs; biases of hidden layers normal too, so that units bend at different places. */
function startWeights({ sizes, seed }: FitPlan): Float64Array {
  const draws = new Draws(seed, 'surrogate-weights');
  const parameters = new Float64Array(mlpParameterCount(sizes));
  const { layers } = new Mlp(sizes, { parameters });
  layers.forEach(({ inputs, weights, biases }, l) => {
    for (let i = 0; i < weights.length; i += 1) weights[i] = draws.normal(l, i) / Math.sqrt(inputs);
    if (l === layers.length - 1) return;
    for (let i = 0; i < biases.length; i += 1) biases[i] = BIAS_SPREAD * draws.normal(l, weights.length + i);
  });
  return parameters;
}

function adamPhase(mlp: Mlp, train: FitRows, plan: FitPlan): void {
  const draws = new Draws(plan.seed, 'surrogate-batches');
  const inputs = plan.sizes[0]!;
  const adam = new Adam(mlp.parameters.length);
  const gradient = new Float64Array(mlp.parameters.length);
  const batch = new Float64Array(BATCH_ROWS * inputs);
  const batches = Math.ceil(train.rows / BATCH_ROWS);
  const epochs = Math.ceil(plan.adamSteps / batches);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const order = draws.permutation(epoch, train.rows);
    for (let b = 0; b < batches; b += 1) {
      const chosen = order.subarray(b * BATCH_ROWS, (b + 1) * BATCH_ROWS);
      chosen.forEach((from, to) => {
        batch.set(train.inputs.subarray(from * inputs, (from + 1) * inputs), to * inputs);
      });
      lossAndGradient(mlp, { ...train, inputs: batch, rows: chosen.length }, gradient, chosen);
      const progress = (epoch + b / batches) / epochs;
      adam.step(mlp.parameters, gradient, 0.5 * ADAM_RATE * (1 + Math.cos(Math.PI * progress)));
    }
  }
}

/** `chosen`: which of the targets the rows are, where they are not all of them in order. */
function lossAndGradient(mlp: Mlp, rows: FitRows, gradient: Float64Array, chosen?: Int32Array): number {
  // the outputs are the Mlp's own buffer and not needed any more once the loss is known
  const outputs = mlp.forward(rows.inputs, rows.rows);
  const value = loss(rows, outputs, chosen);
  mlp.backward(outputs, { parameters: gradient });
  return value;
}

/** Weighted mean squared error over rows and outputs. Overwrites the outputs by its derivatives. */
function loss({ rows, targets, weights }: FitRows, outputs: Float64Array, chosen?: Int32Array): number {
  const count = outputs.length;
  const width = count / rows;
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const at = chosen === undefined ? i : chosen[Math.floor(i / width)]! * width + (i % width);
    const error = outputs[i]! - targets[at]!;
    const weighted = weights[at]! * error;
    sum += weighted * error;
    outputs[i] = (2 * weighted) / count;
  }
  return sum / count;
}
