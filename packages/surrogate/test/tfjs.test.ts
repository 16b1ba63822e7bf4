import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { SurrogateModel } from '../src/eta/model.ts';
import { trainSurrogate } from '../src/eta/train.ts';
import { tfjsFitter } from '../src/exchange/tfjs.ts';
import { readTfjsModel, writeTfjsModel } from '../src/exchange/tfjs-files.ts';
import { inverterTable, TOPOLOGY } from './inverters.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-tfjs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { curves: _, ...table } = inverterTable(80);
const { surrogate } = trainSurrogate(table, { seed: 1, topology: TOPOLOGY });
const fitter = await tfjsFitter().catch((error: Error) => error);
const absent = fitter instanceof Error;

test('a layers model read back is the surrogate with weights rounded to float32', () => {
  writeTfjsModel(folder, surrogate);
  const back = readTfjsModel(folder);
  expect(back.layers[1]!.weights[2]![3]).toBe(Math.fround(surrogate.layers[1]!.weights[2]![3]!));
  const [a, b] = [surrogate, back].map((s) => SurrogateModel.of(s).predict(table.values, 80));
  a!.forEach((eta, i) => {
    expect(Math.abs(eta - b![i]!)).toBeLessThan(1e-4 * Math.abs(eta));
  });
});

test('a cut-off weights file and a layers model of another kind are refused', () => {
  writeTfjsModel(folder, surrogate);
  const weights = join(folder, 'weights.bin');
  writeFileSync(weights, readFileSync(weights).subarray(0, 100));
  expect(() => readTfjsModel(folder)).toThrow(/weights\.bin: has 100 bytes, and \d+ of float32 are needed/);
  writeFileSync(join(folder, 'model.json'), '{"format": "layers-model"}');
  expect(() => readTfjsModel(folder)).toThrow(/is no surrogate/);
});

test.skipIf(!absent)('without TensorFlow.js the message says what to install', () => {
  expect(String(fitter)).toMatch(/Neither @tensorflow\/tfjs-node nor @tensorflow\/tfjs is installed/);
});

test.skipIf(absent)('TensorFlow.js, where it is installed, trains a surrogate of an inverter', () => {
  if (fitter instanceof Error) return;
  const { test: result } = trainSurrogate(table, { seed: 1, topology: TOPOLOGY, fit: fitter.fit });
  expect(result.mseNormalised).toBeLessThan(1e-2);
});
