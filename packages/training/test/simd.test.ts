import { Draws } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { createVariation } from '../src/printed/evaluate.ts';
import { hasSimd, plainKernel } from '../src/printed/kernel/kernel.ts';
import { SimdLoop } from '../src/printed/kernel/simd.ts';
import { Parameters } from '../src/printed/layer/parameters.ts';
import { createLoop, PrintedModel } from '../src/printed/model.ts';
import type { TrainingOptions } from '../src/printed/options.ts';
import { resolveOptions } from '../src/printed/options.ts';
import { architectureOf } from '../src/printed/problem.ts';
import { blocksOf } from '../src/printed/rows.ts';
import { broken, exclusiveOr, randomParameters, uneven } from './fixtures.ts';

const cases: readonly [string, TrainingOptions][] = [
  ['the printed node rule', {}],
  ['two hidden layers and more neurons', { hidden: [7, 5] }],
  ['noisy and uneven stages', { variation: uneven, hidden: [7, 5] }],
  ['broken parts', { variation: broken, hidden: [7, 5] }],
];

describe.skipIf(!hasSimd())('the float32 kernel', () => {
  test.each(cases)('agrees with the float64 oracle within 1e-4 with %s', (_, options) => {
    const problem = exclusiveOr(700);
    const architecture = architectureOf(problem, resolveOptions(options));
    const parameters = randomParameters(architecture);
    const blocks = blocksOf(problem.train, 2, 2, (label) => [1.4, 0.6][label]!);
    const variation = createVariation(architecture, 20, options.variation ?? 0.1).fill(new Draws(3, 'test'), 0);
    const [simd, oracle] = (['simd', 'float64'] as const).map((kernel) => {
      const loop = createLoop(architecture, 20, blocks, kernel, options.variation !== undefined);
      const model = new PrintedModel(architecture, 20, blocks, loop);
      const gradient = new Parameters(architecture);
      const evaluation = model.evaluateWithGradient(parameters, variation, gradient);
      expect(model.evaluate(parameters, variation)).toEqual(evaluation);
      const bounded = new Parameters(architecture);
      const { loss } = model.evaluateWithGradient(parameters, variation, bounded, 0, blocks.length, 0.7);
      expect(loss).toBeLessThan(evaluation.loss);
      return { evaluation, gradient: Float64Array.of(...gradient.flat, ...bounded.flat) };
    });
    expect(Math.abs(simd!.evaluation.loss / oracle!.evaluation.loss - 1)).toBeLessThan(1e-5);
    expect(simd!.evaluation.accuracy).toBeCloseTo(oracle!.evaluation.accuracy, 3);
    const largest = Math.max(...oracle!.gradient.map(Math.abs));
    simd!.gradient.forEach((value, i) => {
      expect(Math.abs(value - oracle!.gradient[i]!), `parameter ${i}`).toBeLessThan(1e-4 * largest);
    });
    const difference = Math.hypot(...simd!.gradient.map((value, i) => value - oracle!.gradient[i]!));
    expect(difference / Math.hypot(...oracle!.gradient)).toBeLessThan(1e-4);
  });

  test('gives what its build without relaxed SIMD gives, to the rounding of float32', () => {
    const problem = exclusiveOr(700);
    const architecture = architectureOf(problem, resolveOptions({ hidden: [7, 5] }));
    const parameters = randomParameters(architecture);
    const blocks = blocksOf(problem.train, 2, 2);
    const variation = createVariation(architecture, 20, 0.1).fill(new Draws(3, 'test'), 0);
    const [fast, plain] = [undefined, plainKernel].map((build) => {
      const loop = new SimdLoop(architecture.shapes, 20, blocks, false, build);
      const gradient = new Parameters(architecture);
      const { loss } = new PrintedModel(architecture, 20, blocks, loop).evaluateWithGradient(
        parameters,
        variation,
        gradient,
      );
      return { loss, gradient: gradient.flat };
    });
    expect(Math.abs(fast!.loss / plain!.loss - 1)).toBeLessThan(1e-6);
    const difference = Math.hypot(...fast!.gradient.map((value, i) => value - plain!.gradient[i]!));
    expect(difference / Math.hypot(...plain!.gradient)).toBeLessThan(1e-4);
  });

  test('counts the rows of the blocks that are asked for only', () => {
    const problem = exclusiveOr(700);
    const architecture = architectureOf(problem, resolveOptions({}));
    const blocks = blocksOf(problem.train, 2, 2);
    const variation = createVariation(architecture, 2, 0.1).fill(new Draws(3, 'test'), 0);
    const parameters = randomParameters(architecture);
    const whole = new PrintedModel(architecture, 2, blocks, createLoop(architecture, 2, blocks, 'simd'));
    const part = new PrintedModel(
      architecture,
      2,
      blocks.slice(1),
      createLoop(architecture, 2, blocks.slice(1), 'simd'),
    );
    const gradients = [new Parameters(architecture), new Parameters(architecture)];
    expect(whole.evaluateWithGradient(parameters, variation, gradients[0]!, 1, blocks.length)).toEqual(
      part.evaluateWithGradient(parameters, variation, gradients[1]!),
    );
    expect(gradients[0]!.flat).toEqual(gradients[1]!.flat);
  });
});
