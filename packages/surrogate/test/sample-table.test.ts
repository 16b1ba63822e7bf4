import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSampleCsv } from '../src/eta/sample-table.ts';
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
