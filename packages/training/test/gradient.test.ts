import { Draws } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { createVariation } from '../src/printed/evaluate.ts';
import { createTrace, layerBackward, layerForward } from '../src/printed/kernel/float64.ts';
import { crossEntropy } from '../src/printed/kernel/loss.ts';
import { createTensors } from '../src/printed/kernel/tensors.ts';
import { Parameters } from '../src/printed/layer/parameters.ts';
import { PrintedModel } from '../src/printed/model.ts';
import type { TrainingOptions } from '../src/printed/options.ts';
import { resolveOptions } from '../src/printed/options.ts';
import { addFallingStagePenalty } from '../src/printed/penalty.ts';
import { architectureOf } from '../src/printed/problem.ts';
import { blocksOf } from '../src/printed/rows.ts';
import { broken, centralDifference, exclusiveOr, fillWith, randomParameters, uneven } from './fixtures.ts';

describe('the kernel', () => {
  const [draws, inputs, neurons, rows] = [2, 3, 2, 5];
  const random = new Draws(1, 'kernel');
  const layer = createTensors([{ inputs, neurons }], draws).layers[0]!;
  fillWith(random, 2, layer.weights, 0.05, 0.4);
  fillWith(random, 3, layer.offsets, 0, 0.3);
  fillWith(random, 4, layer.falling, 0.2, 1);
  fillWith(random, 5, layer.activation, 0.2, 1);
  for (let k = 3; k < layer.activation.length; k += 4) layer.activation[k]! *= 8;
  layer.inverted.set([1, 0, 0, 1, 0, 0]);
  const x = new Float64Array(inputs * rows);
  fillWith(random, 6, x, 0, 1);
  const weight = new Float64Array(neurons * rows);
  fillWith(random, 7, weight, -1, 1);
  const trace = createTrace(rows, inputs, neurons);
  const value = (draw: number) => () => {
    layerForward(layer, draw, x, rows, trace);
    return weight.reduce((sum, w, i) => sum + w * trace.output[i]!, 0);
  };

  test('pulls a gradient back to weights, offsets, both kinds of η and inputs as finite differences do', () => {
    const gradient = createTensors([{ inputs, neurons }], draws).layers[0]!;
    const inputGradient = new Float64Array(inputs * rows);
    const draw = 1;
    value(draw)();
    layerBackward(layer, draw, x, rows, trace, weight.slice(), gradient, inputGradient, new Float64Array(rows));
    for (const name of ['weights', 'offsets', 'falling', 'activation'] as const) {
      layer[name].forEach((_, i) => {
        expect(gradient[name][i], `${name}[${i}]`).toBeCloseTo(centralDifference(layer[name], i, value(draw)), 8);
      });
    }
    x.forEach((_, i) => {
      expect(inputGradient[i]).toBeCloseTo(centralDifference(x, i, value(draw)), 8);
    });
  });

  test('gives the same parameter gradients whether or not the input gradient is wanted', () => {
    const run = (inputGradient: Float64Array | undefined) => {
      const gradient = createTensors([{ inputs, neurons }], draws).layers[0]!;
      value(0)();
      layerBackward(layer, 0, x, rows, trace, weight.slice(), gradient, inputGradient, new Float64Array(rows));
      return gradient;
    };
    expect(run(undefined)).toEqual(run(new Float64Array(inputs * rows)));
  });
});

describe('the loss', () => {
  test.each([0, 0.7, 1])(
    'with the exponent %s has the gradient of finite differences in output volts and temperature',
    (exponent) => {
      const output = Float64Array.of(0.1, 0.8, 0.3, 0.2, 0.5, 0.9);
      const labels = Int32Array.of(2, 0);
      const weights = Float64Array.of(1, 2.5);
      const temperature = Float64Array.of(6);
      const outputGradient = new Float64Array(6);
      const loss = () => {
        const sums = { loss: 0, correct: 0, temperatureGradient: 0 };
        crossEntropy(output, { labels, weights }, 3, temperature[0]!, 0.5, exponent, sums, new Float64Array(6));
        return sums.loss * 0.5;
      };
      const sums = { loss: 0, correct: 0, temperatureGradient: 0 };
      crossEntropy(output, { labels, weights }, 3, 6, 0.5, exponent, sums, outputGradient);
      output.forEach((_, i) => {
        expect(outputGradient[i]).toBeCloseTo(centralDifference(output, i, loss), 8);
      });
      expect(sums.temperatureGradient * 0.5).toBeCloseTo(centralDifference(temperature, 0, loss), 8);
      expect(sums.correct).toBe(1);
    },
  );
});

const cases: readonly [string, TrainingOptions][] = [
  ['the printed node rule', {}],
  ['two hidden layers', { hidden: [3, 2] }],
  ['fixed stages', { activation: 'fixed' }],
  ['stages shared by the net', { share: 'net', hidden: [3, 2] }],
  ['stages of every neuron', { share: 'neuron' }],
  ['noisy and uneven stages', { variation: uneven, hidden: [3, 2] }],
  ['broken parts', { variation: broken, hidden: [3, 2] }],
];

test.each(cases)('the loss over varied prints has the gradient of finite differences with %s', (_, options) => {
  const problem = exclusiveOr();
  const architecture = architectureOf(problem, resolveOptions(options));
  const parameters = randomParameters(architecture);
  const blocks = blocksOf(problem.train, 2, 2);
  const variation = createVariation(architecture, 3, options.variation ?? 0.1).fill(new Draws(3, 'test'), 0);
  const model = new PrintedModel(architecture, 3, blocks);
  const gradient = new Parameters(architecture);
  model.evaluateWithGradient(parameters, variation, gradient);
  const analytic = gradient.flat.slice();
  const loss = () => model.evaluate(parameters, variation).loss;
  const trainable = new Set(parameters.flat.keys());
  let at = 0;
  for (const { theta, falling, activation } of options.share === 'net' ? [] : parameters.layers) {
    const stages = at + theta.length;
    at = stages + falling.length + activation.length;
    const untrained = options.activation === 'fixed' ? at : stages;
    for (let i = stages; i < untrained; i += 1) {
      trainable.delete(i);
      expect(analytic[i]).toBe(0);
    }
  }
  for (const i of trainable)
    expect(analytic[i], `parameter ${i}`).toBeCloseTo(centralDifference(parameters.flat, i, loss), 7);
});

test('the penalty on falling stages has the gradient of finite differences', () => {
  const architecture = architectureOf(exclusiveOr(), resolveOptions({ hidden: [3] }));
  const parameters = randomParameters(architecture);
  const gradient = new Parameters(architecture);
  addFallingStagePenalty(architecture, parameters, () => 0.7, gradient);
  const penalty = () =>
    parameters.layers.reduce((sum, { theta }, l) => {
      const { inputs, neurons } = architecture.shapes[l]!;
      for (let i = 0; i < inputs; i += 1) {
        const row = theta.subarray(i * neurons, (i + 1) * neurons);
        sum += 0.7 * Math.hypot(...row.map((value) => Math.min(0, value)));
      }
      return sum;
    }, 0);
  parameters.flat.forEach((_, i) => {
    expect(gradient.flat[i]).toBeCloseTo(centralDifference(parameters.flat, i, penalty), 7);
  });
});
