import { expect, test } from 'vitest';
import { CurveSurrogate, errorBars, OutsideTrustRegionError, SurrogateModel, trainSurrogate } from '../src/index.ts';
import { inverterTable, TOPOLOGY } from './inverters.ts';

const table = inverterTable(200);
const { surrogate } = trainSurrogate(table, { seed: 2, topology: TOPOLOGY });

test('a correction takes curves of an inverter from tens of millivolts to below 2 mV rms', () => {
  const { rows, corrected, ptanh } = surrogate.correction!.test;
  expect(rows).toBe(20);
  expect(ptanh.median).toBeGreaterThan(5e-3);
  expect(corrected.median).toBeLessThan(2e-3);
  expect(corrected.largest).toBeLessThan(20e-3);
});

test('the gradients of a curve equal finite differences, to component values and to input volts', () => {
  const model = CurveSurrogate.of(surrogate);
  const [rows, points] = [3, 4];
  const logs = table.values.slice(0, rows * 3).map(Math.log);
  const volts = Float64Array.from({ length: rows * points }, (_, i) => (i % points) / 3);
  const weights = volts.map((_, i) => Math.cos(2 * i + 1));
  const value = () => model.forward(logs, volts, rows).reduce((sum, p, i) => sum + weights[i]! * p, 0);
  value();
  const logGradient = new Float64Array(logs.length);
  const inputGradient = new Float64Array(volts.length);
  model.backward(weights, logGradient, inputGradient);
  const check = (x: Float64Array, gradient: Float64Array) =>
    x.forEach((held, i) => {
      x[i] = held + 1e-5;
      const above = value();
      x[i] = held - 1e-5;
      const below = value();
      x[i] = held;
      expect(gradient[i]).toBeCloseTo((above - below) / 2e-5, 6);
    });
  check(logs, logGradient);
  check(volts, inputGradient);
});

test('a surrogate that was trained without curves says so', () => {
  const { correction: _, ...plain } = surrogate;
  expect(() => CurveSurrogate.of(plain)).toThrow(/trained on η alone and knows no curves/);
});

test('an error bar is the rms error of the held-out designs nearby', () => {
  const bars = errorBars(surrogate, table.values, 200);
  const predicted = SurrogateModel.of(surrogate).predict(table.values, 200);
  for (let k = 0; k < 4; k += 1) {
    const inside = Array.from({ length: 200 }, (_, row) => {
      const error = Math.abs(predicted[row * 4 + k]! - table.eta[row * 4 + k]!);
      return error < 3 * bars[row * 4 + k]! ? 1 : 0;
    });
    expect(inside.reduce<number>((a, b) => a + b, 0)).toBeGreaterThan(180);
  }
});

test('predict refuses what is outside the sampled region and names the component and its bound', () => {
  const model = SurrogateModel.of(surrogate);
  expect(() => model.predict(Float64Array.of(2e6, 30e-6, 54e-6), 1)).toThrow(OutsideTrustRegionError);
  expect(() => model.predict(Float64Array.of(2e6, 30e-6, 54e-6), 1)).toThrow(/R = 2000000 ohms is above 1000000 ohms/);
});

test('repeated rows and a component that never varies are refused', () => {
  const twice = (data: Float64Array) => Float64Array.from([...data, ...data]);
  const { curves: _, ...plain } = inverterTable(60);
  const doubled = { ...plain, values: twice(plain.values), eta: twice(plain.eta) };
  expect(() => trainSurrogate(doubled, { seed: 0, topology: TOPOLOGY })).toThrow(/60 of the 120 rows are repeated/);
  const frozen = { ...plain, values: plain.values.map((value, i) => (i % 3 === 0 ? 1e5 : value)) };
  expect(() => trainSurrogate(frozen, { seed: 0, topology: TOPOLOGY })).toThrow(/R is 100000 in every row/);
});
