import { idealVoltages } from '@neuroprint/circuit';
import { type NetworkLayer, type Regression, scoreTarget, unitsOf } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { trainBaseline } from '../src/digital.ts';
import { standardLine } from '../src/output-line.ts';
import { kernelAgreement } from '../src/printed/agreement.ts';
import { createVariation } from '../src/printed/evaluate.ts';
import { hasSimd } from '../src/printed/kernel/kernel.ts';
import { Parameters } from '../src/printed/layer/parameters.ts';
import { PrintedModel } from '../src/printed/model.ts';
import { resolveOptions } from '../src/printed/options.ts';
import type { TrainingProblem } from '../src/printed/problem.ts';
import { architectureOf, problemBlocks, targetVariance } from '../src/printed/problem.ts';
import { trainNetwork } from '../src/printed/train.ts';
import { centralDifference, exclusiveOr, randomParameters, uneven } from './fixtures.ts';

const task: Regression = { kind: 'regression', target: 'price', interceptUnits: -5, unitsPerVolt: 20 };

/** The exclusive-or rows with the target 4 + 3·x0 + 6·x0·x1. */
function problemOf(rows = 80, line = task): TrainingProblem {
  const problem = exclusiveOr(rows);
  const known = (part: TrainingProblem['train']): TrainingProblem['train'] => ({
    ...part,
    labels: Float64Array.from(part.labels, (_, r) => {
      const [x0, x1] = part.volts.subarray(2 * r, 2 * r + 2) as unknown as [number, number];
      return 4 + 3 * x0 + 6 * x0 * x1;
    }),
  });
  const { train, valid, test } = problem;
  return {
    ...problem,
    ...{ classes: ['price'], task: line, train: known(train), valid: known(valid), test: known(test) },
  };
}

describe('the scale of targets in a training', () => {
  it('is one standard deviation a volt, from their mean', () => {
    const { interceptUnits, unitsPerVolt } = standardLine('price', [10, 30, 20]);
    expect([interceptUnits, unitsPerVolt]).toEqual([20, 10]);
  });
});

/** A trained network whose output passes a stage, as those of earlier versions do. */
const withStage = (() => {
  const { layers } = trainNetwork(exclusiveOr(60), { restarts: 1, epochs: 2, draws: 2 }).network;
  const [first, last] = layers as [NetworkLayer, NetworkLayer];
  return [first, { ...last, conductancesSiemens: last.conductancesSiemens.map((row) => row.slice(0, 1)) }];
})();

describe('the squared error of a printed network', () => {
  it.each([
    ['the printed node rule', {}],
    ['two hidden layers', { hidden: [3, 2] }],
    ['stages of their own', { share: 'neuron' as const }],
    ['fixed stages', { activation: 'fixed' as const }],
    ['a stage at its end', { start: withStage }],
    ['noisy and uneven stages', { variation: uneven }],
  ])('has the gradient of finite differences, with %s', (_, options) => {
    const problem = problemOf();
    const architecture = architectureOf(problem, resolveOptions(options));
    const parameters = randomParameters(architecture);
    parameters.line = [-0.3, 1.7];
    const blocks = problemBlocks(problem, problem.train);
    const variation = createVariation(architecture, 3, 'variation' in options ? options.variation : 0.1);
    const model = new PrintedModel(architecture, 3, blocks);
    const gradient = new Parameters(architecture);
    model.evaluateWithGradient(parameters, variation, gradient);
    const trained = !('activation' in options);
    let at = 0;
    for (const { theta, falling, activation } of parameters.layers) {
      const end = at + theta.length + (trained ? falling.length + activation.length : 0);
      for (let i = at; i < end; i += 1) {
        const difference = centralDifference(parameters.flat, i, () => model.evaluate(parameters, variation).loss);
        expect(gradient.flat[i], `parameter ${i}`).toBeCloseTo(difference, 6);
      }
      at += theta.length + falling.length + activation.length;
    }
    expect(gradient.flat.at(-1)).toBe(0);
  });

  it.skipIf(!hasSimd())('is the same by the float32 kernel within 1e-4', () => {
    const { loss, gradient } = kernelAgreement(problemOf(700), { restarts: 2 });
    expect(loss).toBeLessThan(1e-4);
    expect(gradient).toBeLessThan(1e-4);
  });

  it('is a share of the variance of the training targets, and decides nothing', () => {
    const problem = problemOf();
    const architecture = architectureOf(problem, resolveOptions({}));
    const found = new PrintedModel(architecture, 1, problemBlocks(problem, problem.train)).evaluate(
      randomParameters(architecture),
      createVariation(architecture, 1, 0),
    );
    const units = Math.sqrt(found.loss * targetVariance(problem)!) * task.unitsPerVolt;
    expect(units).toBeGreaterThan(0.1);
    expect(units).toBeLessThan(20);
    expect(found.accuracy).toBeNaN();
  });
});

