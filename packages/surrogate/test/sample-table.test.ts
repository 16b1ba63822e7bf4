import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSampleCsv } from '../src/eta/sample-csv.ts';
import { SPACE } from './inverters.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-samples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GOOD = ['100000', '0.00003', '0.000054', '-0.53', '0.46', '0.31', '11.4'];

/** A table of 60 good rows of which one cell is replaced. */
function csv(change: { row?: number; column?: number; to?: string; header?: string; rows?: number } = {}): string {
  const rows = Array.from({ length: change.rows ?? 60 }, (_, i) =>
    GOOD.map((cell, k) => (i + 2 === change.row && k === change.column ? change.to! : cell)).join(','),
  );
  const file = join(folder, 'samples.csv');
  writeFileSync(file, [change.header ?? 'R,W,L,eta1,eta2,eta3,eta4', ...rows].join('\n'));
  return file;
}

test('a table is read by the names of its columns, in the order of the technology', () => {
  const table = readSampleCsv(csv(), SPACE);
  expect([...table.values.slice(0, 3)]).toEqual([100e3, 30e-6, 54e-6]);
  expect([...table.eta.slice(4, 8)]).toEqual([-0.53, 0.46, 0.31, 11.4]);
  expect(table.hash).toMatch(/^[0-9a-f]{64}$/);
});

test('η₂ and η₄ both negative are the same curve with both signs turned', () => {
  const file = csv();
  writeFileSync(file, `R,W,L,eta1,eta2,eta3,eta4\n${'100000,3e-5,5.4e-5,-0.5,-0.4,0.3,-11\n'.repeat(50)}`);
  expect([...readSampleCsv(file, SPACE).eta.slice(0, 4)]).toEqual([-0.5, 0.4, 0.3, 11]);
});

test('bounds are met within the rounding of float32, and what missed one is put on it and counted', () => {
  const single = String(Math.fround(1e-5));
  const table = readSampleCsv(csv({ row: 5, column: 2, to: single }), SPACE);
  expect(single).toBe('0.000009999999747378752');
  expect(table.values[3 * 3 + 2]).toBe(1e-5);
  expect(table.notes).toEqual([expect.stringMatching(/1 values miss a bound by rounding, and are put on it/)]);
  expect(readSampleCsv(csv(), SPACE).notes).toEqual([]);
});

test('a bound that is missed by more is refused with digits enough to see it', () => {
  expect(() => readSampleCsv(csv({ row: 177, column: 2, to: '0.00000999998', rows: 200 }), SPACE)).toThrow(
    /row 177, column L: L = 0\.00000999998 metres is below 0\.00001 metres/,
  );
  expect(() => readSampleCsv(csv({ row: 177, column: 2, to: '0.00000999999', rows: 200 }), SPACE)).toThrow(
    /L = 0\.00000999999 metres is below 0\.00001 metres/,
  );
});

/** Sixty designs, no two the same. */
const DESIGNS = Array.from({ length: 60 }, (_, i) => [
  100e3 + 1000 * i,
  3e-5,
  5.4e-5,
  -0.53,
  0.46 + 0.001 * i,
  0.31,
  11.4,
]);
const NAMES = ['R', 'W', 'L', 'eta1', 'eta2', 'eta3', 'eta4'];
const written = (name: string, rows: readonly (readonly (number | string)[])[]): string => {
  const file = join(folder, name);
  writeFileSync(file, rows.map((row) => row.join(',')).join('\n'));
  return file;
};
const whole = () => readSampleCsv(written('whole.csv', [NAMES, ...DESIGNS]), SPACE);

