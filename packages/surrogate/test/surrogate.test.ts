import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, expect, test } from 'vitest';
import { etaNoise, evaluateSurrogate } from '../src/eta/evaluate.ts';
import { SurrogateModel } from '../src/eta/model.ts';
import { trainSurrogate } from '../src/eta/train.ts';
import { OutsideTrustRegionError } from '../src/eta/trust-region.ts';
import { encodeOnnx } from '../src/exchange/onnx.ts';
import { readSurrogate, writeSurrogate } from '../src/files.ts';
import { inverterTable, TOPOLOGY } from './inverters.ts';

const { curves: _, ...table } = inverterTable(300);
const trained = trainSurrogate(table, { seed: 3, topology: TOPOLOGY });
const folder = mkdtempSync(join(tmpdir(), 'neuroprint-surrogate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('300 samples of an inverter give a test error below 1e-6 and R² above 0.9999', () => {
  expect(trained.test.rows).toBe(30);
  expect(trained.test.mseNormalised).toBeLessThan(1e-6);
  for (const r2 of trained.test.r2) expect(r2).toBeGreaterThan(0.9999);
  const evaluation = evaluateSurrogate(trained.surrogate, table, { minimum: 0, maximum: 1 });
  expect(evaluation.rows).toBe(300);
  expect(evaluation.curveRmsVolts.p95).toBeLessThan(1e-3);
});

test('the netlist of the cell says that only R·W/L matters', () => {
  expect(trained.surrogate.features.map(({ exponents }) => exponents)).toEqual([{ R: 1, W: 1, L: -1 }]);
});

test('without a netlist the constraints lead to the same feature', () => {
  const { surrogate, test: result } = trainSurrogate(table, { seed: 3 });
  expect(surrogate.features).toHaveLength(1);
  expect(result.mseNormalised).toBeLessThan(1e-6);
});

test('the same seed gives the same bytes, another seed others', () => {
  const { curves: _, ...small } = inverterTable(60);
  const text = (seed: number) => JSON.stringify(trainSurrogate(small, { seed, topology: TOPOLOGY }));
  const first = text(1);
  expect(text(1)).toBe(first);
  expect(text(2)).not.toBe(first);
});

test('predict on values equals forward on their logarithms', () => {
  const model = SurrogateModel.of(trained.surrogate);
  const values = table.values.slice(0, 15);
  const predicted = model.predict(values, 5);
  expect([...model.forward(values.map(Math.log), 5)]).toEqual([...predicted]);
});

test('backward equals finite differences', () => {
  const model = SurrogateModel.of(trained.surrogate);
  const rows = 6;
  const logs = table.values.slice(0, rows * 3).map(Math.log);
  const weights = Float64Array.from({ length: rows * 4 }, (_, i) => Math.sin(3 * i + 1));
  const value = () => model.forward(logs, rows).reduce((sum, eta, i) => sum + weights[i]! * eta, 0);
  value();
  const gradient = new Float64Array(rows * 3);
  model.backward(weights, gradient);
  for (let i = 0; i < logs.length; i += 1) {
    const held = logs[i]!;
    logs[i] = held + 1e-5;
    const above = value();
    logs[i] = held - 1e-5;
    const below = value();
    logs[i] = held;
    expect(gradient[i]).toBeCloseTo((above - below) / 2e-5, 6);
  }
});

test('onnxruntime reads the ONNX file and gives the same η as for components rounded to float32, to 1e-7', async () => {
  const session = await InferenceSession.create(encodeOnnx(trained.surrogate));
  expect(session.inputNames).toEqual(['components']);
  expect(session.outputNames).toEqual(['eta']);
  const rows = table.eta.length / 4;
  const rounded = Float32Array.from(table.values);
  const components = new Tensor('float32', rounded, [rows, 3]);
  const { eta } = await session.run({ components });
  expect(eta!.dims).toEqual([rows, 4]);
  const expected = SurrogateModel.of(trained.surrogate).predict(Float64Array.from(rounded), rows);
  (eta!.data as Float32Array).forEach((value, i) => {
    expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(1e-7);
  });
});

test('a written surrogate is read back as it was, and refused for another cell', () => {
  writeSurrogate(folder, trained.surrogate);
  expect(readSurrogate(folder, { technology: 'egt', cell: 'negweight' })).toMatchObject(trained.surrogate);
  expect([...readFileSync(join(folder, 'surrogate.onnx'))]).toEqual([...encodeOnnx(trained.surrogate)]);
  expect(() => readSurrogate(folder, { technology: 'egt', cell: 'ptanh' })).toThrow(
    /surrogate\.json: is of egt\/negweight, and egt\/ptanh is needed/,
  );
});

test('matrices that do not fit together are refused when read', () => {
  const path = join(folder, 'surrogate.json');
  const raw = JSON.parse(readFileSync(path, 'utf8'));
  raw.layers[1].biases.pop();
  delete raw.checksum;
  writeFileSync(path, JSON.stringify(raw));
  expect(() => readSurrogate(folder)).toThrow(/matrices that do not fit together/);
});

test('values outside the trust region are refused with the component and the bound', () => {
  const model = SurrogateModel.of(trained.surrogate);
  model.assertInside(table.values);
  const outside = (values: readonly number[], spread?: number) => {
    try {
      model.assertInside(Float64Array.from(values), spread);
    } catch (error) {
      return error instanceof OutsideTrustRegionError ? `${error.component}, row ${error.row}` : String(error);
    }
    return 'inside';
  };
  expect(outside([100e3, 30e-6, 54e-6, 2e6, 30e-6, 54e-6])).toBe('R, row 1');
  expect(outside([20e3, 30e-6, 100e-6])).toBe('R*W/L>20000, row 0');
  expect(outside([100e3, 40e-6, 80e-6])).toBe('inside');
  expect(outside([100e3, 40e-6, 110e-6], 0.1)).toBe('L, row 0');
  expect(outside([22e3, 100e-6, 100e-6], 0.02)).toBe('inside');
  expect(outside([22e3, 100e-6, 100e-6], 0.05)).toBe('R*W/L>20000, row 0');
  expect(outside([Number.NaN, 30e-6, 54e-6])).toBe('R, row 0');
});

test('samples of another cell cannot be evaluated', () => {
  expect(() => evaluateSurrogate(trained.surrogate, { ...table, cell: 'ptanh' }, { minimum: 0, maximum: 1 })).toThrow(
    /egt\/ptanh/,
  );
});

test('the noise of η counts the designs that have a finer one, scaled by its extremes', () => {
  const fine = Float64Array.of(0, 1, 2, 3, 4, 5, 6, 7, ...Array<number>(4).fill(Number.NaN));
  const eta = Float64Array.of(0.4, 1, 2, 3, 4, 5, 6, 7, 1, 1, 1, 1);
  expect(etaNoise(eta, fine)).toEqual({ rows: 2, mseNormalised: expect.closeTo(0.1 ** 2 / 8, 12) });
  const range = { etaMin: [0, 0, 0, 0], etaMax: [8, 8, 8, 8] };
  expect(etaNoise(eta, fine, range).mseNormalised).toBeCloseTo(0.05 ** 2 / 8, 12);
});

test('fewer than 50 samples are refused', () => {
  expect(() => trainSurrogate(inverterTable(20), { seed: 0 })).toThrow(/at least 50 samples, and there are 20/);
});
