import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Draws } from '@neuroprint/core';
import { afterAll, describe, expect, it } from 'vitest';
import {
  crossing,
  hiddenSizes,
  networksOf,
  rankCorrelation,
  studyNetwork,
} from '../src/activations/activation-study.ts';
import { scoreRegression, trainRegression } from '../src/activations/regress.ts';
import { readRegressionTable } from '../src/activations/regression-table.ts';
import { randomNoise, smoothShapes } from '../src/activations/shapes.ts';
import { DenseNetwork } from '../src/bayesmulti/dense-network.ts';

const folder = mkdtempSync(join(tmpdir(), 'regression-'));
afterAll(() => rmSync(folder, { recursive: true }));
const draws = new Draws(2, 'regression test');

function file(text: string): string {
  const path = join(folder, 'table.csv');
  writeFileSync(path, text);
  return path;
}

const lines = Array.from({ length: 200 }, (_, i) => {
  const [a, b] = [draws.uniform(i, 0), draws.uniform(i, 1)];
  return `${a},${b},${100 * Math.sin(3 * a) + 20 * b}`;
});
const table = readRegressionTable(file(`a,b,target\n${lines.join('\n')}\n`));

describe('readRegressionTable', () => {
  it('splits 60/20/20 and scales by the training rows', () => {
    expect(table.rows.train.targets).toHaveLength(120);
    expect(table.rows.test.targets).toHaveLength(40);
    expect(Math.max(...table.rows.train.features)).toBeCloseTo(1, 12);
    expect(Math.min(...table.rows.train.targets)).toBeCloseTo(-1, 12);
  });

  it.each([
    ['text', 'a,target\n1,2\nx,3\n2,5\n', /row 3, column a/],
    ['no target', 'a,b\n1,2\n', /column target: there is no such column/],
    ['a constant target', `a,target\n${'1,5\n2,5\n'.repeat(10)}`, /column target: is constant/],
    ['too few rows', 'a,target\n1,2\n2,3\n', /fewer than two/],
  ])('refuses %s', (_, text, message) => {
    expect(() => readRegressionTable(file(text))).toThrow(message);
  });
});

describe('trainRegression', () => {
  it.each([
    ['Levenberg–Marquardt', [6]],
    ['L-BFGS', [12, 12]],
  ] as const)('fits a smooth function by %s', (_, hidden) => {
    const network = trainRegression(table, hidden, { seed: 0 });
    const { rmse, r } = scoreRegression(network, table.rows.test, table.half);
    expect(r).toBeGreaterThan(0.998);
    expect(rmse).toBeLessThan(2);
  });

  it('recovers most of what uneven activations cost', () => {
    const network = trainRegression(table, [6], { seed: 0 });
    const change = smoothShapes(0.3, 1);
    const before = scoreRegression(network, table.rows.test, table.half, change);
    const again = trainRegression(table, [6], { seed: 0, from: network, change });
    const after = scoreRegression(again, table.rows.test, table.half, change);
    expect(after.rmse).toBeLessThan(0.3 * before.rmse);
  });
});

describe('the Jacobian of a network', () => {
  it('is that of finite differences, through changed activations too', () => {
    const network = new DenseNetwork([2, 4, 3, 1], 'tanh');
    network.start(draws, 0);
    const x = Float64Array.of(0.3, -0.2, 0.9, 0.4);
    const change = smoothShapes(0.2, 3);
    const width = network.parameters.length;
    const jacobian = new Float64Array(2 * width);
    network.forward(x, 2, undefined, change);
    network.jacobian(jacobian);
    for (let k = 0; k < width; k += 1) {
      const kept = network.parameters[k]!;
      network.parameters[k] = kept + 1e-7;
      const up = network.forward(x, 2, undefined, change).slice();
      network.parameters[k] = kept - 1e-7;
      const down = network.forward(x, 2, undefined, change).slice();
      network.parameters[k] = kept;
      for (const row of [0, 1]) expect(jacobian[row * width + k]).toBeCloseTo((up[row]! - down[row]!) / 2e-7, 5);
    }
  });
});

describe('what is added to activations', () => {
  const rows = 20_000;
  it('is uniform noise of width A with mean 0, and other noise in another draw', () => {
    const y = new Float64Array(rows);
    randomNoise(0.4, 0, 0)(0, y, y, y, 1);
    const mean = y.reduce((sum, v) => sum + v, 0) / rows;
    expect(mean).toBeCloseTo(0, 2);
    expect(Math.sqrt(y.reduce((sum, v) => sum + v * v, 0) / rows)).toBeCloseTo(0.4 / Math.sqrt(12), 3);
    const other = new Float64Array(rows);
    randomNoise(0.4, 0, 1)(0, other, other, other, 1);
    expect(other[0]).not.toBe(y[0]);
  });

  it('is a smooth shape of height A for each neuron, fixed by the seed', () => {
    const z = Float64Array.from({ length: 2 * 601 }, (_, i) => -3 + Math.floor(i / 2) / 100);
    const shapes = (seed: number): Float64Array => {
      const y = new Float64Array(z.length);
      smoothShapes(0.5, seed)(0, z, y, new Float64Array(z.length), 2);
      return y;
    };
    const y = shapes(4);
    const first = y.filter((_, i) => i % 2 === 0);
    expect(Math.max(...first) - Math.min(...first)).toBeCloseTo(0.5, 3);
    expect(Math.max(...first.slice(1).map((v, i) => Math.abs(v - first[i]!)))).toBeLessThan(0.02);
    expect(shapes(4)).toEqual(y);
    expect(shapes(5)).not.toEqual(y);
    expect(first).not.toEqual(y.filter((_, i) => i % 2 === 1));
  });
});

describe('the study', () => {
  it('divides neurons evenly, finds where a line is crossed, and ranks', () => {
    expect(hiddenSizes(3, 10)).toEqual([3, 3, 4]);
    const scores = [1, 2, 4].map((rmse) => ({ rmse, r: 1 }));
    expect(crossing([0, 0.1, 0.2], scores, 3)).toBeCloseTo(0.15, 12);
    expect(crossing([0, 0.1, 0.2], scores, 0.5)).toBeUndefined();
    expect(rankCorrelation([1, 2, 3], [10, 20, 15])).toBeCloseTo(0.5, 12);
  });

  it('reports every network of the grid, and refuses an impossible one', () => {
    const grid = { layers: [1], neurons: [3], amplitudes: [0, 0.5], retrainAt: [0.5], draws: 2, seed: 0 };
    const [hidden] = networksOf(grid);
    const network = studyNetwork({ table, hidden: hidden!, options: grid });
    expect(network.smooth[1]!.rmse).toBeGreaterThan(network.smooth[0]!.rmse);
    expect(network.retrained[0]!.after.rmse).toBeLessThan(network.retrained[0]!.before.rmse);
    expect(() => networksOf({ ...grid, layers: [4] })).toThrow(/3 neurons cannot fill 4 layers/);
    expect(() => networksOf({ ...grid, amplitudes: [-1] })).toThrow(/must be 0 or more/);
  });
});
