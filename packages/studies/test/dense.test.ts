import { type Dataset, Draws, UsageError } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import {
  type DenseTrainingOptions,
  denseAccuracy,
  denseUnderVariation,
  trainDense,
  variedParameters,
} from '../src/bayesmulti/classify.ts';
import { type DenseActivation, DenseNetwork } from '../src/bayesmulti/dense-network.ts';
import { type ClassRows, denseRows } from '../src/bayesmulti/dense-rows.ts';

const random = new Draws(5, 'dense test');

/** Two clouds of points, one class each. */
function clouds(rows: number): ClassRows {
  const labels = Int32Array.from({ length: rows }, (_, i) => i % 2);
  const features = Float64Array.from({ length: 2 * rows }, (_, i) => labels[i >> 1]! + 0.15 * random.normal(1, i));
  return { features, labels };
}

describe('DenseNetwork', () => {
  it.each(['relu', 'tanh'] as const)('has the gradient of finite differences (%s)', (activation: DenseActivation) => {
    const network = new DenseNetwork([3, 5, 4, 2], activation);
    network.start(random, 7);
    const x = Float64Array.from({ length: 12 }, (_, i) => random.normal(2, i));
    const weights = Float64Array.from({ length: 8 }, (_, i) => random.normal(3, i));
    const value = (): number => network.forward(x, 4).reduce((sum, y, i) => sum + weights[i]! * y, 0);
    value();
    const gradient = new Float64Array(network.parameters.length);
    network.backward(weights, { parameters: gradient });
    for (let i = 0; i < gradient.length; i += 3) {
      const kept = network.parameters[i]!;
      network.parameters[i] = kept + 1e-6;
      const up = value();
      network.parameters[i] = kept - 1e-6;
      const down = value();
      network.parameters[i] = kept;
      expect(gradient[i]).toBeCloseTo((up - down) / 2e-6, 6);
    }
  });

  it('refuses sizes that are no network', () => {
    expect(() => new DenseNetwork([3], 'relu')).toThrow(UsageError);
    expect(() => new DenseNetwork([3, 0, 1], 'relu')).toThrow(/3-0-1/);
  });
});

describe('trainDense', () => {
  const rows = clouds(200);
  const options = { hidden: [8], seed: 1, epochs: 40 };
  const injection = [
    { zero: 0.2, half: 0.1 },
    { zero: 0.1, half: 0.1 },
  ];
  const drift = [{ sigma: 0.4 }, { sigma: 0.4 }];

  it.each([
    ['plainly', undefined],
    ['under injection', injection],
    ['under drift', drift],
  ] as const)('learns %s, and the same bits again', (_, noise) => {
    const trained = () => trainDense(rows, 2, 2, { ...options, ...(noise === undefined ? {} : { noise }) });
    expect(denseAccuracy(trained(), rows)).toBeGreaterThan(0.97);
    expect(trained().parameters).toEqual(trained().parameters);
  });

  it('bears drift better when it was trained under noise', () => {
    const under = (noise?: typeof injection) => {
      const network = trainDense(rows, 2, 2, {
        ...options,
        hidden: [16, 16],
        ...(noise === undefined ? {} : { noise }),
      });
      return denseUnderVariation(network, rows, [{ kind: 'drift', sigma: 1 }], 40, 0).reduce(
        (sum, a) => sum + a / 40,
        0,
      );
    };
    expect(under([...injection, injection[1]!])).toBeGreaterThan(under() + 0.05);
  });

  it('is the network itself under no variation; under drift every weight and bias is another', () => {
    const network = trainDense(rows, 2, 2, options);
    expect(denseUnderVariation(network, rows, [], 1, 0)[0]).toBe(denseAccuracy(network, rows));
    const varied = variedParameters(network, new Draws(0, 'x'), 0, () => [{ kind: 'drift', sigma: 0.5 }]);
    expect(varied.every((v, i) => v !== network.parameters[i])).toBe(true);
  });

  it('refuses p₁ + p₂ of 1 and more, and a pair too few', () => {
    const train = (noise: NonNullable<DenseTrainingOptions['noise']>) => () =>
      trainDense(rows, 2, 2, { ...options, noise });
    expect(train([{ zero: 0.6, half: 0.4 }, injection[1]!])).toThrow(/p1 = 0.6 and p2 = 0.4/);
    expect(train([{ zero: -0.1, half: 0.4 }, injection[1]!])).toThrow(/p1 = -0.1/);
    expect(train([injection[0]!])).toThrow(/noise for 1 layers, and the network has 2/);
    expect(train([{ sigma: 0.1 }, { sigma: -1 }])).toThrow(/Layer 1: σ = -1/);
  });
});

describe('denseRows', () => {
  it('has mean 0 and variance 1 over the training rows, and 0 for what is constant there', () => {
    const data = {
      columns: [Float64Array.of(1, 3, 5, 100), Float64Array.of(7, 7, 7, 8)],
      featureNames: ['a', 'b'],
      labels: Int32Array.of(0, 1, 0, 1),
      split: Uint8Array.of(0, 0, 0, 2),
    } as unknown as Dataset;
    const { features } = denseRows(data, [0]);
    const a = [0, 2, 4].map((i) => features[i]!);
    expect(a.reduce((sum, v) => sum + v, 0)).toBeCloseTo(0, 12);
    expect(a.reduce((sum, v) => sum + v * v, 0) / 3).toBeCloseTo(1, 12);
    expect([1, 3, 5].map((i) => features[i])).toEqual([0, 0, 0]);
    expect(denseRows(data, [2]).labels).toEqual(Int32Array.of(1));
    data.columns[0]![0] = 1e300;
    expect(() => denseRows(data, [0])).toThrow(/column a: is too large to be scaled/);
  });
});
