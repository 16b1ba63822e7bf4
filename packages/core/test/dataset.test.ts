import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../src/tables/dataset.ts';
import { inputRanges } from '../src/tables/input-ranges.ts';
import { toVoltageRows } from '../src/tables/voltage-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-dataset-'));
function table(text: string): string {
  const path = join(folder, 'table.csv');
  writeFileSync(path, text);
  return path;
}

const rows = Array.from({ length: 20 }, (_, i) => `${i}.5,${100 - i}.5,${i % 2 === 0 ? 'b' : 'a'}`);
const good = ['x,y,label', ...rows].join('\n');

describe('a data set', () => {
  it('has its classes in alphabetical order and its rows split 60/20/20 within each class', () => {
    const data = readDataset(table(good), { seed: 3 });
    expect(data.classNames).toEqual(['a', 'b']);
    for (const label of [0, 1]) {
      const parts = [0, 1, 2].map(
        (part) =>
          [...data.labels.keys()].filter((row) => data.labels[row] === label && data.split[row] === part).length,
      );
      expect(parts).toEqual([6, 2, 2]);
    }
    expect(readDataset(table(good), { seed: 3 }).split).toEqual(data.split);
    expect(readDataset(table(good), { seed: 4 }).split).not.toEqual(data.split);
  });

  it('is scaled to volts by ranges, and held at the rails beyond them', () => {
    const data = readDataset(table(good), { seed: 3 });
    const ranges = inputRanges(data, { beyondShare: 0 });
    const train = toVoltageRows(data, ranges, data.classNames, 'train');
    expect(Math.min(...train.volts)).toBe(0);
    expect(Math.max(...train.volts)).toBe(1);
    expect(train.clipped).toBe(0);
    const all = toVoltageRows(
      data,
      ranges.map((range) => ({ ...range, maximum: range.maximum - 5 })),
      data.classNames,
      'all',
    );
    expect(Math.max(...all.volts)).toBe(1);
    expect(all.clipped).toBeGreaterThan(0);
  });

  it('is split by the seed where that is asked for, and its split column is no feature', () => {
    const file = table(
      `x,label,split\n${Array.from({ length: 20 }, (_, i) => `${i}.5,${i % 2 ? 'a' : 'b'},train\n`).join('')}`,
    );
    const data = readDataset(file, { resplit: true, seed: 1 });
    expect(data.splitFrom).toBe('seed');
    expect(data.featureNames).toEqual(['x']);
    expect([0, 1, 2].map((part) => data.split.filter((s) => s === part).length)).toEqual([12, 4, 4]);
  });

  describe('with missing values', () => {
    const holes = good.replace('7.5,93.5', ',93.5').replace('12.5,88.5', '12.5,NA');

    it('is refused with the place and the ways out', () => {
      expect(() => readDataset(table(holes))).toThrow(
        expect.objectContaining({
          message: expect.stringMatching(/row 9, column x: the cell is empty/) as string,
          hint: expect.stringContaining('--missing') as string,
        }),
      );
    });

    it('loses those rows where they are dropped', () => {
      const data = readDataset(table(holes), { missing: 'drop' });
      expect(data.missing).toEqual({ imputedCells: 0, droppedRows: 2 });
      expect(data.labels).toHaveLength(18);
      expect(data.columns.every((column) => column.every(Number.isFinite))).toBe(true);
      expect(data.columns[0]).not.toContain(12.5);
    });

    it('gets the mean of the training rows where they are imputed', () => {
      const text = 'x,label,split\n1,a,train\n5,b,train\n?,a,valid\n100,b,test\n';
      const data = readDataset(table(text), { missing: 'impute' });
      expect(data.missing).toEqual({ imputedCells: 1, droppedRows: 0 });
      expect(data.columns).toEqual([Float64Array.of(1, 5, 3, 100)]);
    });

    it('is refused where nothing would be left, or no training row knows a column', () => {
      expect(() => readDataset(table('x,y,label\n,1,a\n2,,b\n'), { missing: 'drop' })).toThrow(
        /missing value in every row/,
      );
      const text = 'x,y,label,split\n,1,a,train\n,2,b,train\n3,3,a,valid\n4,4,b,test\n';
      expect(() => readDataset(table(text), { missing: 'impute' })).toThrow(/no value in any training row/);
    });
  });

  it.each<[string, string, RegExp]>([
    ['nothing in it', '', /table\.csv: is empty/],
    ['a header only', 'x,label\n', /has a header and no rows/],
    ['no label column', good.replace('label', 'z').replace(/[ab]$/gm, '1.5'), /no column is called label, class/],
    ['a word among numbers', good.replace('7.5,93.5', 'seven,93.5'), /row 9, column x: "seven" is not a finite number/],
    ['NaN', good.replace('7.5,93.5', 'NaN,93.5'), /row 9, column x: "NaN" is not a finite number/],
    ['an empty cell', good.replace('7.5,93.5', ',93.5'), /row 9, column x: the cell is empty/],
    ['one class', good.replaceAll(/,a$/gm, ',b'), /has one class only \("b"\)/],
    [
      'constant columns only',
      good.replaceAll(/^\d+\.5,/gm, '5,').replaceAll(/,[\d.]+,/gm, ',7,'),
      /no feature column beside label: x is 5 in every row, y is 7/,
    ],
    ['a ragged row after empty lines', good.replace('7.5,93.5,a', '\n  \n7.5,93.5'), /row 11: has 2 cells/],
    ['text after an empty line', `\n${good.replace('7.5,93.5,a', '7,much,a')}`, /row 10, column y: "much"/],
    ['a ragged row', good.replace('7.5,93.5,a', '7.5,93.5'), /row 9: has 2 cells, and the header has 3/],
    ['a column named twice', good.replace('x,y', 'x,x'), /row 1, column x: is named twice/],
    [
      'a split that is none',
      'x,label,split\n1,a,train\n2,b,other\n',
      /row 3, column split: "other" is not train, valid or test/,
    ],
    ['a part that is empty', 'x,label,split\n1,a,train\n2,b,test\n', /the valid part is empty/],
    ['labels only', 'label\na\nb\n', /has no feature column/],
  ])('with %s is refused, and the message says where', (_, text, message) => {
    expect(() => readDataset(table(text))).toThrow(message);
  });

  it('that lacks a column or has a class the network does not know is refused', () => {
    const data = readDataset(table(good));
    expect(() => toVoltageRows(data, [{ name: 'z', minimum: 0, maximum: 1 }], data.classNames, 'all')).toThrow(
      /column z: there is no such column/,
    );
    expect(() => toVoltageRows(data, inputRanges(data), ['a', 'c'], 'all')).toThrow(/does not know the class "b"/);
  });
});
