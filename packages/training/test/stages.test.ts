import { uniformFactor } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { SurrogateModel } from '@neuroprint/surrogate';
import { describe, expect, test } from 'vitest';
import { createVariation } from '../src/printed/evaluate.ts';
import { hasSimd } from '../src/printed/kernel/kernel.ts';
import { fillUniform, spreadUniform } from '../src/printed/kernel/random.ts';
import { Parameters, SHARES } from '../src/printed/layer/parameters.ts';
import { resolveOptions } from '../src/printed/options.ts';
import { architectureOf } from '../src/printed/problem.ts';
import { createStages } from '../src/printed/stages.ts';
import { exclusiveOr, randomParameters, surrogateOf } from './fixtures.ts';

describe.skipIf(!hasSimd())('tabulated stages', () => {
  const problem = {
    ...exclusiveOr(),
    falling: SurrogateModel.of(surrogateOf('negweight')),
    activation: SurrogateModel.of(surrogateOf('ptanh')),
  };

  test.each(SHARES.flatMap((share) => (['falling', 'activation'] as const).map((kind) => [share, kind] as const)))(
    'agree with the surrogate within 1e-5: shared by %s, %s',
    (share, kind) => {
      const architecture = architectureOf(problem, resolveOptions({ share }));
      const parameters = randomParameters(architecture);
      const variation = createVariation(architecture, 20, 0.1).fill(new Draws(3, 'test'), 0);
      const places = architecture.shapes.map(({ inputs, neurons }) => (kind === 'falling' ? inputs : neurons));
      const layout = { draws: 20, places, own: share === 'neuron' };
      const rows = 20 * places.reduce((sum, count) => sum + count);
      const etaGradient = new Float64Array(rows * 4);
      new Draws(9, 'gradient').fillUniform(0, etaGradient);
      const [table, oracle] = (['simd', 'float64'] as const).map((kernel) => {
        const stages = createStages(kind, architecture[kind], layout, kernel);
        const eta = new Float64Array(rows * 4);
        stages.print(parameters.layers, variation.layers, eta);
        const gradient = new Parameters(architecture);
        stages.collect(etaGradient, parameters.layers, gradient.layers);
        return { eta, gradient: gradient.flat };
      });
      table!.eta.forEach((value, i) => {
        expect(Math.abs(value - oracle!.eta[i]!), `η${(i % 4) + 1} of row ${i >> 2}`).toBeLessThan(
          1e-5 * Math.max(1, Math.abs(value)),
        );
      });
      const size = Math.hypot(...oracle!.gradient);
      const difference = Math.hypot(...table!.gradient.map((value, i) => value - oracle!.gradient[i]!));
      expect(size).toBeGreaterThan(0);
      expect(difference / size).toBeLessThan(1e-4);
    },
  );
});

test('random numbers of the kernel are those of Draws, bit for bit, over several of its chunks', () => {
  const [kernel, plain] = [new Float64Array(9001), new Float64Array(9001)];
  for (const seed of [0, 7, 2 ** 40 + 3]) {
    fillUniform(new Draws(seed, 'purpose'), 12, kernel);
    new Draws(seed, 'purpose').fillUniform(12, plain);
    expect(kernel).toEqual(plain);
  }
});

test.each([1, 7, 300, 4097])(
  'factors of prints of %s entries are those of the uniform law, and their logarithms within 1e-11',
  (entries) => {
    const spreads = Float64Array.from({ length: entries }, (_, i) => [0.1, 0.99, 0, 1.5][i % 4]!);
    const uniform = new Float64Array(3 * entries);
    new Draws(5, 'spread').fillUniform(0, uniform);
    const factors = uniform.map((u, i) => uniformFactor(spreads[i % entries]!, u));
    const [kernel, logarithms] = [uniform.slice(), uniform.slice()];
    spreadUniform(kernel, spreads, false);
    spreadUniform(logarithms, spreads, true);
    expect(kernel).toEqual(factors);
    logarithms.forEach((log, i) => {
      expect(Math.abs(log - Math.log(factors[i]!))).toBeLessThan(1e-11);
    });
  },
);