test('component values and η in two files are joined row by row', () => {
  const values = written('values.csv', [
    ['design', ...NAMES.slice(0, 3)],
    ...DESIGNS.map((row, i) => [i, ...row.slice(0, 3)]),
  ]);
  const eta = written('eta.csv', [['design', ...NAMES.slice(3)], ...DESIGNS.map((row, i) => [i, ...row.slice(3)])]);
  const joined = readSampleCsv(values, SPACE, eta);
  expect([joined.values, joined.eta]).toEqual([whole().values, whole().eta]);
  expect(() => readSampleCsv(values, SPACE)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('--eta') as string }),
  );
  const short = written('short.csv', [NAMES.slice(3), ...DESIGNS.slice(1).map((row) => row.slice(3))]);
  expect(() => readSampleCsv(values, SPACE, short)).toThrow(/short\.csv: has 59 rows, and .*values\.csv has 60/);
  const shifted = written('shifted.csv', [
    ['design', ...NAMES.slice(3)],
    ...DESIGNS.map((row, i) => [(i + 1) % 60, ...row.slice(3)]),
  ]);
  expect(() => readSampleCsv(values, SPACE, shifted)).toThrow(/shifted\.csv, row 2, column design: is 1, and 0 in/);
  expect(() => readSampleCsv(written('both.csv', [NAMES, ...DESIGNS]), SPACE, eta)).toThrow(
    /column eta1: stands in .*eta\.csv too/,
  );
});

test('columns without names are taken in the usual order where they are as many, and this is said', () => {
  const values = written(
    'bare-values.csv',
    DESIGNS.map((row) => row.slice(0, 3)),
  );
  const eta = written('counted-eta.csv', [[0, 1, 2, 3], ...DESIGNS.map((row) => row.slice(3))]);
  const joined = readSampleCsv(values, SPACE, eta);
  expect([joined.values, joined.eta]).toEqual([whole().values, whole().eta]);
  expect(joined.notes).toEqual([
    expect.stringMatching(/bare-values\.csv: its columns have no names, and are taken as R, W, L, in this order/),
    expect.stringMatching(/counted-eta\.csv: its columns have no names, and are taken as eta1, eta2, eta3, eta4/),
  ]);
  expect(() =>
    readSampleCsv(
      written(
        'swapped.csv',
        DESIGNS.map(([r, w, l]) => [w!, r!, l!]),
      ),
      SPACE,
      eta,
    ),
  ).toThrow(/swapped\.csv, row 1, column R: R = 0\.00003 ohms is below 20000 ohms/);
  expect(() =>
    readSampleCsv(
      written(
        'wide.csv',
        DESIGNS.map((row) => [...row, 1]),
      ),
      SPACE,
    ),
  ).toThrow(/column R: there is no such column/);
});

test('a table whose columns stand as rows is turned', () => {
  const turned = readSampleCsv(
    written(
      'turned.csv',
      NAMES.map((name, k) => [name, ...DESIGNS.map((row) => row[k]!)]),
    ),
    SPACE,
  );
  expect([turned.values, turned.eta]).toEqual([whole().values, whole().eta]);
  expect(turned.notes[0]).toMatch(/turned\.csv: its columns stand as rows, and are turned/);
});

test.each([
  ['a missing column', { header: 'R,W,length,eta1,eta2,eta3,e4' }, /column L: there is no such column \(nor eta4\)/],
  ['a cell that is NaN', { row: 7, column: 4, to: 'NaN' }, /row 7, column eta2: "NaN" is not a finite number/],
  ['an empty cell', { row: 9, column: 0, to: '' }, /row 9, column R: the cell is empty/],
  ['micrometres', { row: 2, column: 1, to: '30' }, /row 2, column W: W = 30 metres is above 0\.0008 metres/],
  ['a broken constraint', { row: 3, column: 0, to: '20000' }, /row 3, column R\*W\/L>20000: the values do not satisfy/],
  ['a curve that does not switch', { row: 4, column: 6, to: '-3' }, /row 4, column eta4: -3 is not positive/],
  ['too few rows', { rows: 49 }, /has 49 rows, and at least 50 are needed/],
])('%s is refused with row and column', (_, change, message) => {
  expect(() => readSampleCsv(csv(change), SPACE)).toThrow(message);
});
