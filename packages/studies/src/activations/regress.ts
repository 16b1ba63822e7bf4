import { Draws, scoreTarget, type TargetScore } from '@neuroprint/core';
import { type ActivationChange, levenbergMarquardt, minimiseLbfgs } from '@neuroprint/numeric';
import { DenseNetwork } from '../bayesmulti/dense-network.ts';
import type { RegressionRows, RegressionTable } from './regression-table.ts';

/** Networks of more parameters are trained by L-BFGS: the normal equations cost their square. */
const MOST_FOR_LEVENBERG_MARQUARDT = 200;
const LEVENBERG_MARQUARDT_STEPS = 60;
const LBFGS_STEPS = 400;
/** λ of λ·Σw², in the loss of scaled targets: keeps the least squares well posed. */
const DECAY = 1e-6;

/** Root mean square error in the units of the target, and correlation of output and target. */
export type RegressionScore = TargetScore;

/**
 * Trains a regression network (tanh hidden layers, one linear output) on the mean squared error: Levenberg–Marquardt up to
 * 200 parameters, L-BFGS beyond. With `from` it goes on from that network; with `change` the hidden neurons have these
 * realised shapes. Chosen by no validation rows: what is trained is the fit.
 */
export function trainRegression(
  table: RegressionTable,
  hidden: readonly number[],
  options: {
    readonly seed: number;
    readonly from?: DenseNetwork;
    readonly change?: ActivationChange;
    readonly effort?: number;
  },
): DenseNetwork {
  const { seed, from, change, effort = 1 } = options;
  const network = new DenseNetwork([table.featureNames.length, ...hidden, 1], 'tanh');
  if (from === undefined) network.start(new Draws(seed, 'regression start'), 0);
  else network.parameters.set(from.parameters);
  const { features, targets } = table.rows.train;
  const rows = targets.length;
  const size = network.parameters.length;
  if (size <= MOST_FOR_LEVENBERG_MARQUARDT) {
    const weight = Math.sqrt(DECAY * rows);
    const problem = {
      residuals: rows + size,
      parameters: size,
      evaluate: (x: Float64Array, residuals: Float64Array, jacobian: Float64Array | undefined): void => {
        const y = network.forward(features, rows, x, change);
        for (let i = 0; i < rows; i += 1) residuals[i] = y[i]! - targets[i]!;
        for (let k = 0; k < size; k += 1) residuals[rows + k] = weight * x[k]!;
        if (jacobian === undefined) return;
        jacobian.fill(0, rows * size);
        network.jacobian(jacobian);
        for (let k = 0; k < size; k += 1) jacobian[(rows + k) * size + k] = weight;
      },
    };
    const iterations = Math.ceil(effort * LEVENBERG_MARQUARDT_STEPS);
    network.parameters.set(levenbergMarquardt(problem, network.parameters, { iterations, tolerance: 1e-6 }).x);
    return network;
  }
  const objective = (x: Float64Array, gradient: Float64Array): number => {
    const y = network.forward(features, rows, x, change);
    let loss = 0;
    const byOutput = y.map((v, i) => {
      const error = v - targets[i]!;
      loss += (error * error) / rows;
      return (2 * error) / rows;
    });
    network.backward(byOutput, { parameters: gradient });
    for (let k = 0; k < size; k += 1) {
      loss += DECAY * x[k]! * x[k]!;
      gradient[k]! += 2 * DECAY * x[k]!;
    }
    return loss;
  };
  const iterations = Math.ceil(effort * LBFGS_STEPS);
  network.parameters.set(minimiseLbfgs(objective, network.parameters, { iterations, gradientTolerance: 1e-7 }).x);
  return network;
}

/** Error and correlation on some rows, with the hidden neurons changed where `change` is given. */
export function scoreRegression(
  network: DenseNetwork,
  rows: RegressionRows,
  half: number,
  change?: ActivationChange,
): RegressionScore {
  const y = network.forward(rows.features, rows.targets.length, undefined, change);
  const { rmse, r } = scoreTarget(y, rows.targets);
  return { rmse: half * rmse, r };
}
