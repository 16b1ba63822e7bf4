import { Draws, UsageError } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import {
  type ClassRows,
  certifiedRadius,
  type DenseActivation,
  DenseNetwork,
  denseAccuracy,
  denseUnderVariation,
  meanConfidence,
  trainDense,
  variedParameters,
} from '../src/dense/index.ts';

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
    network.backward(weights, gradient);
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

  it('learns, with and without injection, and the same bits again', () => {
    const plain = trainDense(rows, 2, 2, options);
    const injected = trainDense(rows, 2, 2, { ...options, injection });
    expect(denseAccuracy(plain, rows)).toBeGreaterThan(0.97);
    expect(denseAccuracy(injected, rows)).toBeGreaterThan(0.97);
    expect(trainDense(rows, 2, 2, { ...options, injection }).parameters).toEqual(injected.parameters);
    expect(meanConfidence(injected, rows, injection, 5, 0)).toBeGreaterThan(0.8);
  });

  it('is the network itself under no variation, and leaves biases alone under any', () => {
    const network = trainDense(rows, 2, 2, options);
    expect(denseUnderVariation(network, rows, [], 1, 0)[0]).toBe(denseAccuracy(network, rows));
    const varied = variedParameters(network, new Draws(0, 'x'), 0, () => [{ kind: 'drift', sigma: 0.5 }]);
    const { at, inputs, outputs } = network.layers[0]!;
    expect(varied.subarray(at + inputs * outputs, at + inputs * outputs + outputs)).toEqual(
      network.parameters.subarray(at + inputs * outputs, at + inputs * outputs + outputs),
    );
    expect(varied[at]).not.toBe(network.parameters[at]);
  });

  it('refuses p₁ + p₂ of 1 and more, and a pair too few', () => {
    const train = (pairs: { zero: number; half: number }[]) => () =>
      trainDense(rows, 2, 2, { ...options, injection: pairs });
    expect(train([{ zero: 0.6, half: 0.4 }, injection[1]!])).toThrow(/p1 = 0.6 and p2 = 0.4/);
    expect(train([injection[0]!])).toThrow(/1 pairs \(p1, p2\) for 2 layers/);
  });
});

describe('certifiedRadius', () => {
  it('is negative for networks of a realistic size, and undefined without zeros', () => {
    expect(certifiedRadius(0.95, 2368, { zero: 0.3, half: 0.2 })).toBeLessThan(-100);
    expect(certifiedRadius(0.95, 2368, { zero: 0, half: 0.2 })).toBeNaN();
  });

  it('grows with p₁ and with the confidence, where p₂ is 0', () => {
    const at = (f: number, zero: number): number => certifiedRadius(f, 10, { zero, half: 0 });
    expect(at(0.95, 0.8)).toBeCloseTo(Math.log(0.55) / Math.log(0.8), 12);
    expect(at(0.95, 0.8)).toBeGreaterThan(at(0.95, 0.5));
    expect(at(0.99, 0.5)).toBeGreaterThan(at(0.9, 0.5));
  });
});
