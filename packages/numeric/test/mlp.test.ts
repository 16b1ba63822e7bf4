import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addTransposedProduct, multiplyByTransposed } from '../src/linear/matrix.ts';
import { Mlp, mlpParameterCount } from '../src/mlp.ts';

/** Numbers without pattern, the same every time. */
const wave = (count: number, phase: number) =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(7.3 * i + phase));

test('blocked matrix products equal the plain sums for every shape', () => {
  const size = fc.integer({ min: 1, max: 11 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), size, size, (m, n, k) => {
      const a = wave(m * k, 1);
      const b = wave(n * k, 2);
      const bias = wave(n, 3);
      const out = new Float64Array(m * n);
      multiplyByTransposed(a, b, out, m, n, k, bias);
      for (let r = 0; r < m; r += 1) {
        for (let c = 0; c < n; c += 1) {
          let sum = bias[c]!;
          for (let i = 0; i < k; i += 1) sum += a[r * k + i]! * b[c * k + i]!;
          expect(out[r * n + c]).toBeCloseTo(sum, 12);
        }
      }
      const product = new Float64Array(k * n);
      addTransposedProduct(a, out, product, m, k, n);
      for (let j = 0; j < k; j += 1) {
        for (let c = 0; c < n; c += 1) {
          let sum = 0;
          for (let r = 0; r < m; r += 1) sum += a[r * k + j]! * out[r * n + c]!;
          expect(product[j * n + c]).toBeCloseTo(sum, 11);
        }
      }
    }),
  );
});

test('gradients to parameters and to inputs equal finite differences', () => {
  const sizes = [3, 7, 5, 2];
  const rows = 5;
  const parameters = wave(mlpParameterCount(sizes), 0.4);
  const mlp = new Mlp(sizes, { parameters });
  const x = wave(rows * 3, 0.9);
  const weights = wave(rows * 2, 2.2);
  const value = () => mlp.forward(x, rows).reduce((sum, y, i) => sum + weights[i]! * y, 0);
  value();
  const gradients = { parameters: new Float64Array(parameters.length), inputs: new Float64Array(x.length) };
  mlp.backward(weights, gradients);
  for (const [vector, gradient] of [[parameters, gradients.parameters] as const, [x, gradients.inputs] as const]) {
    for (let i = 0; i < vector.length; i += 1) {
      const held = vector[i]!;
      vector[i] = held + 1e-5;
      const above = value();
      vector[i] = held - 1e-5;
      const below = value();
      vector[i] = held;
      expect(gradient[i]).toBeCloseTo((above - below) / 2e-5, 7);
    }
  }
});

test('each gradient is the same whether the other is asked for or not, and for fewer rows than before', () => {
  const mlp = new Mlp([2, 6, 6, 4], { parameters: wave(mlpParameterCount([2, 6, 6, 4]), 0) });
  mlp.forward(wave(40, 1), 20);
  const x = wave(6, 5);
  const up = wave(12, 3);
  const both = { parameters: new Float64Array(mlp.parameters.length), inputs: new Float64Array(6) };
  mlp.forward(x, 3);
  mlp.backward(up, both);
  const parameters = new Float64Array(mlp.parameters.length);
  const inputs = new Float64Array(6);
  mlp.backward(up, { parameters });
  mlp.backward(up, { inputs });
  expect(parameters).toEqual(both.parameters);
  expect(inputs).toEqual(both.inputs);
});

test('a parameter vector of the wrong length is refused', () => {
  expect(() => new Mlp([2, 3, 1], { parameters: new Float64Array(5) })).toThrow(
    '5 parameters are given, and 13 are needed',
  );
});

test.each(['silu', 'relu', 'tanh', 'sigmoid'] as const)(
  '%s has the slope of finite differences, after the last layer too',
  (activation) => {
    const sizes = [3, 6, 1];
    const mlp = new Mlp(sizes, {
      activation: [activation, activation],
      parameters: wave(mlpParameterCount(sizes), 0.7),
    });
    const x = wave(6, 0.2);
    const up = Float64Array.of(1.5, 1.5);
    const value = () => mlp.forward(x, 2).reduce((sum, y) => sum + 1.5 * y, 0);
    value();
    const gradient = new Float64Array(mlp.parameters.length);
    mlp.backward(up, { parameters: gradient });
    mlp.parameters.forEach((kept, i) => {
      mlp.parameters[i] = kept + 1e-6;
      const above = value();
      mlp.parameters[i] = kept - 1e-6;
      const below = value();
      mlp.parameters[i] = kept;
      expect(gradient[i]).toBeCloseTo((above - below) / 2e-6, 7);
    });
    value();
    const jacobian = new Float64Array(2 * gradient.length);
    mlp.jacobian(jacobian);
    gradient.forEach((slope, i) => {
      expect(1.5 * (jacobian[i]! + jacobian[gradient.length + i]!)).toBeCloseTo(slope, 12);
    });
  },
);
