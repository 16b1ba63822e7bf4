import { Draws } from '@neuroprint/core';
import { expect, test } from 'vitest';
import { TensorSpline } from '../src/port/spline.ts';
import { fitSpline, type SplinePoints } from '../src/port/spline-fit.ts';

/** Points of a function, drawn evenly over 0..1 × 0..2. */
function pointsOf(f: (a: number, b: number) => number, count: number, seed: number): SplinePoints {
  const draws = new Draws(seed, 'spline');
  const first = Float64Array.from({ length: count }, (_, i) => draws.uniform(i, 0));
  const second = Float64Array.from({ length: count }, (_, i) => 2 * draws.uniform(i, 1));
  const values = first.map((a, i) => f(a, second[i]!));
  return { first, second, values, weights: new Float64Array(count).fill(1) };
}

const options = (target: number) => ({ target, onRound: () => {} });
const splineOf = (fit: ReturnType<typeof fitSpline>) => new TensorSpline(fit.first, fit.second, fit.coefficients);

test('a plane is fitted exactly, and goes on outside the points', () => {
  const plane = (a: number, b: number) => 1 + 2 * a - 3 * b;
  const fit = fitSpline(pointsOf(plane, 500, 1), pointsOf(plane, 100, 2), options(1e-6));
  expect(fit.validationError).toBeLessThan(1e-6);
  const spline = splineOf(fit);
  for (const [a, b] of [[0.3, 1.2] as const, [2, 5] as const, [-1, -1] as const]) {
    const { value, byFirst, bySecond } = spline.at(a, b);
    expect(value).toBeCloseTo(plane(a, b), 4);
    expect(byFirst).toBeCloseTo(2, 4);
    expect(bySecond).toBeCloseTo(-3, 4);
  }
});

test('slopes equal finite differences, inside and outside', () => {
  const f = (a: number, b: number) => Math.sin(3 * a) * b * b;
  const spline = splineOf(fitSpline(pointsOf(f, 500, 3), pointsOf(f, 100, 4), options(1e-3)));
  const h = 1e-6;
  for (const [a, b] of [[0.31, 0.77] as const, [0.9, 2.4] as const, [-0.2, 1.1] as const]) {
    const { byFirst, bySecond } = spline.at(a, b);
    expect(byFirst).toBeCloseTo((spline.at(a + h, b).value - spline.at(a - h, b).value) / (2 * h), 5);
    expect(bySecond).toBeCloseTo((spline.at(a, b + h).value - spline.at(a, b - h).value) / (2 * h), 5);
  }
});

test('breaks come to where a function bends', () => {
  const kink = (a: number, b: number) => Math.log1p(Math.exp((a - 0.7) / 0.01)) / 50 + b;
  const { first, validationError } = fitSpline(pointsOf(kink, 4000, 5), pointsOf(kink, 500, 6), options(1e-3));
  expect(validationError).toBeLessThan(1e-3);
  const steps = first.slice(1).map((v, i) => ({ width: v - first[i]!, middle: 0.5 * (v + first[i]!) }));
  const finest = steps.reduce((a, b) => (b.width < a.width ? b : a));
  expect(Math.abs(finest.middle - 0.7)).toBeLessThan(0.1);
});

test('splines whose breaks do not ascend or whose coefficients do not fit are refused', () => {
  const zeros = (count: number) => new Float64Array(count);
  expect(() => new TensorSpline([0, 1], [0, 1], zeros(16))).not.toThrow();
  expect(() => new TensorSpline([0, 1], [0, 1], zeros(15))).toThrow(/15 coefficients are given, and 16 are needed/);
  expect(() => new TensorSpline([1, 0], [0, 1], zeros(16))).toThrow(/breaks of a spline ascend/);
  expect(() => new TensorSpline([0], [0, 1], zeros(12))).toThrow(/two breaks at least/);
});
