import { expect, test } from 'vitest';
import { errorBars } from '../src/eta/error-bar.ts';
import { SurrogateModel } from '../src/eta/model.ts';
import { trainSurrogate } from '../src/eta/train.ts';
import { OutsideTrustRegionError } from '../src/eta/trust-region.ts';
import { inverterTable, TOPOLOGY } from './inverters.ts';

const table = inverterTable(200);
const { surrogate } = trainSurrogate(table, { seed: 2, topology: TOPOLOGY });

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
