import { describe, expect, test } from 'vitest';
import { accuracy, argmax, crossEntropy, decisions, margins, softmax } from '../src/classify.ts';
import { fallingRate } from '../src/schedule.ts';

describe('decisions', () => {
  test('are the largest output, the first one of equals, and −1 where there is none', () => {
    expect([...decisions(Float64Array.of(0.1, 0.3, 0.2, 0.5, 0.5, 0, Number.NaN, Number.NaN, Number.NaN), 3)]).toEqual([
      1, 0, -1,
    ]);
    expect(accuracy(Int32Array.of(1, 0, -1), [1, 2, 0])).toBe(1 / 3);
  });

  test('are made of what lies apart in memory too', () => {
    // [classes × rows]
    const columns = Float64Array.of(0.1, 0.9, 0.7, 0.2);
    expect([argmax(columns, 0, 2, 2), argmax(columns, 1, 2, 2)]).toEqual([1, 0]);
  });

  test('have the distance to the second largest as their margin', () => {
    expect([...margins(Float64Array.of(0.1, 0.75, 0.25, 0.5, 0.5, 0), 3)]).toEqual([0.5, 0]);
  });
});

describe('softmax', () => {
  test('adds up to 1 and overflows nowhere, at any temperature', () => {
    const values = Float64Array.of(1000, 999, -1000);
    const shares = new Float64Array(3);
    const nats = softmax(values, 2, shares);
    const second = Math.exp(-2);
    expect(shares[0]).toBeCloseTo(1 / (1 + second), 15);
    expect(shares[2]).toBe(0);
    expect(nats).toBeCloseTo(Math.log1p(second), 15);
    expect([...values]).toEqual([1000, 999, -1000]);
  });
});

describe('cross-entropy', () => {
  const values = Float64Array.of(0.3, -0.2, 0.5);
  const targets = [0.2, 0.7, 0.1];
  const temperature = 3;

  test('is −Σ t·ln softmax(T·v), of a class as of targets that are 1 there', () => {
    const shares = new Float64Array(3);
    softmax(values, temperature, shares);
    const gradient = new Float64Array(3);
    const expected = targets.reduce((sum, t, c) => sum - t * Math.log(shares[c]!), 0);
    expect(crossEntropy(values, targets, temperature, gradient)).toBeCloseTo(expected, 14);
    const byClass = crossEntropy(values, 1, temperature, gradient);
    const slopes = gradient.slice();
    expect(crossEntropy(values, [0, 1, 0], temperature, gradient)).toBe(byClass);
    expect(gradient).toEqual(slopes);
    expect(byClass).toBeCloseTo(-Math.log(shares[1]!), 14);
  });

  test('has the gradient of finite differences, by the values and by the temperature', () => {
    const [gradient, unused] = [new Float64Array(3), new Float64Array(3)];
    crossEntropy(values, targets, temperature, gradient, 2);
    const h = 1e-6;
    const difference = (f: (by: number) => number): number => (f(h) - f(-h)) / (2 * h);
    values.forEach((_, c) => {
      const moved = (by: number) => values.map((v, k) => (k === c ? v + by : v));
      const slope = difference((by) => crossEntropy(moved(by), targets, temperature, unused));
      expect(gradient[c]).toBeCloseTo(2 * slope, 8);
    });
    const byLog = difference((by) => crossEntropy(values, targets, temperature * Math.exp(by), unused));
    expect(gradient.reduce((sum, slope, c) => sum + slope * values[c]!, 0)).toBeCloseTo(2 * byLog, 8);
  });
});

test('a falling rate stays whole for half of a training and ends at its last share', () => {
  expect([0, 0.25, 0.5].map((done) => fallingRate(done))).toEqual([1, 1, 1]);
  expect(fallingRate(0.75)).toBeCloseTo(0.55, 15);
  expect(fallingRate(1)).toBe(0.05);
  expect(fallingRate(1, 0)).toBe(0);
});