describe('training to a target', () => {
  const options = { restarts: 3, epochs: 120, draws: 5, seed: 4 };
  const line = standardLine('price', problemOf().train.labels);

  it('explains most of the variance, and gives the same bits again', () => {
    const { network, underVariation, history } = trainNetwork(problemOf(80, line), {
      ...options,
      testVariations: [0.2],
    });
    const { rmse, r, underVariation: printed } = network.regressionMetrics!;
    expect(r.test).toBeGreaterThan(0.9);
    expect(printed.mean).toBeGreaterThan(rmse.test);
    expect(printed.p95).toBeGreaterThan(printed.p5);
    expect(underVariation[0]!.mean).toBeGreaterThan(printed.mean);
    expect([network.classes, network.metrics]).toEqual([['price'], undefined]);
    expect(history.every(({ validAccuracy, validRmse }) => validAccuracy === undefined && validRmse! > 0)).toBe(true);
    expect(trainNetwork(problemOf(80, line), options).network).toEqual(network);
  });

  it('ends in a column without a stage, and says what line reads it', () => {
    const problem = problemOf(80, line);
    const { network } = trainNetwork(problem, options);
    const { layers, task: read } = network;
    expect(layers.map(({ activationStages }) => activationStages.length)).toEqual([1, 0]);
    const { volts, labels } = problem.test;
    const outputs = idealVoltages(network, volts, labels.length).outputs.at(-1)!;
    const { rmse } = scoreTarget(unitsOf(read as Regression, outputs), labels);
    expect(rmse).toBeCloseTo(network.regressionMetrics!.rmse.test, 9);
  });

  it('fits the line on training rows, so that a shift and a stretch of all targets changes nothing but the line', () => {
    const problem = problemOf(80, line);
    const moved = (part: TrainingProblem['train']) => ({ ...part, labels: part.labels.map((t) => 100 + 8 * t) });
    const { train, valid, test } = problem;
    const other = { ...problem, train: moved(train), valid: moved(valid), test: moved(test) };
    const [first, second] = [problem, { ...other, task: standardLine('price', other.train.labels) }].map(
      (one) => trainNetwork(one, options).network,
    );
    const [a, b] = [first!.task as Regression, second!.task as Regression];
    expect(b.unitsPerVolt / a.unitsPerVolt).toBeCloseTo(8, 6);
    expect(b.interceptUnits).toBeCloseTo(100 + 8 * a.interceptUnits, 5);
  });

  it('goes on with a stage at its end where the network to start from has one', () => {
    const { network } = trainNetwork(problemOf(80, line), { ...options, restarts: 1, epochs: 3, start: withStage });
    expect(network.layers.at(-1)!.activationStages).toHaveLength(1);
  });

  it.each([
    ['balanced classes', () => trainNetwork(problemOf(), { classWeights: 'balanced' }), /cannot be balanced/],
    ['two outputs', () => trainNetwork({ ...problemOf(), classes: ['a', 'b'] }), /one output/],
    ['the digital classifier', () => trainBaseline(problemOf()), /is a classifier/],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});
