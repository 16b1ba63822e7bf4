import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../src/tables/dataset.ts';
import { circles, generatedCsv, moons, yinYang, yinYangClass } from '../src/tables/generated.ts';

describe('Yin-Yang', () => {
  const table = yinYang({ rows: 3000, seed: 1 });

  it('lies in the disc, with the complement of each coordinate', () => {
    for (const [x, y, notX, notY] of table.rows as [number, number, number, number][]) {
      expect(Math.hypot(x - 0.5, y - 0.5)).toBeLessThanOrEqual(0.5);
      expect([notX, notY]).toEqual([1 - x, 1 - y]);
    }
  });

  it('has three classes, as frequent', () => {
    for (const name of ['yin', 'yang', 'dot']) {
      const share = table.labels.filter((label) => label === name).length / 3000;
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.03);
    }
  });

  it('is symmetric: half a turn changes yin and yang', () => {
    table.rows.forEach(([x, y], i) => {
      const turned = yinYangClass(1 - x!, 1 - y!, 0.5, 0.1);
      expect(turned).toBe({ yin: 'yang', yang: 'yin', dot: 'dot' }[table.labels[i]!]);
    });
  });

  it('knows the published points: the dots, their surroundings, and the halves above and below', () => {
    const at = (x: number, y: number) => yinYangClass(x, y, 0.5, 0.1);
    expect([at(0.25, 0.5), at(0.75, 0.5)]).toEqual(['dot', 'dot']);
    expect([at(0.25, 0.35), at(0.75, 0.65)]).toEqual(['yang', 'yin']);
    expect([at(0.4, 0.95), at(0.6, 0.05)]).toEqual(['yang', 'yin']);
  });

  it('is the same for the same seed, and other rows do not move the first ones', () => {
    expect(yinYang({ rows: 10, seed: 1 }).rows).toEqual(table.rows.slice(0, 10));
    expect(yinYang({ rows: 10, seed: 2 }).rows).not.toEqual(table.rows.slice(0, 10));
  });

  it('refuses radii that leave no room, and no rows', () => {
    expect(() => yinYang({ rows: 3, seed: 0, smallRadius: 0.3 })).toThrow(/radii are 0.5 and 0.3/);
    expect(() => yinYang({ rows: 0, seed: 0 })).toThrow(/rows is 0/);
  });
});

describe('moons', () => {
  it('without noise are two half circles through each other’s middle', () => {
    const { rows, labels } = moons({ rows: 100, seed: 0, noise: 0 });
    rows.forEach(([x, y], i) => {
      const upper = labels[i] === 'upper';
      expect(Math.hypot(x! - (upper ? 0 : 1), y! - (upper ? 0 : 0.5))).toBeCloseTo(1, 12);
      expect(upper ? y! : 0.5 - y!).toBeGreaterThanOrEqual(-1e-12);
    });
    expect(labels.filter((label) => label === 'upper')).toHaveLength(50);
    expect(() => moons({ rows: 10, seed: 0, noise: -1 })).toThrow(/noise is -1/);
  });
});

describe('circles', () => {
  it('without noise are two circles, half of the rows on each', () => {
    const { rows, labels } = circles({ rows: 200, seed: 0, factor: 0.5 });
    rows.forEach(([x, y], i) => {
      expect(Math.hypot(x!, y!)).toBeCloseTo(labels[i] === 'outer' ? 1 : 0.5, 12);
    });
    expect(labels.filter((label) => label === 'outer')).toHaveLength(100);
  });

  it('with noise spread by its standard deviation', () => {
    const { rows, labels } = circles({ rows: 4000, seed: 0, noise: 0.05 });
    const off = rows.map(([x, y], i) => Math.hypot(x!, y!) - (labels[i] === 'outer' ? 1 : 0.8));
    const std = Math.sqrt(off.reduce((sum, d) => sum + d * d, 0) / off.length);
    expect(std).toBeGreaterThan(0.045);
    expect(std).toBeLessThan(0.055);
  });

  it('refuses a factor of 1 and negative noise', () => {
    expect(() => circles({ rows: 4, seed: 0, factor: 1 })).toThrow(/factor is 1/);
    expect(() => circles({ rows: 4, seed: 0, noise: -1 })).toThrow(/noise is -1/);
  });
});

it('a generated table is read back as it was made', () => {
  const table = circles({ rows: 60, seed: 3, noise: 0.1 });
  const file = join(mkdtempSync(join(tmpdir(), 'neuroprint-generated-')), 'circles.csv');
  writeFileSync(file, generatedCsv(table));
  const data = readDataset(file);
  expect(data.columns).toEqual(table.featureNames.map((_, k) => Float64Array.from(table.rows, (row) => row[k]!)));
  expect(data.classNames).toEqual(['inner', 'outer']);
});
