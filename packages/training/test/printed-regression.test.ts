import type { Regression } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { trainBaseline } from '../src/digital.ts';
import { outputLine } from '../src/output-line.ts';
import { kernelAgreement } from '../src/printed/agreement.ts';
import { createVariation } from '../src/printed/evaluate.ts';
import { hasSimd } from '../src/printed/kernel/kernel.ts';
import { Parameters } from '../src/printed/layer/parameters.ts';
import { PrintedModel } from '../src/printed/model.ts';
import { resolveOptions } from '../src/printed/options.ts';
import type { TrainingProblem } from '../src/printed/problem.ts';
import { architectureOf, problemBlocks, targetVariance } from '../src/printed/problem.ts';
import { trainNetwork } from '../src/printed/train.ts';
import { ClosedFormCurve, centralDifference, egt, exclusiveOr, randomParameters, uneven } from './fixtures.ts';

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

describe('the line of an output', () => {
  const stages = { activation: new ClosedFormCurve('ptanh'), values: 'fixed' } as const;

  it('puts the range of the targets inside what the typical stage gives', () => {
    const { interceptUnits, unitsPerVolt } = outputLine('price', [10, 30, 20], egt, stages);
    const volts = [10, 30].map((target) => (target - interceptUnits) / unitsPerVolt);
    const logs = Float64Array.from(egt.cells.ptanh!.parameters, ({ name }) =>
      Math.log(egt.cells.ptanh!.typical[name]!),
    );
    const [e1, e2, e3, e4] = stages.activation.forward(logs, 1) as unknown as [number, number, number, number];
    const [low, high] = [0, 1].map((v) => e1 + e2 * Math.tanh((v - e3) * e4)) as [number, number];
    expect((volts[1]! - volts[0]!) / (high - low)).toBeCloseTo(0.85, 12);
    expect(volts[0]! - low).toBeCloseTo(high - volts[1]!, 12);
  });

  it('is wider where the values of stages are learned', () => {
    const learned = outputLine('price', [10, 30], egt, { ...stages, values: 'learned' });
    expect(learned.unitsPerVolt).toBeLessThan(outputLine('price', [10, 30], egt, stages).unitsPerVolt);
  });
});

describe('the squared error of a printed network', () => {
  it.each([
    ['the printed node rule', {}],
    ['two hidden layers', { hidden: [3, 2] }],
    ['stages of their own', { share: 'neuron' as const }],
    ['fixed stages', { activation: 'fixed' as const }],
    ['noisy and uneven stages', { variation: uneven }],
  ])('has the gradient of finite differences, with %s', (_, options) => {
    const problem = problemOf();
    const architecture = architectureOf(problem, resolveOptions(options));
    const parameters = randomParameters(architecture);
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
  const line = outputLine('price', problemOf().train.labels, egt, {
    activation: new ClosedFormCurve('ptanh'),
    values: 'learned',
  });

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
    expect([network.task, network.classes, network.metrics]).toEqual([line, ['price'], undefined]);
    expect(history.every(({ validAccuracy, validRmse }) => validAccuracy === undefined && validRmse! > 0)).toBe(true);
    expect(trainNetwork(problemOf(80, line), options).network).toEqual(network);
  });

  it.each([
    ['balanced classes', () => trainNetwork(problemOf(), { classWeights: 'balanced' }), /cannot be balanced/],
    ['two outputs', () => trainNetwork({ ...problemOf(), classes: ['a', 'b'] }), /one output/],
    ['the digital classifier', () => trainBaseline(problemOf()), /is a classifier/],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});
